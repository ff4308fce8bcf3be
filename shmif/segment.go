package shmif

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// A Port is where a segment meets a bus. One kernel on each port gives every pair of kernels conditions of their own.
type Port struct {
	Name string
	Bus  *Bus
}

// SegmentOptions say how a segment behaves.
type SegmentOptions struct {
	Conditions Conditions
	Seed       uint64 // of all that is random; chosen at random if 0
	Clock      Clock  // SystemClock if nil
}

// A Segment carries frames between buses, each to all others, and does to them what its conditions say. Frames keep
// sender and stamp, so that a capture on any of the buses knows who sent what.
type Segment struct {
	ports []*port
	clock Clock
	seed  uint64

	mu    sync.Mutex
	cond  Conditions
	stats SegmentStats
}

// SegmentStats count what became of frames. A frame counts once for each port that it would go to.
type SegmentStats struct {
	Carried   uint64 // sent on their way
	Lost      uint64 // by chance (Loss)
	Dropped   uint64 // by Drop
	QueueFull uint64 // by Rate and Queue
	LinkDown  uint64 // by Down and Partition
	Overrun   uint64 // bytes of a bus overwritten before the segment could read them
}

type port struct {
	Port
	shapers []*shaper // by the port a frame goes to

	mu     sync.Mutex
	own    []Position // of the frames that this segment wrote, in order
	reader *Reader
}

// NewSegment returns a segment between the ports, which must have names of their own. It carries what is sent from now
// on, once Run is called.
func NewSegment(o SegmentOptions, ports ...Port) (*Segment, error) {
	if err := o.Conditions.Validate(); err != nil {
		return nil, err
	}
	s := &Segment{clock: o.Clock, seed: o.Seed, cond: o.Conditions}
	if s.clock == nil {
		s.clock = SystemClock
	}
	for s.seed == 0 {
		s.seed = rand.Uint64()
	}
	names := make(map[string]bool)
	for i, p := range ports {
		if names[p.Name] {
			return nil, fmt.Errorf("shmif: two ports are called %q", p.Name)
		}
		names[p.Name] = true
		end, err := p.Bus.End()
		if err != nil {
			s.close()
			return nil, err
		}
		sp := &port{Port: p, reader: p.Bus.NewReader(end)}
		for j, to := range ports {
			sp.shapers = append(sp.shapers, &shaper{
				from: p.Name, to: to.Name,
				rng: rand.New(rand.NewPCG(s.seed, uint64(i)<<32|uint64(j))),
			})
		}
		s.ports = append(s.ports, sp)
	}
	return s, nil
}

func (s *Segment) close() {
	for _, p := range s.ports {
		p.reader.Close()
	}
}

// Seed returns the number which makes another segment decide the same about the same frames.
func (s *Segment) Seed() uint64 { return s.seed }

// Conditions returns the conditions that hold now.
func (s *Segment) Conditions() Conditions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cond
}

// Set changes the conditions. Frames that are under way arrive as they would have.
func (s *Segment) Set(c Conditions) error {
	if err := c.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cond = c
	return nil
}

// Stats returns what has happened so far.
func (s *Segment) Stats() SegmentStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Run carries frames until ctx ends, which is no error, or a bus fails or is closed. It can be called once. What is
// under way when it ends is lost.
func (s *Segment) Run(ctx context.Context) error {
	defer s.close()
	parent := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	type arrival struct {
		port  int
		frame Frame
	}
	arrivals := make(chan arrival, 64)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	for i, p := range s.ports {
		wg.Go(func() {
			for {
				f, err := p.next(ctx)
				if err != nil {
					if ctx.Err() == nil {
						cancel(fmt.Errorf("port %s: %w", p.Name, err))
					}
					return
				}
				select {
				case arrivals <- arrival{i, f}:
				case <-ctx.Done():
					return
				}
			}
		})
	}

	var q queue
	for {
		if err := s.deliver(&q); err != nil {
			return err
		}
		var timer <-chan time.Time
		release := func() {}
		if due, ok := q.next(); ok {
			timer, release = s.clock.After(due.Sub(s.clock.Now()))
		}
		select {
		case a := <-arrivals:
			s.admit(&q, a.port, a.frame)
			for more := true; more; {
				select {
				case a := <-arrivals:
					s.admit(&q, a.port, a.frame)
				default:
					more = false
				}
			}
		case <-timer:
		case <-ctx.Done():
			release()
			if parent.Err() != nil {
				return nil
			}
			return context.Cause(ctx)
		}
		release()
	}
}

// admit asks the shaper of each direction.
func (s *Segment) admit(q *queue, from int, f Frame) {
	s.mu.Lock()
	c := s.cond
	s.mu.Unlock()
	var n [lostToLink + 1]uint64
	now := s.clock.Now()
	for to := range s.ports {
		if to != from {
			n[s.ports[from].shapers[to].admit(q, &c, now, f, to)]++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Carried += n[carried]
	s.stats.Lost += n[lostByChance]
	s.stats.Dropped += n[lostByDrop]
	s.stats.QueueFull += n[lostToQueue]
	s.stats.LinkDown += n[lostToLink]
	s.stats.Overrun += f.Lost
}

// deliver writes what is due, all that goes to one port at once.
func (s *Segment) deliver(q *queue) error {
	batches := make([][]Frame, len(s.ports))
	now := s.clock.Now()
	for d := q.pop(now); d != nil; d = q.pop(now) {
		if len(d.frame.Data) >= MinFrame {
			batches[d.port] = append(batches[d.port], d.frame)
		}
	}
	for i, frames := range batches {
		if len(frames) == 0 {
			continue
		}
		if err := s.ports[i].write(frames); err != nil {
			return fmt.Errorf("port %s: %w", s.ports[i].Name, err)
		}
	}
	return nil
}

// write keeps the port locked until it knows where its frames are, so that next cannot take them for someone's.
func (p *port) write(frames []Frame) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range frames {
		frames[i].Position = 0 // it was the place on the bus they come from
	}
	err := p.Bus.Write(frames...)
	for _, f := range frames {
		if f.Position != 0 {
			p.own = append(p.own, f.Position)
		}
	}
	return err
}

// next returns the next frame that others have sent.
func (p *port) next(ctx context.Context) (Frame, error) {
	var lost uint64
	for {
		f, err := p.reader.Next(ctx)
		if err != nil {
			return Frame{}, err
		}
		lost += f.Lost
		f.Lost = lost
		if !p.wrote(f.Position) {
			return f, nil
		}
	}
}

func (p *port) wrote(pos Position) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.own) > 0 && p.own[0] < pos {
		p.own = p.own[1:]
	}
	return len(p.own) > 0 && p.own[0] == pos
}

// Bridge is a Segment between two buses, which ports "a" and "b" stand for. It runs until ctx ends.
func Bridge(ctx context.Context, a, b *Bus, c Conditions) error {
	s, err := NewSegment(SegmentOptions{Conditions: c}, Port{"a", a}, Port{"b", b})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
