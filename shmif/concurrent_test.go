package shmif

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// Writers and readers with mappings of their own: each reader sees each writer's frames in order, and what it does not
// see it was told about.
func TestConcurrentWritersAndReaders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBus(t)
		defer b.Close()
		writers := rapid.IntRange(1, 3).Draw(rt, "writers")
		readers := rapid.IntRange(1, 2).Draw(rt, "readers")
		each := rapid.IntRange(1, 1500).Draw(rt, "each")
		size := rapid.IntRange(22, MaxFrame).Draw(rt, "size")
		start := mustEnd(t, b)
		total := Position(writers * each * (size + hdrSize))

		var wg sync.WaitGroup
		for range readers {
			other, err := Open(b.Path())
			if err != nil {
				rt.Fatal(err)
			}
			defer other.Close()
			wg.Go(func() {
				r := other.NewReader(start)
				next := make(map[uint64]int)
				seen, lost := 0, uint64(0)
				for r.Position() < start+total {
					f, err := r.Next(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					lost += f.Lost
					seen++
					n := number(f)
					if n < next[f.Sender] || n > next[f.Sender] && lost == 0 {
						t.Errorf("sender %d: frame %d instead of %d, lost %d", f.Sender, n, next[f.Sender], lost)
						return
					}
					next[f.Sender] = n + 1
				}
				if uint64(seen*(size+hdrSize))+lost != uint64(total) {
					t.Errorf("saw %d frames of %d, lost %d bytes", seen, writers*each, lost)
				}
			})
		}
		for w := range writers {
			other, err := Open(b.Path())
			if err != nil {
				rt.Fatal(err)
			}
			defer other.Close()
			wg.Go(func() {
				for i := range each {
					if _, err := other.SendAs(uint64(w), frame(i, size)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if mustEnd(t, b) != start+total {
			rt.Errorf("ends at %v", mustEnd(t, b))
		}
	})
}

// Someone scribbles over the bus while it is in use: errors, and nothing else.
func TestScribblerOnTheBus(t *testing.T) {
	b := newBus(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		defer close(stop)
		for i := range uint64(3000) {
			x := i * 0x9e3779b97f4a7c15
			var w [8]byte
			binary.NativeEndian.PutUint64(w[:], x>>(i%60))
			off := int64(x>>40) % Size
			if i%3 == 0 {
				off = offGen + int64(x>>50)%16
			}
			if off >= offLock-8 && off < offData {
				off = offData
			}
			b.file.WriteAt(w[:], off)
		}
	})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			var fe *FormatError
			if _, err := b.Send(frame(1, 700)); err != nil && !errors.As(err, &fe) {
				t.Error(err)
			}
			if fs, err := b.Snapshot(); err != nil && !errors.As(err, &fe) {
				t.Error(len(fs), err)
			}
		}
	})
	wg.Wait()
}
