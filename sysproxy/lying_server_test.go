package sysproxy_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestLyingServer has a server break the rules while it answers a call that lends
// 16 bytes to be read, 16 to be written and a string. The connection must end,
// say why, and nothing but the lent bytes may have been touched.
func TestLyingServer(t *testing.T) {
	const req, resp = sysproxy.ClassRequest, sysproxy.ClassResponse
	for _, tc := range []struct {
		name string
		lie  func(p *peer, f sysproxy.Frame)
		want string
	}{
		{"copyin of an unlent address", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(8, 0xdeadbeef)...)
		}, "asks for 8 bytes at 0xdeadbeef, which belong to no system call in flight"},
		{"copyin of null", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(8, 0)...)
		}, "asks for 8 bytes at 0x0"},
		{"copyin beyond the end", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(17, arg(f, 0))...)
		}, "where 16 were lent"},
		{"copyin from the middle beyond the end", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(9, arg(f, 0)+8)...)
		}, "where 8 were lent"},
		{"copyin before the beginning", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(8, arg(f, 0)-1)...)
		}, "asks for 8 bytes at 0x3fffffffffff"},
		{"copyin of all memory", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(1<<64-1, arg(f, 0))...)
		}, "where 16 were lent"},
		{"copyin of memory lent for writing", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(8, arg(f, 1))...)
		}, "which were not lent"},
		{"copyinstr of an unlent address", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyinstr}, copydata(8, arg(f, 2)-4000)...)
		}, "asks for a string"},
		{"copyinstr without a NUL", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyinstr}, copydata(1024, arg(f, 0))...)
		}, "have no NUL"},
		{"copyout to memory lent for reading", func(p *peer, f sysproxy.Frame) {
			p.copyout(arg(f, 0), make([]byte, 8)...)
		}, "copies 8 bytes out to"},
		{"copyout beyond the end", func(p *peer, f sysproxy.Frame) {
			p.copyout(arg(f, 1), make([]byte, 17)...)
		}, "where 16 were lent"},
		{"copyout to null", func(p *peer, f sysproxy.Frame) { p.copyout(0, 1) }, "copies 1 bytes out to 0x0"},
		{"copyout that wraps around", func(p *peer, f sysproxy.Frame) {
			p.raw(sysproxy.Header{Len: 24 + 15, Type: sysproxy.TypeCopyout}, copydata(1<<64-1, arg(f, 1))...)
		}, "sends a copyout of 15 bytes"},
		{"copyout with a wrong length", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyout}, copydata(9, arg(f, 1), 1, 2, 3)...)
		}, "announces 9 bytes and has 3"},
		{"copyout of a huge frame", func(p *peer, f sysproxy.Frame) {
			p.raw(sysproxy.Header{Len: 1 << 62, Type: sysproxy.TypeCopyout}, copydata(1<<62-40, arg(f, 1))...)
		}, "where 16 were lent"},
		{"copyoutstr without a payload", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyoutstr})
		}, "sends a copyoutstr of 0 bytes"},
		{"copyin with a payload that is too short", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, 1, 2, 3)
		}, "sends a copyin of 3 bytes instead of 16"},
		{"anonmmap with a payload that is too long", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeAnonmmap}, make([]byte, 16)...)
		}, "sends a anonmmap of 16 bytes instead of 8"},
		{"raise with a payload", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeRaise, Word: 13}, 0)
		}, "sends a raise of 1 bytes instead of 0"},
		{"frame shorter than its header", func(p *peer, f sysproxy.Frame) {
			p.raw(sysproxy.Header{Len: 23, Class: resp})
		}, "sends a frame of length 23, less than a header's"},
		{"frame longer than the limit", func(p *peer, f sysproxy.Frame) {
			p.raw(sysproxy.Header{Len: 1 << 40, ReqNo: f.ReqNo, Class: resp, Type: sysproxy.TypeSyscall})
		}, "sends a frame of 1099511627776 bytes"},
		{"response nobody waits for", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{ReqNo: 77, Class: resp, Type: sysproxy.TypeSyscall}, make([]byte, 24)...)
		}, "answers request 77, which nobody made"},
		{"error nobody waits for", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{ReqNo: 78, Class: sysproxy.ClassError, Word: 7})
		}, "answers request 78, which nobody made"},
		{"response twice", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Type: sysproxy.TypeCopyin}, copydata(1, 1)...) // the call must not be over
			p.answer(f, 0, 0)
		}, "asks for 1 bytes at 0x1"},
		{"response of another type", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: resp, Type: sysproxy.TypePrefork}, make([]byte, 16)...)
		}, "answers a syscall with a prefork"},
		{"response that is too short", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: resp, Type: sysproxy.TypeSyscall}, make([]byte, 23)...)
		}, "with 23 bytes instead of 24"},
		{"unknown class", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: 7, Type: sysproxy.TypeSyscall})
		}, "sends a frame of unknown class 7"},
		{"unknown type", func(p *peer, f sysproxy.Frame) { p.send(sysproxy.Header{Type: 99}) }, "sends a request of type type(99)"},
		{"request that only clients make", func(p *peer, f sysproxy.Frame) {
			p.send(sysproxy.Header{Class: req, Type: sysproxy.TypeSyscall, Word: 1}, make([]byte, 64)...)
		}, "sends a request of type syscall"},
		{"handshake from the server", func(p *peer, f sysproxy.Frame) { p.send(sysproxy.Header{}) }, "sends a request of type handshake"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ended := make(chan bool, 1)
			d := fakeServer(t, func(p *peer) {
				p.greet()
				f := p.expect(req, sysproxy.TypeSyscall)
				tc.lie(p, f)
				ended <- p.ended()
			})
			c := connect(t, d)
			in, out := bytes.Repeat([]byte{1}, 48), bytes.Repeat([]byte{2}, 48)
			wantIn, wantOut := bytes.Clone(in), bytes.Clone(out)
			_, err := c.NewCall(3).In(in[16:32]).Out(out[16:32]).String("a string").Do(t.Context())
			var pe *sysproxy.ProtocolError
			if !errors.As(err, &pe) || !strings.Contains(pe.What, tc.want) {
				t.Errorf("error %v, want one that says %q", err, tc.want)
			}
			if !<-ended {
				t.Error("the connection has not been closed")
			}
			if !bytes.Equal(in, wantIn) || !bytes.Equal(out, wantOut) {
				t.Errorf("memory was changed:\n%x\n%x", in, out)
			}
			if _, err := c.NewCall(20).Do(t.Context()); !errors.As(err, &pe) {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

// TestStaleAddress has a server use an address that was lent by an earlier call.
func TestStaleAddress(t *testing.T) {
	d := fakeServer(t, func(p *peer) {
		p.greet()
		f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		stale := arg(f, 0)
		p.answer(f, 0, 0)
		p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		p.copyout(stale, 1, 2, 3)
		p.ended()
	})
	c := connect(t, d)
	b := make([]byte, 16)
	if _, err := c.NewCall(3).Out(b).Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	var pe *sysproxy.ProtocolError
	if _, err := c.NewCall(3).Out(make([]byte, 16)).Do(t.Context()); !errors.As(err, &pe) {
		t.Errorf("error %v", err)
	}
	if !bytes.Equal(b, make([]byte, 16)) {
		t.Errorf("the earlier call's memory was changed: %x", b)
	}
}

// TestForeignAddress has a server use, on one connection, an address that is lent
// on another one of the same program.
func TestForeignAddress(t *testing.T) {
	lent := make(chan uint64, 1)
	release := make(chan struct{})
	one := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		lent <- arg(f, 0)
		<-release
		p.answer(f, 0, 0)
		p.ended()
	}))
	two := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		p.copyout(<-lent, 0xff)
		p.ended()
	}))
	secret := make([]byte, 16)
	done := make(chan error, 1)
	go func() {
		_, err := one.NewCall(3).Out(secret).Do(context.Background())
		done <- err
	}()
	if _, err := two.NewCall(20).Do(t.Context()); err == nil {
		t.Error("the address was accepted")
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if secret[0] != 0 {
		t.Error("the other client's memory was changed")
	}
}

// TestRefused has a server answer with each error of the protocol.
func TestRefused(t *testing.T) {
	for code := sysproxy.ErrorCode(1); code <= 9; code++ {
		c := connect(t, fakeServer(t, func(p *peer) {
			p.greet()
			f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
			p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: sysproxy.ClassError, Word: uint32(code)})
			p.answer(p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall), 5, 0)
		}))
		_, err := c.NewCall(20).Do(t.Context())
		var re *sysproxy.RefusedError
		if !errors.As(err, &re) || re.Code != code || !errors.Is(err, code) || !strings.Contains(err.Error(), "system call 20 refused") {
			t.Errorf("code %d: %v", code, err)
		}
		if errno, ok := errnoOf[code]; ok != errors.Is(err, errno) {
			t.Errorf("code %d is not errno %v", code, errno)
		}
		if r, err := c.NewCall(20).Do(t.Context()); err != nil || r.R0 != 5 {
			t.Errorf("after code %d: %v, %v", code, r, err)
		}
	}
}
