package shmif

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"
)

// A shaper applies conditions to one direction, from one port to another. It knows no clock: it is told the time and
// says when frames are due. What it decides depends on its seed and its frames only.
type shaper struct {
	from, to string
	rng      *rand.Rand
	damage   *rand.Rand // what is corrupted, and how

	free time.Time // when the line has sent what waits for it
	last time.Time // when the last frame is due; others do not overtake it
	held *delivery // a reordered frame that nothing has overtaken yet
}

// A delivery is a frame on its way.
type delivery struct {
	frame Frame
	port  int
	due   time.Time
	seq   uint64 // order among those due at once
	index int    // in the queue
}

type outcome int

const (
	carried outcome = iota
	lostByChance
	lostByDrop
	lostToQueue
	lostToLink
)

// admit takes a frame in and puts it on q, once or twice, unless it is lost.
func (s *shaper) admit(q *queue, c *Conditions, now time.Time, f Frame, port int) outcome {
	// The same number of draws for each frame: changing one condition does not shuffle the others.
	damage, place := s.damage.Float64(), s.damage.Float64()
	loss, dup, reorder, jitter := s.rng.Float64(), s.rng.Float64(), s.rng.Float64(), s.rng.Float64()
	switch {
	case c.Drop != nil && c.Drop(s.from, s.to, f):
		return lostByDrop
	case c.Down || c.parted(s.from, s.to):
		return lostToLink
	case loss < c.Loss:
		return lostByChance
	}
	if damage < c.Corrupt {
		f.Data = corrupt(f.Data, place)
	}
	due := now
	if c.Rate > 0 {
		perByte := float64(8*time.Second) / float64(c.Rate)
		limit := c.Queue
		if limit == 0 {
			limit = defaultQueue
		}
		if s.free.Before(now) {
			s.free = now
		}
		if waiting := float64(s.free.Sub(now)) / perByte; waiting > 0 && waiting+float64(len(f.Data)) > float64(limit) {
			return lostToQueue
		}
		s.free = s.free.Add(time.Duration(perByte * float64(len(f.Data))))
		due = s.free
	}
	due = due.Add(c.Delay + time.Duration(jitter*float64(c.Jitter)))
	if s.held != nil && s.held.index < 0 {
		s.held = nil // nothing overtook it in time
	}
	if s.held == nil && reorder < c.Reorder {
		s.held = q.add(f, port, later(due, s.last).Add(ReorderGap))
		return carried
	}
	due = later(due, s.last)
	s.last = due
	q.add(f, port, due)
	if dup < c.Duplicate {
		q.add(f, port, due)
	}
	if h := s.held; h != nil {
		s.held = nil
		q.move(h, due)
	}
	return carried
}

// corrupt returns a copy of a frame with one bit of what it carries turned, at a place from 0 to 1.
func corrupt(data []byte, place float64) []byte {
	const header = 14 // of Ethernet, which has no checksum here and only says who is to have the frame
	data = slices.Clone(data)
	if len(data) > header {
		bit := int(place * float64(8*(len(data)-header)))
		data[header+bit/8] ^= 1 << (bit % 8)
	}
	return data
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// A queue holds the deliveries of a segment by the time they are due.
type queue struct {
	seq   uint64
	items []*delivery
}

func (q *queue) add(f Frame, port int, due time.Time) *delivery {
	d := &delivery{frame: f, port: port, due: due, seq: q.seq}
	q.seq++
	heap.Push(q, d)
	return d
}

// move makes d due with, and behind, what is due then.
func (q *queue) move(d *delivery, due time.Time) {
	d.due, d.seq = due, q.seq
	q.seq++
	heap.Fix(q, d.index)
}

// pop takes the next delivery that is due.
func (q *queue) pop(now time.Time) *delivery {
	if len(q.items) == 0 || q.items[0].due.After(now) {
		return nil
	}
	return heap.Pop(q).(*delivery)
}

// next says when something will be due.
func (q *queue) next() (time.Time, bool) {
	if len(q.items) == 0 {
		return time.Time{}, false
	}
	return q.items[0].due, true
}

// The methods of heap.Interface.

func (q *queue) Len() int { return len(q.items) }
func (q *queue) Less(i, j int) bool {
	a, b := q.items[i], q.items[j]
	if a.due.Equal(b.due) {
		return a.seq < b.seq
	}
	return a.due.Before(b.due)
}
func (q *queue) Swap(i, j int) {
	q.items[i], q.items[j] = q.items[j], q.items[i]
	q.items[i].index, q.items[j].index = i, j
}
func (q *queue) Push(x any) {
	d := x.(*delivery)
	d.index = len(q.items)
	q.items = append(q.items, d)
}
func (q *queue) Pop() any {
	d := q.items[len(q.items)-1]
	q.items[len(q.items)-1] = nil
	q.items = q.items[:len(q.items)-1]
	d.index = -1
	return d
}
