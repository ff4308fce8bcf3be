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

	// Tap, if set, is told of each frame that a station has sent, in the order in which the segment takes them and
	// before they go anywhere: the name of the port, and of the ports that the frame will not reach.
	Tap func(from string, f Frame, lost []string)
}

// A Segment carries frames between buses, each to all others, and does to them what its conditions say. Frames keep
// sender and stamp, so that a capture on any of the buses knows who sent what.
type Segment struct {
	clock    Clock
	seed     uint64
	tap      func(from string, f Frame, lost []string)
	shapers  map[[2]int]*shaper // by the ports that a frame comes from and goes to; Run's own
	arrivals chan arrival
	joined   chan struct{} // a port has been added
	done     chan struct{} // closed when Run has ended

	mu    sync.Mutex
	ports []*port // grows only
	cond  Conditions
	stats SegmentStats
}

// An arrival is a frame that a port has taken from its bus.
type arrival struct {
	port   int
	frame  Frame
	synced chan<- struct{} // if there is no frame: closed when all before have been dealt with
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
	reader *Reader

	mu      sync.Mutex
	own     []Position    // of the frames that this segment wrote, in order
	taken   Position      // up to which the bus has been read and passed on
	changed chan struct{} // closed and forgotten when taken has; nil if nobody waits
}

// NewSegment returns a segment between the ports, which must have names of their own. It carries what is sent from now
// on, once Run is called.
func NewSegment(o SegmentOptions, ports ...Port) (*Segment, error) {
	if err := o.Conditions.Validate(); err != nil {
		return nil, err
	}
	s := &Segment{
		clock: o.Clock, seed: o.Seed, cond: o.Conditions, tap: o.Tap,
		shapers: make(map[[2]int]*shaper), arrivals: make(chan arrival, 64), joined: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if s.clock == nil {
		s.clock = SystemClock
	}
	for s.seed == 0 {
		s.seed = rand.Uint64()
	}
	for _, p := range ports {
		if err := s.Add(p); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// Add joins another bus to the segment, which carries to and from it what is sent from now on.
func (s *Segment) Add(p Port) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.ports {
		if other.Name == p.Name {
			return fmt.Errorf("shmif: two ports are called %q", p.Name)
		}
	}
	end, err := p.Bus.End()
	if err != nil {
		return err
	}
	s.ports = append(s.ports, &port{Port: p, reader: p.Bus.NewReader(end), taken: end})
	select {
	case s.joined <- struct{}{}:
	default: // Run is told already
	}
	return nil
}

// shaper returns the shaper of a direction. What it decides depends on the places of the ports, not on when they came.
func (s *Segment) shaper(ports []*port, from, to int) *shaper {
	k := [2]int{from, to}
	sh := s.shapers[k]
	if sh == nil {
		sh = &shaper{
			from: ports[from].Name, to: ports[to].Name,
			rng:    rand.New(rand.NewPCG(s.seed, uint64(from)<<32|uint64(to))),
			damage: rand.New(rand.NewPCG(^s.seed, uint64(from)<<32|uint64(to))),
		}
		s.shapers[k] = sh
	}
	return sh
}

func (s *Segment) close() {
	for _, p := range s.allPorts() {
		p.reader.Close()
	}
}

func (s *Segment) allPorts() []*port {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ports
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
	defer close(s.done)
	parent := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	started := 0
	start := func() {
		for ports := s.allPorts(); started < len(ports); started++ {
			i, p := started, ports[started]
			wg.Go(func() {
				if err := s.take(ctx, i, p); ctx.Err() == nil {
					cancel(fmt.Errorf("port %s: %w", p.Name, err))
				}
			})
		}
	}
	start()

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
		case a := <-s.arrivals:
			err := s.arrived(&q, a)
			for more := true; more && err == nil; {
				select {
				case a := <-s.arrivals:
					err = s.arrived(&q, a)
				default:
					more = false
				}
			}
			if err != nil {
				release()
				return err
			}
		case <-s.joined:
			start()
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

// take hands on what the station at a port sends.
func (s *Segment) take(ctx context.Context, i int, p *port) error {
	for {
		f, err := p.next(ctx)
		if err != nil {
			return err
		}
		select {
		case s.arrivals <- arrival{port: i, frame: f}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		p.passed(f.End())
	}
}

// Sync waits until the segment has dealt with all that is on its buses at this moment: it is lost, has arrived, or will
// when it is due, and the tap has been told.
func (s *Segment) Sync(ctx context.Context) error {
	for _, p := range s.allPorts() {
		if err := p.await(ctx, s.done); err != nil {
			return err
		}
	}
	synced := make(chan struct{})
	select {
	case s.arrivals <- arrival{synced: synced}:
	case <-s.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-synced:
		return nil
	case <-s.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Segment) arrived(q *queue, a arrival) error {
	if a.synced != nil {
		defer close(a.synced)
		return s.deliver(q)
	}
	s.admit(q, a.port, a.frame)
	return nil
}

// admit asks the shaper of each direction.
func (s *Segment) admit(q *queue, from int, f Frame) {
	s.mu.Lock()
	c, ports := s.cond, s.ports
	s.mu.Unlock()
	var n [lostToLink + 1]uint64
	var lost []string
	now := s.clock.Now()
	for to := range ports {
		if to == from {
			continue
		}
		o := s.shaper(ports, from, to).admit(q, &c, now, f, to)
		n[o]++
		if o != carried {
			lost = append(lost, ports[to].Name)
		}
	}
	if s.tap != nil {
		s.tap(ports[from].Name, f, lost)
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
	ports := s.allPorts()
	batches := make([][]Frame, len(ports))
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
		if err := ports[i].write(frames); err != nil {
			return fmt.Errorf("port %s: %w", ports[i].Name, err)
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
		p.passed(f.End())
	}
}

// passed says up to where the bus has been dealt with.
func (p *port) passed(pos Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken = pos
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// await waits until all that is on the bus now has been passed on, or the segment has ended.
func (p *port) await(ctx context.Context, done <-chan struct{}) error {
	p.mu.Lock()
	pos := p.taken
	p.mu.Unlock()
	end, err := p.Bus.lastFrom(pos)
	if err != nil {
		return err
	}
	for {
		p.mu.Lock()
		if p.taken >= end {
			p.mu.Unlock()
			return nil
		}
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
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
