package shmif

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// head reads the words of a bus file the way another program would.
func head(t *testing.T, path string) (magic, version uint32, gen uint64, first, last, lock uint32) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) != 1<<20 {
		t.Fatalf("%d bytes", len(b))
	}
	ne := binary.NativeEndian
	return ne.Uint32(b), ne.Uint32(b[4:]), ne.Uint64(b[8:]), ne.Uint32(b[16:]), ne.Uint32(b[20:]), ne.Uint32(b[24:])
}

func TestCreateWritesWhatAKernelWrites(t *testing.T) {
	b := newBus(t)
	m, v, gen, first, last, lock := head(t, b.Path())
	if m != 0xca11d054 || v != 3 || gen != 0 || first != 1<<20-32 || last != 0 || lock != 0 {
		t.Errorf("%#x %d %d %d %d %d", m, v, gen, first, last, lock)
	}
	end := mustEnd(t, b)
	if end != 24 {
		t.Errorf("a new bus ends at %v", end)
	}
	if _, err := b.Send(frame(1, 60)); err != nil {
		t.Fatal(err)
	}
	if _, _, _, _, last, lock = head(t, b.Path()); last != 24 || lock != 0 {
		t.Errorf("last %d, lock %d", last, lock)
	}
}

func TestSendIsReadByAnotherMapping(t *testing.T) {
	b := newBus(t)
	other, err := Open(b.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	r := other.NewReader(0)
	defer r.Close()
	end, err := b.Send(frame(1, 60), frame(2, 1514))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 2; i++ {
		f, err := r.Next(within(t, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if number(f) != i || f.Sender != b.Sender() || f.Lost != 0 || f.Time.IsZero() {
			t.Errorf("frame %d: %+v", i, f)
		}
		if i == 2 && (f.End() != end || len(f.Data) != 1514) {
			t.Errorf("ends at %v, Send said %v", f.End(), end)
		}
	}
	if _, ok, err := r.TryNext(); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
}

func TestNextWakesUp(t *testing.T) {
	b := newBus(t)
	other, err := Open(b.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	r := other.NewReader(mustEnd(t, b))
	defer r.Close()
	const n = 200
	go func() {
		for i := range n {
			b.Send(frame(i, 60))
		}
	}()
	start := time.Now()
	for i := range n {
		f, err := r.Next(within(t, 5*time.Second))
		if err != nil || number(f) != i {
			t.Fatalf("%d: %+v %v", i, f, err)
		}
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("took %v: was it polling?", d)
	}
}

func TestNextEnds(t *testing.T) {
	cause := errors.New("cause")
	tests := []struct {
		name string
		end  func(cancel func(error), r *Reader, b *Bus)
		want error
	}{
		{"context", func(cancel func(error), _ *Reader, _ *Bus) { cancel(cause) }, cause},
		{"reader", func(_ func(error), r *Reader, _ *Bus) { r.Close() }, ErrClosed},
		{"bus", func(_ func(error), _ *Reader, b *Bus) { b.Close() }, ErrClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBus(t)
			r := b.NewReader(mustEnd(t, b))
			defer r.Close()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			got := make(chan error)
			go func() {
				_, err := r.Next(ctx)
				got <- err
			}()
			tt.end(cancel, r, b)
			if err := <-got; !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCloseWhileInUse(t *testing.T) {
	b := newBus(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				if _, err := b.Send(frame(1, 100)); err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
		wg.Go(func() {
			r := b.NewReader(0)
			for _, err := range r.Frames(t.Context()) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	r := b.NewReader(0)
	for range 100 {
		if _, err := r.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	wg.Wait()
	if err := b.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestNextPolls(t *testing.T) {
	b := newBus(t)
	r := b.NewReader(mustEnd(t, b))
	r.watch = &watch{c: make(chan struct{}), stop: func() {}, poll: true}
	go b.Send(frame(1, 60))
	if f, err := r.Next(within(t, 5*time.Second)); err != nil || number(f) != 1 {
		t.Error(f, err)
	}
	if a, z := r.watch.patience(0), r.watch.patience(1000); a > z || z > 100*time.Millisecond {
		t.Errorf("%v, then %v", a, z)
	}
}

func TestOverrunIsTold(t *testing.T) {
	b := newBus(t)
	r := b.NewReader(mustEnd(t, b))
	mark := r.Position()
	const n = 3000 // of 1024 bytes each: three times around
	for i := range n {
		if _, err := b.Send(frame(i, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := r.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f.Lost != uint64(f.Position-mark) || f.Lost != uint64(number(f))*1024 || f.Lost == 0 {
		t.Errorf("frame %d at %v: lost %d", number(f), f.Position, f.Lost)
	}
	for i := number(f) + 1; i < n; i++ {
		f, err := r.Next(t.Context())
		if err != nil || number(f) != i || f.Lost != 0 {
			t.Fatalf("%d: %d, lost %d, %v", i, number(f), f.Lost, err)
		}
	}
	if g := mustEnd(t, b).Generation(); g != 2 {
		t.Errorf("generation %d", g)
	}
}

func TestSendRefuses(t *testing.T) {
	b := newBus(t)
	before := mustEnd(t, b)
	for _, n := range []int{0, 13, 1515} {
		var fe *FrameError
		if _, err := b.Send(make([]byte, 60), make([]byte, n)); !errors.As(err, &fe) || fe.Len != n {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if end := mustEnd(t, b); end != before {
		t.Errorf("the frame before the bad one was sent")
	}
}

func TestLockThatStaysIsAnError(t *testing.T) {
	b := newBus(t)
	b.mem.store32(offLock, locked)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.locked(ctx, func() error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	b.wait = 20 * time.Millisecond
	var le *LockError
	if _, err := b.Send(frame(1, 60)); !errors.As(err, &le) || !le.Timeout() {
		t.Errorf("%v", err)
	}
	b.wait = lockPatience
	b.mem.store32(offLock, 7)
	var fe *FormatError
	if _, err := b.End(); !errors.As(err, &fe) || fe.Field != "lock" {
		t.Errorf("%v", err)
	}
	b.mem.store32(offLock, locked)
	done := make(chan error)
	go func() {
		_, err := b.Send(frame(1, 60))
		done <- err
	}()
	b.mem.unlock()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := func() memory {
		b := newBus(t)
		for i := range 5 {
			if _, err := b.Send(frame(i, 100)); err != nil {
				t.Fatal(err)
			}
		}
		m := newMemory()
		copy(m, b.mem)
		return m
	}
	full := func() memory {
		b := newBus(t)
		for i := range 1500 {
			if _, err := b.Send(frame(i, 1000)); err != nil {
				t.Fatal(err)
			}
		}
		m := newMemory()
		copy(m, b.mem)
		return m
	}
	tests := []struct {
		name, field string
		base        func() memory
		change      func(m memory)
		size        int64
	}{
		{"empty", "size", good, nil, 0},
		{"truncated", "size", good, nil, 4096},
		{"too long", "size", good, nil, Size + 1},
		{"no magic", "magic", good, func(m memory) { m.store32(offMagic, 0) }, Size},
		{"wrong magic", "magic", good, func(m memory) { m.store32(offMagic, 0x7f454c46) }, Size},
		{"swapped magic", "magic", good, func(m memory) { m.store32(offMagic, 0x54d011ca) }, Size},
		{"version 2", "version", good, func(m memory) { m.store32(offVersion, 2) }, Size},
		{"last out of range", "last", good, func(m memory) { m.store32(offLast, ringSize) }, Size},
		{"first out of range", "first", good, func(m memory) { m.store32(offFirst, ringSize+1) }, Size},
		{"first moved too early", "first", good, func(m memory) { m.store32(offFirst, 24) }, Size},
		{"first never moved", "first", full, func(m memory) { m.store32(offFirst, ringSize) }, Size},
		{"first beyond last", "first", full, func(m memory) { m.store32(offFirst, m.load32(offLast)+1) }, Size},
		{"generation absurd", "generation", good, func(m memory) { m.store64(offGen, 1<<63) }, Size},
		{"generation missing", "generation", good, func(m memory) { m.store32(offLast, ringSize-10) }, Size},
		{"length of the newest", "length", good, func(m memory) { binary.NativeEndian.PutUint32(m.ring()[m.load32(offLast):], 1<<31) }, Size},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := tt.base()
			if tt.change != nil {
				tt.change(m)
			}
			path := filepath.Join(t.TempDir(), "bus")
			if err := os.WriteFile(path, m, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, tt.size); err != nil {
				t.Fatal(err)
			}
			var fe *FormatError
			if _, err := Open(path); !errors.As(err, &fe) || fe.Field != tt.field {
				t.Errorf("Open: %v", err)
			}
			if _, err := ReadFile(path); !errors.As(err, &fe) || fe.Field != tt.field {
				t.Errorf("ReadFile: %v", err)
			}
			if after, _ := os.ReadFile(path); tt.size == Size && string(after) != string(m) {
				t.Error("Open changed the file")
			}
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := Create(t.TempDir()); err == nil {
		t.Error("a directory was opened")
	}
	var fe *FormatError
	if _, err := Create(os.DevNull); !errors.As(err, &fe) {
		t.Errorf("%v", err)
	}
}

func TestTruncatedWhileMapped(t *testing.T) {
	b := newBus(t)
	if _, err := b.Send(frame(1, 60)); err != nil {
		t.Fatal(err)
	}
	r := b.NewReader(0)
	if err := os.Truncate(b.Path(), 0); err != nil {
		t.Fatal(err)
	}
	var fe *FormatError
	if _, err := r.Next(t.Context()); !errors.As(err, &fe) || fe.Field != "size" {
		t.Errorf("%v", err)
	}
	if _, err := b.Send(frame(1, 60)); !errors.As(err, &fe) || fe.Field != "size" {
		t.Errorf("%v", err)
	}
}

func TestCreateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bus")
	var wg sync.WaitGroup
	const n = 8
	for i := range n {
		wg.Go(func() {
			b, err := Create(path)
			if err != nil {
				t.Error(err)
				return
			}
			defer b.Close()
			if _, err := b.Send(frame(i, 60)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	fs, err := ReadFile(path)
	if err != nil || len(fs) != n {
		t.Errorf("%d frames, %v", len(fs), err)
	}
}

func TestReadFileStampsLikeDumpbus(t *testing.T) {
	b := newBus(t)
	err := b.Write(Frame{Sender: 5, Sent: 3*time.Second + 40*time.Millisecond, Data: frame(1, 60)})
	if err != nil {
		t.Fatal(err)
	}
	fs, err := ReadFile(b.Path())
	if err != nil || len(fs) != 1 {
		t.Fatal(fs, err)
	}
	if got := fs[0].Time.UTC().Format("15:04:05.000000"); got != "00:00:03.040000" || fs[0].Sender != 5 {
		t.Errorf("%s %+v", got, fs[0])
	}
	live, err := b.Snapshot()
	if err != nil || len(live) != 1 || fmt.Sprint(live[0].Data) != fmt.Sprint(fs[0].Data) {
		t.Errorf("%v %v", live, err)
	}
}
