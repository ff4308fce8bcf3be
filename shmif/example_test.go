package shmif_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/rumpkernel/rumpscript/shmif"
)

// A frame of a protocol for experiments, from 02:00:00:00:00:01 to everyone.
var hello = []byte("\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x88\xb5hello")

func tempBus(name string) *shmif.Bus {
	dir, err := os.MkdirTemp("", "shmif")
	if err != nil {
		log.Fatal(err)
	}
	b, err := shmif.Create(filepath.Join(dir, name))
	if err != nil {
		log.Fatal(err)
	}
	return b
}

func remove(b *shmif.Bus) {
	b.Close()
	os.RemoveAll(filepath.Dir(b.Path()))
}

func Example() {
	b := tempBus("wire")
	defer remove(b)

	mark, err := b.End() // what is sent from now on
	if err != nil {
		log.Fatal(err)
	}
	r := b.NewReader(mark)
	defer r.Close()
	if _, err := b.Send(hello); err != nil {
		log.Fatal(err)
	}
	f, err := r.Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("at %v: %s, lost %d\n", f.Position, f.Data[14:], f.Lost)
	// Output: at 0:0x0018: hello, lost 0
}

func ExampleSegment() {
	left, right := tempBus("left"), tempBus("right")
	defer remove(left)
	defer remove(right)

	s, err := shmif.NewSegment(shmif.SegmentOptions{Seed: 1, Conditions: shmif.Conditions{Duplicate: 1}},
		shmif.Port{Name: "left", Bus: left}, shmif.Port{Name: "right", Bus: right})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()

	r := right.NewReader(0)
	if _, err := left.Send(hello); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		f, err := r.Next(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", f.Data[14:])
	}
	cancel()
	fmt.Println(<-done)
	// Output:
	// hello
	// hello
	// <nil>
}

func ExampleStartCapture() {
	b := tempBus("wire")
	defer remove(b)

	var rec shmif.Recording
	c := shmif.StartCapture(b, 0, &rec)
	b.Send(hello, hello)
	stats, err := c.Stop()
	fmt.Println(stats.Frames, len(rec.Frames()), stats.Overruns, err)
	// Output: 2 2 0 <nil>
}
