package starlark

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// conditionParams are the parameters which say what a bus does to frames.
const conditionParams = "delay? jitter? loss? duplicate? reorder? corrupt? rate? queue? down? partition?"

const conditionsDoc = "delay, and up to jitter more, is how long a frame is under way; loss, duplicate, reorder and corrupt, which turns one bit behind the Ethernet header, are probabilities from 0 to 1; rate is in bits a second, an int or \"10M\", with a queue of so many bytes before it; down carries nothing; partition is a list of groups, each a list of kernels and hosts or their names: frames pass within a group only, and among those in none."

// conditions are what a script has said of a bus.
type conditions struct {
	delay, jitter            optional[duration]
	loss, duplicate, reorder optional[probability]
	corrupt                  optional[probability]
	rate                     optional[bitrate]
	queue                    optional[int]
	down                     optional[bool]
	partition                optional[groups]
}

// pointers returns where the values of conditionParams go.
func (c *conditions) pointers() []any {
	return []any{&c.delay, &c.jitter, &c.loss, &c.duplicate, &c.reorder, &c.corrupt, &c.rate, &c.queue, &c.down, &c.partition}
}

func (c *conditions) given() bool {
	return c.delay.v != nil || c.jitter.v != nil || c.loss.v != nil || c.duplicate.v != nil || c.reorder.v != nil || c.corrupt.v != nil ||
		c.rate.v != nil || c.queue.v != nil || c.down.v != nil || c.partition.v != nil
}

// random says whether anything in the conditions is left to chance.
func (c *conditions) random() bool {
	for _, p := range []optional[probability]{c.loss, c.duplicate, c.reorder, c.corrupt} {
		if v := p.or(0); v > 0 && v < 1 {
			return true
		}
	}
	return c.jitter.or(0) > 0
}

func (c *conditions) check() error {
	v := c.values(nil)
	return v.Validate()
}

// values returns the conditions between the stations that are there.
func (c *conditions) values(stations []station) shmif.Conditions {
	v := shmif.Conditions{
		Delay: time.Duration(c.delay.or(0)), Jitter: time.Duration(c.jitter.or(0)),
		Loss: float64(c.loss.or(0)), Duplicate: float64(c.duplicate.or(0)), Reorder: float64(c.reorder.or(0)), Corrupt: float64(c.corrupt.or(0)),
		Rate: int64(c.rate.or(0)), Queue: c.queue.or(0), Down: c.down.or(false),
	}
	for _, g := range c.partition.or(nil) {
		ports := []string{} // a group of none parts nobody, but is a group
		for _, s := range stations {
			if slices.ContainsFunc(g, func(m any) bool { return m == s.owner || m == s.name }) {
				ports = append(ports, s.port)
			}
		}
		v.Partition = append(v.Partition, ports)
	}
	return v
}

// probability unpacks a number from 0 to 1.
type probability float64

// Unpack implements starlark.Unpacker.
func (p *probability) Unpack(v starlark.Value) error {
	f, ok := starlark.AsFloat(v)
	if !ok || !(f >= 0 && f <= 1) {
		return fmt.Errorf("got %s where a probability is wanted, from 0 to 1", v)
	}
	*p = probability(f)
	return nil
}

// bitrate unpacks bits a second: a number, or "64k", "10M", "1.5G".
type bitrate int64

// Unpack implements starlark.Unpacker.
func (r *bitrate) Unpack(v starlark.Value) error {
	f, ok := starlark.AsFloat(v)
	if s, isString := starlark.AsString(v); isString {
		unit := 1.0
		for suffix, u := range map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9} {
			if digits, found := strings.CutSuffix(s, suffix); found {
				s, unit = digits, u
				break
			}
		}
		n, err := strconv.ParseFloat(s, 64)
		f, ok = n*unit, err == nil
	}
	if !ok || !(f >= 0 && f < 1e15) {
		return fmt.Errorf("got %s where a rate is wanted: bits a second, or \"10M\"", v)
	}
	*r = bitrate(f)
	return nil
}

