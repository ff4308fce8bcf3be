package netbsd

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

func TestMsghdr(t *testing.T) {
	got, err := ParseMsghdr(unhex(t, "0000000000000000000000000000000010b41b0aff7f0000020000000000000000000000000000000000000000000000"))
	if want := (Msghdr{Iov: 0x7fff0a1bb410, Iovlen: 2}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	iov, err := ParseIovecs(unhex(t, "90b41b0aff7f000002000000000000009ab41b0aff7f00006400000000000000"))
	if want := []Iovec{{0x7fff0a1bb490, 2}, {0x7fff0a1bb49a, 100}}; err != nil || !reflect.DeepEqual(iov, want) {
		t.Errorf("got %+v, %v, want %+v", iov, err, want)
	}
}

func TestControlMessages(t *testing.T) {
	want := []ControlMessage{
		{SOL_SOCKET, SCM_RIGHTS, []byte{3, 0, 0, 0}},
		{IPPROTO_IP, IP_RECVTTL, []byte{64}},
	}
	var b []byte
	for _, m := range want {
		b = m.Append(b)
	}
	if len(b) != 2*CmsgSpace(4) || CmsgSpace(4) != 24 || CmsgLen(4) != 20 {
		t.Errorf("two messages take %d bytes", len(b))
	}
	for _, c := range [][]byte{b, b[:len(b)-7]} { // with and without the last padding
		if got, err := ParseControlMessages(c); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	bad := bytes.Clone(b)
	bad[0] = 15
	if _, err := ParseControlMessages(bad); !errors.As(err, new(*FormatError)) {
		t.Errorf("cmsg_len 15: %v", err)
	}
}

func FuzzParseControlMessages(f *testing.F) {
	f.Add(ControlMessage{SOL_SOCKET, SCM_RIGHTS, []byte{3, 0, 0, 0}}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := ParseControlMessages(b)
		if err != nil {
			return
		}
		var c []byte
		for _, m := range ms {
			c = m.Append(c)
		}
		if again, err := ParseControlMessages(c); err != nil || !reflect.DeepEqual(ms, again) {
			t.Fatalf("%x became %x and that %v, %v", b, c, again, err)
		}
	})
}

func TestPollfd(t *testing.T) {
	got, err := ParsePollfds(unhex(t, "0300000001000100"))
	if want := []Pollfd{{3, POLLIN, POLLIN}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestKevent(t *testing.T) {
	got, err := ParseKevents(unhex(t, "05000000000000000000000001000000000000000000000004000000000000004d00000000000000"))
	want := []Kevent{{Ident: 5, Filter: EVFILT_READ, Flags: EV_ADD, Data: 4, Udata: 77}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestFdSet(t *testing.T) {
	s := NewFdSet(6)
	s.Set(5)
	s.Set(32)
	s.Set(-1)
	if b := s.Append(nil); !bytes.Equal(b, unhex(t, "20000000")) {
		t.Errorf("file 5 of 6 is %x", b)
	}
	got, err := ParseFdSet(unhex(t, "2000000001000000"))
	if err != nil || !got.IsSet(5) || !got.IsSet(32) || got.IsSet(4) || got.IsSet(64) || got.IsSet(-1) {
		t.Errorf("%x, %v", got, err)
	}
	for nd, want := range map[int]int{-1: 0, 0: 0, 1: 4, 32: 4, 33: 8} {
		if got := FdSetSize(nd); got != want {
			t.Errorf("FdSetSize(%d) = %d, want %d", nd, got, want)
		}
	}
}

func TestIcmp6Filter(t *testing.T) {
	var f Icmp6Filter
	f.SetPass(129, true)
	if !f.WillPass(129) || f.WillPass(128) || f.Append(nil)[16] != 2 {
		t.Errorf("%x", f)
	}
	f.SetPass(129, false)
	if f != (Icmp6Filter{}) {
		t.Errorf("%x", f)
	}
}

func TestBpfPackets(t *testing.T) {
	want := []BpfPacket{
		{BpfHdr{Sec: 1, Usec: 2, Caplen: 3, Datalen: 60, Hdrlen: 32}, []byte("abc")},
		{BpfHdr{Sec: 3, Caplen: 8, Datalen: 8, Hdrlen: 32}, []byte("abcdefgh")},
	}
	var b []byte
	for _, p := range want {
		b = p.Append(b)
	}
	got, err := ParseBpfPackets(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := ParseBpfPackets(b[:len(b)-1]); !errors.As(err, new(*FormatError)) {
		t.Errorf("a short packet: %v", err)
	}
}

func FuzzParseBpfPackets(f *testing.F) {
	f.Add(BpfPacket{Data: []byte("abc")}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) { ParseBpfPackets(b) })
}

func TestIn6Prefixes(t *testing.T) {
	want := []In6PrefixRouters{
		{In6Prefix{Prefixlen: 64, Advrtrs: 1}, []SockaddrIn6{{ScopeID: 2}}},
		{Prefix: In6Prefix{Prefixlen: 10}},
	}
	var b []byte
	for _, p := range want {
		b = p.Append(b)
	}
	if got, err := ParseIn6Prefixes(b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := ParseIn6Prefixes(b[:80]); err == nil {
		t.Error("a prefix without its router is accepted")
	}
}

func TestAgrports(t *testing.T) {
	b := Agrportinfo{Ifname: "shmif0"}.Append(Agrportlist{Nports: 1}.Append(nil))
	if got, err := ParseAgrports(b); err != nil || len(got) != 1 || got[0].Ifname != "shmif0" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, n := range []int32{-1, 2} {
		if _, err := ParseAgrports(append(Agrportlist{Nports: n}.Append(nil), b[4:]...)); err == nil {
			t.Errorf("%d ports are accepted", n)
		}
	}
}

func FuzzParseLists(f *testing.F) {
	f.Add(In6PrefixRouters{In6Prefix{}, make([]SockaddrIn6, 1)}.Append(nil))
	f.Add(Agrportinfo{Ifname: "shmif0"}.Append(Agrportlist{Nports: 1}.Append(nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		ParseIn6Prefixes(b)
		ParseAgrports(b)
		ParseKinfoPcbs(b)
		ParseIfreq(b)
		ParseMib(b)
		ParseString(b)
		ParseFdSet(b)
		ParseStats(b)
		for n := range Sysno(SYS_MAXSYSCALL) {
			ParseArgs(n, b)
		}
	})
}
