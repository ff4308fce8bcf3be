package sysproxy_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"unix://csock", "unix:///tmp/csock", "tcp://127.0.0.1:1/", "tcp://[::1]:22", "tcp://0:1", "tcp://*:2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := sysproxy.ParseURL(s)
		if err != nil {
			return
		}
		if u.String() != s || u.Address == "" {
			t.Errorf("%+v", u)
		}
		if again, err := sysproxy.ParseListenURL(u.Network + "://" + u.Address); err != nil || again.Address != u.Address {
			t.Errorf("%+v is not stable: %+v, %v", u, again, err)
		}
	})
}

func FuzzParseBanner(f *testing.F) {
	f.Add("RUMPSP-0.4-NetBSD-7.99.34/amd64")
	f.Fuzz(func(t *testing.T, s string) {
		if b, err := sysproxy.ParseBanner(s); err == nil {
			if again, err := sysproxy.ParseBanner(b.String()); err != nil || again != b {
				t.Errorf("%q: %+v, %+v, %v", s, b, again, err)
			}
		}
	})
}

func FuzzReadFrame(f *testing.F) {
	f.Add(sysproxy.Frame{Header: sysproxy.Header{ReqNo: 3, Class: 1, Type: 2, Word: 4}, Data: []byte("data")}.Append(nil))
	f.Add(sysproxy.Header{Len: 1 << 63}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		for {
			before := r.Len()
			fr, err := sysproxy.ReadFrame(r, nil)
			if err != nil {
				return
			}
			at := len(b) - before
			if !bytes.Equal(fr.Append(nil), b[at:at+int(fr.Len)]) {
				t.Errorf("%+v is not what was read", fr)
			}
			_ = fr.String()
		}
	})
}

// FuzzClient feeds a client with arbitrary bytes after the handshake.
func FuzzClient(f *testing.F) {
	resp := func(no uint64, t sysproxy.Type, n int) []byte {
		return sysproxy.Frame{Header: sysproxy.Header{ReqNo: no, Class: 1, Type: t}, Data: make([]byte, n)}.Append(nil)
	}
	req := func(t sysproxy.Type, data []byte) []byte {
		return sysproxy.Frame{Header: sysproxy.Header{Type: t}, Data: data}.Append(nil)
	}
	const base = 1 << 46 // where lent memory begins
	f.Add(append(resp(2, 1, 24), resp(3, 7, 16)...))
	f.Add(append(req(2, copydata(64, base)), append(req(3, copydata(10, base+4160)), resp(2, 1, 24)...)...))
	f.Add(append(req(4, copydata(64, base+8320, make([]byte, 64)...)), resp(2, 1, 24)...))
	f.Add(append(req(6, copydata(64, 0)[:8]), req(8, nil)...))
	f.Add(sysproxy.Header{Len: 24, ReqNo: 2, Class: 2, Word: 1}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		ours, theirs := net.Pipe()
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { io.Copy(io.Discard, theirs) })
		wg.Go(func() {
			io.WriteString(theirs, bannerLine)
			theirs.Write(resp(1, 0, 4))
			theirs.Write(b)
			theirs.Close()
		})
		d := sysproxy.Dialer{DialContext: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}
		c, err := d.Dial(context.Background(), "unix://fuzz")
		if err != nil {
			return // the bytes came before the question
		}
		defer c.Close()
		in, out := bytes.Repeat([]byte{1}, 192), bytes.Repeat([]byte{2}, 192)
		for range 3 {
			c.NewCall(54).In(in[64:128]).String("string").Out(out[64:128]).AllowAnon(8192).Do(context.Background())
			c.Prefork(context.Background())
		}
		for i := range 192 {
			if in[i] != 1 || (i < 64 || i >= 128) && out[i] != 2 {
				t.Fatal("memory that was not lent for writing has been changed")
			}
		}
	})
}

// FuzzServer feeds a server with arbitrary bytes from the beginning.
func FuzzServer(f *testing.F) {
	guest := sysproxy.Frame{Data: []byte("abc\x00")}.Append(nil)
	call := func(num uint32) []byte {
		return sysproxy.Frame{Header: sysproxy.Header{ReqNo: 2, Type: 1, Word: num}, Data: make([]byte, 64)}.Append(nil)
	}
	answer := sysproxy.Frame{Header: sysproxy.Header{Class: 1, Type: 2}, Data: make([]byte, 32)}.Append(nil)
	f.Add(guest)
	f.Add(append(append(bytes.Clone(guest), call(1)...), answer...))
	f.Add(append(append(bytes.Clone(guest), call(3)...), sysproxy.Header{Len: 24, Type: 7}.Append(nil)...))
	f.Add(append(bytes.Clone(guest), sysproxy.Frame{Header: sysproxy.Header{Word: 3}, Data: []byte("x")}.Append(nil)...))
	f.Add(sysproxy.Frame{Header: sysproxy.Header{Word: 2}, Data: make([]byte, 20)}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		k := &kernel{prompt: len(b)%2 == 0, syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
			guarded := make([]byte, 96)
			switch tr.Num % 5 {
			case 1:
				tr.Copyin(tr.Arg(0), guarded[32:64])
			case 2:
				tr.CopyinString(tr.Arg(0), 32)
			case 3:
				tr.Copyout(tr.Arg(0), guarded)
			case 4:
				tr.Anonmmap(tr.Arg(0))
			}
			if !bytes.Equal(guarded[:32], make([]byte, 32)) || !bytes.Equal(guarded[64:], make([]byte, 32)) {
				t.Error("memory outside the buffer has been changed")
			}
			return 0, 0, 0
		}}
		srv := &sysproxy.Server{Handler: k}
		ours, theirs := net.Pipe()
		srv.ServeConn(theirs)
		var wg sync.WaitGroup
		wg.Go(func() { io.Copy(io.Discard, bufio.NewReader(ours)) })
		ours.Write(b)
		ours.Close()
		wg.Wait()
		srv.Close()
		if n := k.living(); n != 0 {
			t.Errorf("%d processes live on", n)
		}
	})
}

// FuzzListenURL makes sure that a server's URL never leads to a panic.
func FuzzListenURL(f *testing.F) {
	f.Add("unix://s")
	f.Add("tcp://0:0")
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := sysproxy.ParseListenURL(s); err == nil && u.Network == "unix" && len(u.Address) > 107 {
			t.Errorf("%+v cannot be a socket", u)
		}
	})
}