// groups unpacks the groups of a partition. Members are names, or the owners of
// stations: kernels' instances and hosts.
type groups [][]any

// Unpack implements starlark.Unpacker.
func (g *groups) Unpack(v starlark.Value) error {
	list, ok := v.(starlark.Iterable)
	if !ok {
		return fmt.Errorf("got %s where a list of groups is wanted", v.Type())
	}
	*g = groups{}
	for e := range starlark.Elements(list) {
		members, ok := e.(starlark.Iterable)
		if !ok {
			return fmt.Errorf("got %s where a group is wanted, a list of kernels, hosts or names", e.Type())
		}
		group := []any{}
		for m := range starlark.Elements(members) {
			switch m := m.(type) {
			case starlark.String:
				group = append(group, string(m))
			case *Kernel:
				group = append(group, m.in)
			case *Host:
				group = append(group, m)
			default:
				return fmt.Errorf("got %s where a kernel, a host or the name of one is wanted", m.Type())
			}
		}
		*g = append(*g, group)
	}
	return nil
}

func busConditions(c *call) (starlark.Value, error) {
	var cond conditions
	if err := c.unpack(cond.pointers()...); err != nil {
		return nil, err
	}
	return nil, c.self.(*Bus).setConditions(c, cond)
}

func (b *Bus) setConditions(c *call, cond conditions) error {
	s, err := b.segmented(cond)
	if err != nil {
		return err
	}
	told := b.chosenSeed() // who gave a seed knows it
	if told == 0 {
		told = s.seg.Seed()
	}
	if cond.random() && s.tell() {
		c.thread.Print(c.thread, fmt.Sprintf("bus %s: seed = %d", b.name, told))
	}
	return s.set(cond)
}

// segmented returns the segment of the bus, which it becomes if nobody is on it yet.
func (b *Bus) segmented(cond conditions) (*segment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.w == nil && !b.cond.given() {
		if !cond.given() {
			cond.delay.v = new(duration)
		}
		b.cond = cond
	}
	w, err := b.opened()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	seg, inUse := w.seg, len(w.stations) > 0
	w.mu.Unlock()
	switch {
	case seg != nil:
		return seg, nil
	case inUse:
		return nil, fmt.Errorf("bus %s: its stations share one file, where nothing can come between them: make the bus with conditions, as in bus(%q, delay = 0), or give some before the first station", b.name, b.name)
	}
	if err := w.addSegment(b); err != nil {
		return nil, fmt.Errorf("bus %s: %w", b.name, err)
	}
	return w.segment(), nil
}

// chosenSeed returns the seed of the bus's segment, or 0 if there is none.
func (b *Bus) chosenSeed() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.w == nil {
		return b.seed
	}
	if s := b.w.segment(); s != nil {
		return s.seg.Seed()
	}
	return 0
}

// segment is what carries the frames of a bus with conditions.
type segment struct {
	seg    *shmif.Segment
	cancel context.CancelFunc
	done   chan struct{} // closed when it has ended

	mu       sync.Mutex
	cond     conditions
	stations []station
	buses    []*shmif.Bus // of the stations, to be closed
	end      shmif.Position
	lost     map[shmif.Position][]string // by place in the recording: which stations a frame will not reach
	losers   []*loser
	last     verdict
	told     bool
	err      error
}

// verdict is what the losers have decided on a frame.
type verdict struct {
	from string
	pos  shmif.Position
	drop bool
}

// loser loses frames that match.
type loser struct {
	match func(*packet.Packet) (bool, error)
	left  int // how many more; -1 for all
}

