package shmif

import (
	"fmt"
	"slices"
	"time"
)

// Conditions are what a Segment does to the frames it carries. The zero value carries them at once and in order.
type Conditions struct {
	// Delay is how long a frame is under way; Jitter, up to which a random time is added. Neither changes the order.
	Delay, Jitter time.Duration

	// Loss, Duplicate and Reorder are the probabilities, from 0 to 1, that a frame is lost, that it arrives twice, and
	// that it arrives after the one which was sent next (or ReorderGap late, if none is). Corrupt is that of one bit
	// being wrong in what the frame carries, behind its Ethernet header.
	Loss, Duplicate, Reorder, Corrupt float64

	// Rate is in bits per second, 0 for any. Frames wait for their turn in a queue of Queue bytes, 64 KiB if 0; what
	// does not fit is lost.
	Rate  int64
	Queue int

	// Down carries nothing, as if the cable had been pulled.
	Down bool

	// Partition lists groups of ports, by name. A frame goes from one port to another only if some group has both, or
	// if none has either. Frames go everywhere while there are no groups.
	Partition [][]string

	// Drop, if set, decides first: a frame for which it returns true is lost. It is called for each frame and port
	// that it would go to, in order, by one goroutine.
	Drop func(from, to string, f Frame) bool
}

// ReorderGap is how long a reordered frame waits for the one that overtakes it.
const ReorderGap = 50 * time.Millisecond

const defaultQueue = 64 << 10

// Validate returns what is wrong with the conditions.
func (c Conditions) Validate() error {
	for _, p := range []struct {
		name string
		v    float64
	}{{"loss", c.Loss}, {"duplicate", c.Duplicate}, {"reorder", c.Reorder}, {"corrupt", c.Corrupt}} {
		if !(p.v >= 0 && p.v <= 1) {
			return fmt.Errorf("shmif: %s %v is not between 0 and 1", p.name, p.v)
		}
	}
	switch {
	case c.Delay < 0 || c.Jitter < 0:
		return fmt.Errorf("shmif: negative delay or jitter")
	case c.Rate < 0 || c.Queue < 0:
		return fmt.Errorf("shmif: negative rate or queue")
	}
	return nil
}

// parted says whether the partition keeps from and to apart.
func (c Conditions) parted(from, to string) bool {
	apart := false
	for _, group := range c.Partition {
		f, t := slices.Contains(group, from), slices.Contains(group, to)
		if f && t {
			return false
		}
		apart = apart || f || t
	}
	return apart
}
