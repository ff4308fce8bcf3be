package recording_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/rumpkernel/rumpscript/sysproxy"
	"github.com/rumpkernel/rumpscript/sysproxy/recording"
)

// answer is a kernel that answers every call with 42.
type answer struct{}

func (answer) Guest(context.Context, string) (sysproxy.Process, error) { return answer{}, nil }
func (answer) Fork(context.Context) (sysproxy.Process, error)          { return answer{}, nil }
func (answer) Exec(string)                                             {}
func (answer) Exit()                                                   {}
func (answer) Syscall(context.Context, *sysproxy.Trap) (r0, r1 uint64, errno int) {
	return 42, 0, 0
}

// serve runs f in the background, which serves at a new socket until stop is called.
func serve(dir, name string, f func(context.Context, net.Listener) error) (url string, stop func()) {
	url = "unix://" + filepath.Join(dir, name)
	l, err := sysproxy.Listen(context.Background(), url)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- f(ctx, l) }()
	return url, func() {
		cancel()
		if err := <-done; err != nil {
			log.Fatal(err)
		}
	}
}

func ask(url string) {
	c, err := sysproxy.Dial(context.Background(), url)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	r, err := c.NewCall(20).Do(context.Background())
	fmt.Println(r.R0, err)
}

// A session with a kernel is recorded, and served again without the kernel.
func Example() {
	dir, err := os.MkdirTemp("", "recording")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	kernel, stopKernel := serve(dir, "kernel", func(ctx context.Context, l net.Listener) error {
		srv := &sysproxy.Server{Handler: answer{}}
		context.AfterFunc(ctx, func() { srv.Close() })
		srv.Serve(l)
		return nil
	})

	var file bytes.Buffer
	server, err := sysproxy.ParseURL(kernel)
	if err != nil {
		log.Fatal(err)
	}
	proxy, stopProxy := serve(dir, "proxy", func(ctx context.Context, l net.Listener) error {
		return recording.Record(ctx, &file, l, server)
	})
	ask(proxy)
	stopProxy()
	stopKernel()

	entries, err := recording.Read(&file)
	if err != nil {
		log.Fatal(err)
	}
	replay, stopReplay := serve(dir, "replay", recording.NewReplay(entries).Serve)
	ask(replay)
	stopReplay()

	// Output:
	// 42 <nil>
	// 42 <nil>
}
