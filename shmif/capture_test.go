package shmif

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"
)

func TestCaptureHasAllUntilStop(t *testing.T) {
	b := newBus(t)
	var rec Recording
	var rec2 Recording
	c := StartCapture(b, mustEnd(t, b), Tee{&rec, &rec2})
	const n = 400
	for i := range n {
		if _, err := b.Send(frame(i, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	st, err := c.Stop()
	if err != nil || st != (CaptureStats{Frames: n, Bytes: n * 1000}) {
		t.Errorf("%+v %v", st, err)
	}
	b.Send(frame(n, 1000))
	fs := rec.Frames()
	if len(rec2.Frames()) != n {
		t.Errorf("the second recorder has %d frames", len(rec2.Frames()))
	}
	for i, f := range fs {
		if number(f) != i {
			t.Fatalf("frame %d is %d", i, number(f))
		}
	}
	if st, err := c.Stop(); err != nil || st.Frames != n || len(fs) != n {
		t.Errorf("second Stop: %+v %v", st, err)
	}
}

type failing struct{ error }

func (f failing) Record(Frame) error { return f.error }

func TestCaptureTellsWhyItEnded(t *testing.T) {
	full := errors.New("disk full")
	b := newBus(t)
	b.Send(frame(1, 60))
	c := StartCapture(b, 0, failing{full})
	if _, err := c.Stop(); !errors.Is(err, full) {
		t.Error(err)
	}
	var rec Recording
	c = StartCapture(b, 0, &rec)
	b.Close()
	if _, err := c.Stop(); err != nil {
		t.Error(err)
	}
}

func TestCaptureTellsOverruns(t *testing.T) {
	b := newBus(t)
	for i := range 2000 {
		b.Send(frame(i, 1000))
	}
	var rec Recording
	c := StartCapture(b, 0, &rec)
	st, err := c.Stop()
	if err != nil || st.Overruns != 1 || st.Lost != hdrSize+(2000-st.Frames)*1024 {
		t.Errorf("%+v %v", st, err)
	}
}

func recorded(fs []Frame) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		for _, f := range fs {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func TestReplay(t *testing.T) {
	at := time.Unix(5000, 0)
	frames := []Frame{
		{Sender: 1, Time: at, Data: frame(0, 60)},
		{Sender: 2, Time: at.Add(time.Second), Data: frame(1, 60)},
		{Sender: 1, Time: at.Add(3 * time.Second), Data: frame(2, 60)},
	}
	tests := []struct {
		name  string
		o     ReplayOptions
		waits []time.Duration
	}{
		{"as recorded", ReplayOptions{}, []time.Duration{time.Second, 2 * time.Second}},
		{"twice as fast", ReplayOptions{Speed: 2}, []time.Duration{time.Second / 2, time.Second}},
		{"interval", ReplayOptions{Interval: time.Minute, Sender: 9}, []time.Duration{time.Minute, time.Minute}},
		{"at once", ReplayOptions{Speed: -1}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBus(t)
			clock := newManualClock()
			tt.o.Clock = clock
			done := make(chan error)
			go func() {
				n, err := Replay(t.Context(), b, recorded(frames), tt.o)
				if n != len(frames) {
					t.Errorf("%d frames", n)
				}
				done <- err
			}()
			for _, want := range tt.waits {
				if d := <-clock.set; d != want {
					t.Errorf("waits %v, want %v", d, want)
				}
				clock.advance(want)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			fs, err := b.Snapshot()
			if err != nil || len(fs) != 3 {
				t.Fatal(fs, err)
			}
			for i, f := range fs {
				want := frames[i].Sender
				if tt.o.Sender != 0 {
					want = tt.o.Sender
				}
				if number(f) != i || f.Sender != want {
					t.Errorf("%d: %+v", i, f)
				}
			}
		})
	}
}

func TestReplayEnds(t *testing.T) {
	b := newBus(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := Replay(ctx, b, recorded([]Frame{{Data: frame(1, 60)}}), ReplayOptions{}); n != 0 || !errors.Is(err, context.Canceled) {
		t.Error(n, err)
	}
	var fe *FrameError
	if _, err := Replay(t.Context(), b, recorded([]Frame{{Data: make([]byte, 9000)}}), ReplayOptions{}); !errors.As(err, &fe) {
		t.Error(err)
	}
}
