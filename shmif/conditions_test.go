package shmif

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// shape sends n frames, one each step, through conditions and returns what arrives, as "number@milliseconds".
func shape(c Conditions, seed uint64, n, size int, step time.Duration) ([]string, map[outcome]int) {
	s := &shaper{from: "a", to: "b", rng: rand.New(rand.NewPCG(seed, 1)), damage: rand.New(rand.NewPCG(^seed, 1))}
	var q queue
	var got []string
	start := time.Unix(0, 0)
	outcomes := make(map[outcome]int)
	collect := func(now time.Time) {
		for d := q.pop(now); d != nil; d = q.pop(now) {
			got = append(got, fmt.Sprintf("%d@%d", number(d.frame), d.due.Sub(start).Milliseconds()))
		}
	}
	for i := range n {
		now := start.Add(time.Duration(i) * step)
		collect(now)
		outcomes[s.admit(&q, &c, now, Frame{Data: frame(i, size)}, 1)]++
	}
	collect(start.Add(time.Hour))
	return got, outcomes
}

func TestShaper(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name string
		c    Conditions
		want string
	}{
		{"nothing", Conditions{}, "0@0 1@10 2@20 3@30"},
		{"delay", Conditions{Delay: 25 * ms}, "0@25 1@35 2@45 3@55"},
		{"rate", Conditions{Rate: 40_000}, "0@20 1@40 2@60 3@80"},
		{"rate and queue", Conditions{Rate: 40_000, Queue: 120}, "0@20 2@40"},
		{"reorder all", Conditions{Reorder: 1}, "1@10 0@10 3@30 2@30"},
		{"duplicate all", Conditions{Duplicate: 1}, "0@0 0@0 1@10 1@10 2@20 2@20 3@30 3@30"},
		{"lose all", Conditions{Loss: 1}, ""},
		{"down", Conditions{Down: true}, ""},
		{"drop", Conditions{Drop: func(from, to string, f Frame) bool { return from == "a" && to == "b" && number(f) == 2 }}, "0@0 1@10 3@30"},
		{"partition", Conditions{Partition: [][]string{{"a"}, {"b"}}}, ""},
		{"partition with one in both", Conditions{Partition: [][]string{{"a", "b"}, {"b"}}}, "0@0 1@10 2@20 3@30"},
		{"partition of others", Conditions{Partition: [][]string{{"c"}, {"d"}}}, "0@0 1@10 2@20 3@30"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := shape(tt.c, 1, 4, 100, 10*ms)
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestLastReorderedFrameArrives(t *testing.T) {
	got, _ := shape(Conditions{Reorder: 1}, 1, 1, 100, time.Millisecond)
	if s := strings.Join(got, " "); s != "0@50" {
		t.Error(s)
	}
}

func TestShaperIsSeeded(t *testing.T) {
	c := Conditions{Loss: 0.2, Duplicate: 0.1, Reorder: 0.1, Jitter: 5 * time.Millisecond}
	a, outcomes := shape(c, 7, 1000, 100, time.Millisecond)
	b, _ := shape(c, 7, 1000, 100, time.Millisecond)
	if !slices.Equal(a, b) {
		t.Error("the same seed decided otherwise")
	}
	if other, _ := shape(c, 8, 1000, 100, time.Millisecond); slices.Equal(a, other) {
		t.Error("another seed decided the same")
	}
	if n := outcomes[lostByChance]; n < 150 || n > 250 {
		t.Errorf("lost %d of 1000 at 20 %%", n)
	}
}

func TestCorrupt(t *testing.T) {
	const size = 100
	sent := frame(1, size)
	places := make(map[int]bool)
	for seed := range uint64(200) {
		s := &shaper{from: "a", to: "b", rng: rand.New(rand.NewPCG(seed, 1)), damage: rand.New(rand.NewPCG(^seed, 1))}
		var q queue
		s.admit(&q, &Conditions{Corrupt: 1}, time.Unix(0, 0), Frame{Data: sent}, 1)
		got := q.pop(time.Unix(0, 0)).frame.Data
		wrong := 0
		for i := range sent {
			if n := bits.OnesCount8(sent[i] ^ got[i]); n > 0 {
				wrong += n
				places[i] = true
			}
		}
		if wrong != 1 {
			t.Fatalf("seed %d: %d bits are wrong", seed, wrong)
		}
	}
	if len(places) < 50 || places[13] {
		t.Errorf("wrong are bytes %v", places)
	}
	if string(sent) != string(frame(1, size)) {
		t.Error("the frame that was sent has changed")
	}
}

func TestJitterKeepsOrder(t *testing.T) {
	got, _ := shape(Conditions{Jitter: 50 * time.Millisecond}, 3, 200, 100, time.Millisecond)
	for i, s := range got {
		if !strings.HasPrefix(s, fmt.Sprint(i, "@")) {
			t.Fatalf("place %d has %s", i, s)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Conditions{{Loss: -0.1}, {Duplicate: 1.1}, {Corrupt: 2}, {Delay: -1}, {Rate: -1}} {
		if c.Validate() == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

// manualClock stands still until it is moved.
type manualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[chan time.Time]time.Time
	set    chan time.Duration // tells of each timer that has to wait
}

func newManualClock() *manualClock {
	return &manualClock{now: time.Unix(1000, 0), timers: make(map[chan time.Time]time.Time), set: make(chan time.Duration, 100)}
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) After(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- c.now
		return ch, func() {}
	}
	c.timers[ch] = c.now.Add(d)
	c.set <- d
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, ch)
	}
}

func (c *manualClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, at := range c.timers {
		if !at.After(c.now) {
			ch <- c.now
			delete(c.timers, ch)
		}
	}
}

// run starts a segment between new buses and ends it with the test.
func run(t *testing.T, o SegmentOptions, names ...string) (*Segment, []*Bus) {
	t.Helper()
	var ports []Port
	var buses []*Bus
	dir := t.TempDir()
	for _, name := range names {
		b, err := Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		ports, buses = append(ports, Port{name, b}), append(buses, b)
	}
	s, err := NewSegment(o, ports...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s, buses
}

func TestSegmentCarriesBothWays(t *testing.T) {
	_, buses := run(t, SegmentOptions{}, "a", "b", "c")
	const n = 500
	var readers []*Reader
	for _, b := range buses {
		readers = append(readers, b.NewReader(0))
	}
	var wg sync.WaitGroup
	for i, b := range buses {
		wg.Go(func() {
			for k := range n {
				if _, err := b.Send(frame(i*n+k, 100)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	ctx := within(t, 10*time.Second)
	for i, r := range readers {
		seen := make(map[int]bool)
		for len(seen) < n*len(buses) {
			f, err := r.Next(ctx)
			if err != nil {
				t.Fatalf("bus %d has %d frames: %v", i, len(seen), err)
			}
			if seen[number(f)] {
				t.Fatalf("bus %d: frame %d came twice", i, number(f))
			}
			seen[number(f)] = true
			if want := buses[number(f)/n].Sender(); f.Sender != want {
				t.Fatalf("frame %d has lost its sender", number(f))
			}
		}
		if _, ok, _ := r.TryNext(); ok {
			t.Errorf("bus %d has more", i)
		}
	}
}

func TestSegmentDelaysAndChanges(t *testing.T) {
	clock := newManualClock()
	s, buses := run(t, SegmentOptions{Conditions: Conditions{Delay: time.Second}, Clock: clock, Seed: 1}, "a", "b")
	r := buses[1].NewReader(0)
	if _, err := buses[0].Send(frame(1, 60)); err != nil {
		t.Fatal(err)
	}
	if d := <-clock.set; d != time.Second {
		t.Errorf("waits for %v", d)
	}
	if _, ok, _ := r.TryNext(); ok {
		t.Error("came at once")
	}
	clock.advance(time.Second)
	ctx := within(t, 5*time.Second)
	if f, err := r.Next(ctx); err != nil || number(f) != 1 {
		t.Fatal(f, err)
	}

	asked := make(chan int, 1)
	down := Conditions{Down: true, Drop: func(_, _ string, f Frame) bool { asked <- number(f); return false }}
	if err := s.Set(down); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(Conditions{Loss: 2}); err == nil {
		t.Error("a loss of 2 was accepted")
	}
	if _, err := buses[0].Send(frame(2, 60)); err != nil {
		t.Fatal(err)
	}
	if n := <-asked; n != 2 {
		t.Error(n)
	}
	s.Set(Conditions{})
	if _, err := buses[0].Send(frame(3, 60)); err != nil {
		t.Fatal(err)
	}
	if f, err := r.Next(ctx); err != nil || number(f) != 3 {
		t.Fatal(f, err)
	}
	if st := s.Stats(); st != (SegmentStats{Carried: 2, LinkDown: 1}) {
		t.Errorf("%+v", st)
	}
	if s.Seed() != 1 {
		t.Error(s.Seed())
	}
}

func TestSegmentEndsWithItsBus(t *testing.T) {
	a, b := newBus(t), newBus(t)
	done := make(chan error)
	go func() { done <- Bridge(t.Context(), a, b, Conditions{}) }()
	b.Close()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := NewSegment(SegmentOptions{}, Port{"x", a}, Port{"x", a}); err == nil {
		t.Error("two ports of one name were accepted")
	}
	if s, err := NewSegment(SegmentOptions{}, Port{"x", a}); err != nil || s.Seed() == 0 {
		t.Error("no seed", err)
	}
}