// addSegment makes a bus one with conditions. Nobody is on it yet but the script.
func (w *wire) addSegment(b *Bus) error {
	s := &segment{cond: b.cond, lost: make(map[shmif.Position][]string), done: make(chan struct{})}
	seed := b.seed
	for seed == 0 {
		seed = uint64(rand.Uint32()) // a short one is easier to copy
	}
	cond := s.cond.values(nil)
	cond.Drop = func(from, _ string, f shmif.Frame) bool { return s.drop(w, from, f) }
	var err error
	s.seg, err = shmif.NewSegment(shmif.SegmentOptions{Conditions: cond, Seed: seed, Tap: func(from string, f shmif.Frame, lost []string) {
		s.record(w, f, lost)
	}}, shmif.Port{Name: scriptName, Bus: w.bus})
	if err != nil {
		return err
	}
	if w.capture != nil {
		w.capture.Stop()
		for _, f := range w.rec.Frames() {
			s.end = f.End() // the recording goes on from there
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go func() {
		defer close(s.done)
		if err := s.seg.Run(ctx); err != nil {
			s.fail(err)
		}
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seg = s
	return nil
}

// record takes down a frame that a station has sent. The files' positions mean
// nothing next to each other, and so the recording counts its own.
func (s *segment) record(w *wire, f shmif.Frame, lost []string) {
	lost = slices.DeleteFunc(lost, func(name string) bool { return name == scriptName })
	s.mu.Lock()
	f.Position = s.end
	s.end = f.End()
	if len(lost) > 0 {
		s.lost[f.Position] = lost
	}
	s.mu.Unlock()
	if err := w.rec.Record(f); err != nil {
		s.fail(err)
	}
}

func (s *segment) position() shmif.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

func (s *segment) missed(pos shmif.Position) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost[pos]
}

// add makes a bus file for a station and joins it to the segment.
func (s *segment) add(port, path string, stations []station) error {
	sb, err := shmif.Create(path)
	if err != nil {
		return err
	}
	if err := s.seg.Add(shmif.Port{Name: port, Bus: sb}); err != nil {
		sb.Close()
		return err
	}
	s.mu.Lock()
	s.buses = append(s.buses, sb)
	s.stations = stations
	cond := s.cond
	s.mu.Unlock()
	return s.set(cond) // the partition may know the new one
}

// bus returns our view of a station's file.
func (s *segment) bus(path string) *shmif.Bus {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.buses {
		if b.Path() == path {
			return b
		}
	}
	return nil
}

func (s *segment) set(cond conditions) error {
	s.mu.Lock()
	s.cond = cond
	v := cond.values(s.stations)
	s.mu.Unlock()
	v.Drop = s.seg.Conditions().Drop
	return s.seg.Set(v)
}

// tell says once that the seed is to be printed.
func (s *segment) tell() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.told
	s.told = true
	return first
}

func (s *segment) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *segment) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// drop asks the losers. It is called for each port that the frame would go to,
// and a loser means the frame, wherever it goes.
func (s *segment) drop(w *wire, from string, f shmif.Frame) bool {
	s.mu.Lock()
	losers, last := s.losers, s.last
	s.mu.Unlock()
	if last.from == from && last.pos == f.Position {
		return last.drop
	}
	v := verdict{from: from, pos: f.Position}
	for _, l := range losers {
		if l.left == 0 {
			continue
		}
		ok, err := l.match(w.names.Decode(f))
		if err != nil {
			s.fail(err)
			continue
		}
		if ok {
			if l.left > 0 {
				l.left--
			}
			v.drop = true
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = v
	return v.drop
}

func (s *segment) close() error {
	s.cancel()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.buses {
		b.Close()
	}
	return s.err
}

func busLose(c *call) (starlark.Value, error) {
	var m matcher
	var count starlark.Value = starlark.MakeInt(1)
	if err := c.unpack(&m, &count); err != nil {
		return nil, err
	}
	l := &loser{left: -1}
	if count != starlark.None {
		if err := starlark.AsInt(count, &l.left); err != nil || l.left < 0 {
			return nil, fmt.Errorf("lose: got %s where a count is wanted, or None for all", count)
		}
	}
	s, err := c.self.(*Bus).segmented(conditions{})
	if err != nil {
		return nil, err
	}
	l.match = m.inTask(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.losers = append(s.losers[:len(s.losers):len(s.losers)], l)
	return nil, nil
}
