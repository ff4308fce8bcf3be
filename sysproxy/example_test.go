package sysproxy_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// hostnames is a kernel with one system call, number 1, which writes the kernel's
// name to a buffer: its address and its size are the arguments.
type hostnames struct{ name string }

func (h hostnames) Guest(ctx context.Context, program string) (sysproxy.Process, error) {
	return h, nil
}

func (h hostnames) Syscall(ctx context.Context, t *sysproxy.Trap) (r0, r1 uint64, errno int) {
	const ENOSYS, EFAULT, ENAMETOOLONG = 78, 14, 63
	if t.Num != 1 {
		return 0, 0, ENOSYS
	}
	if uint64(len(h.name)) >= t.Arg(1) {
		return 0, 0, ENAMETOOLONG
	}
	if err := t.CopyoutString(t.Arg(0), h.name); err != nil {
		return 0, 0, EFAULT
	}
	return uint64(len(h.name)), 0, 0
}

func (h hostnames) Fork(context.Context) (sysproxy.Process, error) { return h, nil }
func (h hostnames) Exec(program string)                            {}
func (h hostnames) Exit()                                          {}

// start serves a kernel at a new Unix socket.
func start(h sysproxy.Handler) (url string, stop func()) {
	dir, err := os.MkdirTemp("", "sysproxy")
	if err != nil {
		log.Fatal(err)
	}
	url = "unix://" + filepath.Join(dir, "csock")
	l, err := sysproxy.Listen(context.Background(), url)
	if err != nil {
		log.Fatal(err)
	}
	srv := &sysproxy.Server{Handler: h}
	done := make(chan struct{})
	go func() { srv.Serve(l); close(done) }()
	return url, func() {
		srv.Close()
		<-done
		os.RemoveAll(dir)
	}
}

// A client makes a system call that fills a buffer.
func Example() {
	url, stop := start(hostnames{"rump-1"})
	defer stop()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := sysproxy.Dial(ctx, url)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	buf := make([]byte, 64)
	r, err := c.NewCall(1).Out(buf).Int(int64(len(buf))).Do(ctx)
	if err != nil {
		log.Fatal(err) // there is no answer
	}
	fmt.Println(r.Errno, string(buf[:r.R0]))

	r, err = c.NewCall(2).Do(ctx)
	fmt.Println(r.Errno, err) // there is one, and it is no

	// Output:
	// 0 rump-1
	// 78 <nil>
}

// A server serves a kernel made in Go. It may also be given single connections.
func ExampleServer() {
	srv := &sysproxy.Server{
		Handler: hostnames{"made-in-go"},
		Banner:  sysproxy.Banner{Kernel: "NetBSD", Release: "7.99.34", Machine: "amd64"},
	}
	defer srv.Close()

	d := sysproxy.Dialer{
		Program: "example",
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			srv.ServeConn(theirs)
			return ours, nil
		},
	}
	c, err := d.Dial(context.Background(), "unix://within-the-process")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.Banner())

	// Output:
	// RUMPSP-0.4-NetBSD-7.99.34/amd64
}

// A proxy shows what a client and a server say to each other.
func ExampleProxy() {
	url, stop := start(hostnames{"rump-1"})
	defer stop()
	server, err := sysproxy.ParseURL(url)
	if err != nil {
		log.Fatal(err)
	}

	p := &sysproxy.Proxy{
		Server: server,
		Observe: func(p sysproxy.Passing) {
			who := "client"
			if p.FromServer {
				who = "server"
			}
			if p.Banner != "" {
				fmt.Printf("%s: %s", who, p.Banner)
			} else {
				fmt.Printf("%s: %s\n", who, p.Frame)
			}
		},
	}
	defer p.Close()
	l, err := sysproxy.Listen(context.Background(), url+".proxy")
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- p.Serve(l) }()

	d := sysproxy.Dialer{Program: "example"}
	c, err := d.Dial(context.Background(), url+".proxy")
	if err != nil {
		log.Fatal(err)
	}
	c.NewCall(1).Out(make([]byte, 64)).Int(64).Do(context.Background())
	c.Close()
	p.Close()
	fmt.Println(errors.Is(<-done, sysproxy.ErrClosed))

	// Output:
	// server: RUMPSP-0.4-NetBSD-7.99.34/amd64
	// client: req handshake #1 guest 8 bytes
	// server: resp handshake #1 4 bytes
	// client: req syscall #2 syscall=1 64 bytes
	// server: req copyoutstr #0 23 bytes
	// server: resp syscall #2 24 bytes
	// true
}
