package fakeserver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/shmif"
)

// A BusFault is what becomes of the packets between the kernel and its buses. It
// holds for interfaces that are attached to one from then on, in real time.
type BusFault struct {
	shmif.Conditions

	// Seed is what chance comes from; 0 is one that the kernel's console tells.
	Seed uint64
}

// Validate returns an error if the rule makes no sense.
func (f BusFault) Validate() error {
	if f.Loss == 0 && f.Duplicate == 0 && f.Reorder == 0 && f.Corrupt == 0 && f.Delay == 0 && f.Jitter == 0 {
		return errors.New("it says not what happens: loss, duplicate, reorder, corrupt, delay or jitter")
	}
	return f.Conditions.Validate()
}

func (f *BusFault) set(name, value string) (err error) {
	switch name {
	case "loss":
		f.Loss, err = strconv.ParseFloat(value, 64)
	case "duplicate":
		f.Duplicate, err = strconv.ParseFloat(value, 64)
	case "reorder":
		f.Reorder, err = strconv.ParseFloat(value, 64)
	case "corrupt":
		f.Corrupt, err = strconv.ParseFloat(value, 64)
	case "delay":
		f.Delay, err = time.ParseDuration(value)
	case "jitter":
		f.Jitter, err = time.ParseDuration(value)
	case "seed":
		f.Seed, err = strconv.ParseUint(value, 10, 64)
	default:
		err = errUnknownName
	}
	return err
}

// wires are the segments between a kernel and its buses, while there are faults
// of them.
type wires struct {
	k      *Kernel
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newWires(k *Kernel) *wires {
	w := &wires{k: k}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

func (w *wires) close() {
	w.cancel()
	w.wg.Wait()
}

// open opens a bus. With faults the kernel has one of its own, and a segment that
// misbehaves carries frames between the two.
func (w *wires) open(path string) (*shmif.Bus, error) {
	bus, err := shmif.Create(path)
	fault := w.k.faults.bus()
	if err != nil || fault == nil {
		return bus, err
	}
	near, err := w.impair(path, bus, *fault)
	if err != nil {
		bus.Close()
	}
	return near, err
}

func (w *wires) impair(path string, far *shmif.Bus, fault BusFault) (*shmif.Bus, error) {
	dir, err := os.MkdirTemp("", "rumpscript-bus-")
	if err != nil {
		return nil, err
	}
	near, err := shmif.Create(filepath.Join(dir, "bus"))
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	for fault.Seed == 0 {
		fault.Seed = rand.Uint64()
	}
	segment, err := shmif.NewSegment(shmif.SegmentOptions{Conditions: fault.Conditions, Seed: fault.Seed},
		shmif.Port{Name: "kernel", Bus: near}, shmif.Port{Name: "bus", Bus: far})
	if err != nil {
		near.Close()
		os.RemoveAll(dir)
		return nil, err
	}
	w.k.core.Console().Print(fmt.Sprintf("bus %s: seed = %d\n", path, fault.Seed))
	w.wg.Go(func() {
		defer os.RemoveAll(dir)
		defer far.Close()
		segment.Run(w.ctx) // until the interface lets go of its bus
	})
	return near, nil
}
