package shmif

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// A tapped frame is one that a segment's tap was told of.
type tapped struct {
	from string
	n    int
	lost string
}

func TestSegmentGrowsAndTells(t *testing.T) {
	a, b, late := newBus(t), newBus(t), newBus(t)
	var mu sync.Mutex
	var got []tapped
	s, err := NewSegment(SegmentOptions{
		Seed:       1,
		Conditions: Conditions{Drop: func(from, to string, f Frame) bool { return to == "b" && number(f) == 1 }},
		Tap: func(from string, f Frame, lost []string) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, tapped{from, number(f), fmt.Sprint(lost)})
		},
	}, Port{"a", a}, Port{"b", b})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()

	send := func(on *Bus, i int) {
		t.Helper()
		if _, err := on.Send(frame(i, 60)); err != nil {
			t.Fatal(err)
		}
		if err := s.Sync(within(t, 5*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	send(a, 0)
	send(a, 1)
	if err := s.Add(Port{"late", late}); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(Port{"late", late}); err == nil {
		t.Error("two ports have one name")
	}
	send(a, 2)
	send(late, 3)
	send(b, 4)
	mu.Lock()
	want := []tapped{{"a", 0, "[]"}, {"a", 1, "[b]"}, {"a", 2, "[]"}, {"late", 3, "[]"}, {"b", 4, "[]"}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	mu.Unlock()

	for _, tt := range []struct {
		bus  *Bus
		want []int
	}{{a, []int{0, 1, 2, 3, 4}}, {b, []int{0, 2, 3, 4}}, {late, []int{2, 3, 4}}} {
		r := tt.bus.NewReader(0)
		var numbers []int
		for range tt.want {
			f, err := r.Next(within(t, 5*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, number(f))
		}
		if !slices.Equal(numbers, tt.want) {
			t.Errorf("got %v, want %v", numbers, tt.want)
		}
		r.Close()
	}

	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	a.Send(frame(5, 60))
	if err := s.Sync(within(t, 5*time.Second)); err != nil {
		t.Errorf("after its end: %v", err)
	}
}
