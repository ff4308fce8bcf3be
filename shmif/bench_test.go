package shmif

import "testing"

func BenchmarkSend(bm *testing.B) {
	b := newBus(bm)
	f := frame(1, 1514)
	bm.SetBytes(int64(len(f)))
	for bm.Loop() {
		if _, err := b.Send(f); err != nil {
			bm.Fatal(err)
		}
	}
}

func BenchmarkSendBatch(bm *testing.B) {
	b := newBus(bm)
	f := frame(1, 1514)
	batch := make([][]byte, 32)
	for i := range batch {
		batch[i] = f
	}
	bm.SetBytes(int64(len(f) * len(batch)))
	for bm.Loop() {
		if _, err := b.Send(batch...); err != nil {
			bm.Fatal(err)
		}
	}
}

func BenchmarkTryNext(bm *testing.B) {
	b := newBus(bm)
	for i := range 600 {
		if _, err := b.Send(frame(i, 1514)); err != nil {
			bm.Fatal(err)
		}
	}
	r := b.NewReader(0)
	defer func() { r.Close() }()
	bm.SetBytes(1514)
	for bm.Loop() {
		_, ok, err := r.TryNext()
		if err != nil {
			bm.Fatal(err)
		}
		if !ok {
			r.Close()
			r = b.NewReader(0)
		}
	}
}

// BenchmarkPingPong is two stations answering each other, each waiting for the other.
func BenchmarkPingPong(bm *testing.B) {
	a := newBus(bm)
	b, err := Open(a.Path())
	if err != nil {
		bm.Fatal(err)
	}
	defer b.Close()
	ra, rb := a.NewReader(0), b.NewReader(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for f, err := range rb.Frames(bm.Context()) {
			if err != nil {
				bm.Error(err)
				return
			}
			if f.Sender == b.Sender() {
				continue
			}
			b.Send(f.Data)
		}
	}()
	ping := frame(1, 100)
	for bm.Loop() {
		if _, err := a.Send(ping); err != nil {
			bm.Fatal(err)
		}
		for {
			f, err := ra.Next(bm.Context())
			if err != nil {
				bm.Fatal(err)
			}
			if f.Sender == b.Sender() {
				break
			}
		}
	}
	rb.Close()
	<-done
}
