package sysproxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// proxied starts a proxy to a server and returns its URL.
func proxied(t *testing.T, p *sysproxy.Proxy, server string) string {
	t.Helper()
	u, err := sysproxy.ParseURL(server)
	if err != nil {
		t.Fatal(err)
	}
	p.Server = u
	url := "unix://" + filepath.Join(t.TempDir(), "p")
	l, err := sysproxy.Listen(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(l) }()
	t.Cleanup(func() {
		p.Close()
		if err := <-done; err != sysproxy.ErrClosed {
			t.Errorf("Serve: %v", err)
		}
	})
	return url
}

// TestProxy looks at what a proxy tells, and at what passes it.
func TestProxy(t *testing.T) {
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		b := make([]byte, 100<<10)
		if tr.Copyin(tr.Arg(0), b) != nil || tr.Copyout(tr.Arg(1), b) != nil {
			return 0, 0, 14
		}
		return 7, 0, 0
	}}
	var seen []string
	var bytesSeen int
	p := &sysproxy.Proxy{Observe: func(o sysproxy.Passing) {
		if o.Banner != "" {
			seen = append(seen, "< "+strings.TrimSpace(o.Banner))
			return
		}
		dir := map[bool]string{false: "> ", true: "< "}[o.FromServer]
		seen = append(seen, dir+o.Frame.Class.String()+" "+o.Frame.Type.String())
		bytesSeen += len(o.Frame.Data)
	}}
	c := dial(t, proxied(t, p, serve(t, &sysproxy.Server{Handler: k})))
	in, out := bytes.Repeat([]byte("x"), 100<<10), make([]byte, 100<<10)
	if r, err := c.NewCall(3).In(in).Out(out).Do(t.Context()); err != nil || r.R0 != 7 || !bytes.Equal(in, out) {
		t.Fatal(r, err)
	}
	c.Close()
	p.Close()
	want := []string{
		"< RUMPSP-0.4-NetBSD-7.99.34/amd64", "> req handshake", "< resp handshake", "> req syscall",
		"< req copyin", "> resp copyin", "< req copyout", "< req copyout", "< resp syscall",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("%q", seen)
	}
	if bytesSeen < 200<<10 {
		t.Errorf("only %d bytes were seen", bytesSeen)
	}
}

// TestProxyChangesNothing compares the answers to nonsense with and without a proxy.
func TestProxyChangesNothing(t *testing.T) {
	url := serve(t, &sysproxy.Server{Handler: &kernel{syscall: echo}})
	through := proxied(t, &sysproxy.Proxy{}, url)
	guest := sysproxy.Frame{Data: []byte("abc\x00")}.Append(nil)
	for name, wire := range map[string][]byte{
		"length 10":     append(slices.Clone(guest), sysproxy.Header{Len: 10}.Append(nil)...),
		"absurd length": append(slices.Clone(guest), sysproxy.Header{Len: 1 << 60}.Append(nil)...),
		"unknown type":  append(slices.Clone(guest), sysproxy.Header{Len: 24, Type: 99}.Append(nil)...),
		"unknown class": append(slices.Clone(guest), sysproxy.Header{Len: 24, Class: 9}.Append(nil)...),
		"no handshake":  sysproxy.Header{Len: 24, Type: 1}.Append(nil),
		"half a frame":  guest[:25],
		"nothing":       nil,
	} {
		talk := func(url string) string {
			u, _ := sysproxy.ParseURL(url)
			nc, err := net.Dial(u.Network, u.Address)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			nc.Write(wire)
			nc.(*net.UnixConn).CloseWrite()
			b, err := io.ReadAll(nc)
			if errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return string(b)
		}
		if a, b := talk(url), talk(through); a != b && name != "absurd length" {
			t.Errorf("%s: %q becomes %q", name, a, b)
		}
	}
}

// TestProxyWithoutServer dials a proxy whose server is gone.
func TestProxyWithoutServer(t *testing.T) {
	url := proxied(t, &sysproxy.Proxy{}, "unix://"+filepath.Join(t.TempDir(), "nobody"))
	if _, err := sysproxy.Dial(t.Context(), url); err == nil || !strings.Contains(err.Error(), "closes the connection without a greeting") {
		t.Error(err)
	}
}

// TestProxyClose closes a proxy while a call is running through it.
func TestProxyClose(t *testing.T) {
	begun := make(chan struct{})
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		close(begun)
		<-ctx.Done()
		return 0, 0, 4
	}}
	p := &sysproxy.Proxy{}
	c := dial(t, proxied(t, p, serve(t, &sysproxy.Server{Handler: k})))
	go func() { <-begun; p.Close() }()
	var te *sysproxy.TransportError
	if _, err := c.NewCall(3).Do(t.Context()); !errors.As(err, &te) {
		t.Error(err)
	}
	eventually(t, "the process is gone", func() bool { return k.living() == 0 })
}
