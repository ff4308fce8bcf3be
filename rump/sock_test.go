package rump_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/nettest"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dial(t testing.TB, url string) *rump.Kernel {
	t.Helper()
	k, err := rump.Dial(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func netKernel(t testing.TB) string {
	return rumptest.Start(t, netArgs...).URL
}

// pipe makes a connection from one process of a kernel to another.
func pipe(client, server *rump.Kernel, network, address string) nettest.MakePipe {
	return func() (c1, c2 net.Conn, stop func(), err error) {
		ctx := context.Background()
		l, err := server.Listen(ctx, network, address)
		if err != nil {
			return nil, nil, nil, err
		}
		defer l.Close()
		type result struct {
			c   net.Conn
			err error
		}
		accepted := make(chan result, 1)
		go func() {
			c, err := l.Accept()
			accepted <- result{c, err}
		}()
		c1, err = client.DialContext(ctx, network, l.Addr().String())
		if err != nil {
			return nil, nil, nil, err
		}
		r := <-accepted
		if r.err != nil {
			return nil, nil, nil, r.err
		}
		return c1, r.c, func() {
			c1.Close()
			r.c.Close()
		}, nil
	}
}

func TestConnConformance(t *testing.T) { eachKernel(t, testConnConformance) }

func testConnConformance(t *testing.T, process func(testing.TB) *rump.Kernel) {
	a, b := process(t), process(t)
	n := 0
	for _, c := range []struct{ network, address string }{
		{"tcp4", "127.0.0.1:0"},
		{"tcp6", "[::1]:0"},
		{"unix", ""},
	} {
		t.Run(c.network, func(t *testing.T) {
			nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
				address := c.address
				if address == "" {
					n++
					address = fmt.Sprintf("/sock%d", n)
				}
				return pipe(a, b, c.network, address)()
			})
		})
	}
}

func TestHTTP(t *testing.T) { eachKernel(t, testHTTP) }

func testHTTP(t *testing.T, process func(testing.TB) *rump.Kernel) {
	server, client := process(t), process(t)
	l, err := server.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("rump"), 5000)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) })}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	transport := &http.Transport{DialContext: client.DialContext, MaxIdleConnsPerHost: 20}
	hc := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	const requests, together = 200, 20
	var wg sync.WaitGroup
	slots := make(chan struct{}, together)
	for range requests {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			resp, err := hc.Get("http://" + l.Addr().String() + "/")
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil || !bytes.Equal(got, body) {
				t.Errorf("read %d bytes: %v", len(got), err)
			}
		})
	}
	wg.Wait()
	transport.CloseIdleConnections()
	srv.Close()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func TestHalfClose(t *testing.T) { eachKernel(t, testHalfClose) }

func testHalfClose(t *testing.T, process func(testing.TB) *rump.Kernel) {
	a, b := process(t), process(t)
	c1, c2, stop, err := pipe(a, b, "tcp", "127.0.0.1:0")()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if _, err := c1.Write([]byte("question")); err != nil {
		t.Fatal(err)
	}
	if err := c1.(*rump.Conn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c2)
	if err != nil || string(got) != "question" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := c2.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	c2.Close()
	if got, err = io.ReadAll(c1); err != nil || string(got) != "answer" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestUDP(t *testing.T) { eachKernel(t, testUDP) }

func testUDP(t *testing.T, process func(testing.TB) *rump.Kernel) {
	k := process(t)
	ctx := context.Background()
	for _, network := range []string{"udp4", "udp6"} {
		host := map[string]string{"udp4": "127.0.0.1", "udp6": "[::1]"}[network]
		server, err := k.ListenPacket(ctx, network, host+":0")
		if err != nil {
			t.Fatal(err)
		}
		client, err := k.DialContext(ctx, network, server.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Write([]byte("ping")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		n, from, err := server.ReadFrom(buf)
		if err != nil || string(buf[:n]) != "ping" || from.String() != client.LocalAddr().String() {
			t.Fatalf("%q from %v: %v", buf[:n], from, err)
		}
		if _, err := server.WriteTo([]byte("pong"), from); err != nil {
			t.Fatal(err)
		}
		if n, err = client.Read(buf); err != nil || string(buf[:n]) != "pong" {
			t.Fatalf("%q: %v", buf[:n], err)
		}
		server.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, _, err := server.ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read past the deadline: %v", err)
		}
		client.Close()
		server.Close()
	}
}

func TestDialErrors(t *testing.T) { eachKernel(t, testDialErrors) }

func testDialErrors(t *testing.T, process func(testing.TB) *rump.Kernel) {
	k := process(t)
	ctx := context.Background()
	for _, c := range []struct {
		network, address string
		want             error
	}{
		{"tcp", "127.0.0.1:1", netbsd.ECONNREFUSED},
		{"tcp", "192.0.2.1:80", netbsd.EADDRNOTAVAIL},
		{"unix", "/nosuch", netbsd.ENOENT},
		{"tcp7", "127.0.0.1:1", net.UnknownNetworkError("tcp7")},
	} {
		_, err := k.DialContext(ctx, c.network, c.address)
		var op *net.OpError
		if !errors.As(err, &op) || !errors.Is(err, c.want) {
			t.Errorf("dial %s %s: %v, want %v", c.network, c.address, err, c.want)
		}
	}
	if _, err := k.DialContext(ctx, "tcp", "example.com:80"); err == nil {
		t.Error("a name was found")
	}
	l, err := k.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := k.Listen(ctx, "tcp", l.Addr().String()); !errors.Is(err, netbsd.EADDRINUSE) {
		t.Errorf("listen twice: %v", err)
	}
}
