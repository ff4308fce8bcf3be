package shmif

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestCursorsFollowARecording(t *testing.T) {
	b := newBus(t)
	var rec Recording
	mark := mustEnd(t, b)
	c := StartCapture(b, mark, &rec)
	const n = 300
	var wg sync.WaitGroup
	for range 3 {
		cur := rec.NewCursor(mark)
		wg.Go(func() {
			for i := range n {
				f, err := cur.Next(within(t, 5*time.Second))
				if err != nil || number(f) != i {
					t.Error(i, f, err)
					return
				}
			}
			if _, err := cur.Next(t.Context()); !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		})
	}
	for i := range n {
		if _, err := b.Send(frame(i, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	rec.Close()
	wg.Wait()
	fs := rec.Frames()
	if since := rec.Since(fs[200].Position); len(since) != 100 || number(since[0]) != 200 {
		t.Errorf("%d since the 200th", len(since))
	}
}

func TestRecordingLimit(t *testing.T) {
	b := newBus(t)
	rec := Recording{Limit: 1000}
	c := StartCapture(b, 0, &rec)
	for i := range 25 {
		b.Send(frame(i, 100))
	}
	c.Stop()
	cur := rec.NewCursor(hdrSize)
	if _, ok, _ := rec.NewCursor(mustEnd(t, b)).TryNext(); ok {
		t.Error("something behind the end")
	}
	for i := 15; i < 25; i++ {
		f, ok, err := cur.TryNext()
		if !ok || err != nil || number(f) != i || (f.Lost > 0) != (i == 15) || i == 15 && f.Lost != 15*124 {
			t.Errorf("%d: %v %v, lost %d", i, number(f), err, f.Lost)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cur.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
