package netbsd

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

// readHex reads a file of hex digits, in which lines have no meaning.
func readHex(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return unhex(t, strings.Join(strings.Fields(string(b)), ""))
}

func TestSysctlRoot(t *testing.T) {
	b := readHex(t, "sysctl-root.hex")
	nodes, err := ParseSysctlnodes(b)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var c []byte
	for _, n := range nodes {
		names = append(names, n.Name)
		c = n.Append(c)
		if n.Type() != CTLTYPE_NODE || n.Version() != SYSCTL_VERSION || n.Flags&CTLFLAG_PERMANENT == 0 {
			t.Errorf("%s: flags 0x%x", n.Name, n.Flags)
		}
	}
	if got, want := strings.Join(names, " "), "kern vm vfs net debug hw machdep user"; got != want {
		t.Errorf("names are %q, want %q", got, want)
	}
	if kern := nodes[0]; kern.Num != CTL_KERN || kern.Clen() != 31 || kern.Csize() != 32 || kern.Ver != 0x1c9 || kern.Size != SizeofSysctlnode {
		t.Errorf("kern is %+v", kern)
	}
	if !bytes.Equal(b, c) {
		t.Errorf("nodes encode as\n     %x\nwant %x", c, b)
	}
	if _, err := ParseSysctlnodes(b[:100]); !errors.As(err, new(*FormatError)) {
		t.Errorf("100 bytes: %v", err)
	}
}

func TestSysctlnodeValues(t *testing.T) {
	var n Sysctlnode
	n.SetIdata(-2)
	if n.Idata() != -2 {
		t.Errorf("Idata = %d", n.Idata())
	}
	n.SetQdata(1 << 40)
	if n.Qdata() != 1<<40 {
		t.Errorf("Qdata = %d", n.Qdata())
	}
	n.SetBdata(true)
	if !n.Bdata() {
		t.Error("Bdata")
	}
	n.SetChildren(8, 3)
	if n.Csize() != 8 || n.Clen() != 3 {
		t.Errorf("children: %d of %d", n.Clen(), n.Csize())
	}
}

func TestSysctldesc(t *testing.T) {
	for _, tt := range []struct {
		hex  string
		want []Sysctldesc
	}{
		{"010000007a0100000100000000000000", []Sysctldesc{{Num: 1, Ver: 0x17a}}},
		{
			"010000000200000004000000616263000200000002000000050000006162636400000000",
			[]Sysctldesc{{1, 2, "abc"}, {2, 2, "abcd"}},
		},
	} {
		b := unhex(t, tt.hex)
		got, err := ParseSysctldescs(b)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v, want %+v", tt.hex, got, err, tt.want)
		}
		var c []byte
		for _, d := range got {
			c = d.Append(c)
		}
		if !bytes.Equal(b, c) {
			t.Errorf("%s: encodes as %x", tt.hex, c)
		}
	}
	if ds, err := ParseSysctldescs(unhex(t, "0100000002000000ffffffff61626300")); !errors.As(err, new(*FormatError)) {
		t.Errorf("length past the end: %v, %v", ds, err)
	}
}

func TestClockinfo(t *testing.T) {
	// kern.clockrate
	got, err := ParseClockinfo(unhex(t, "6400000010270000280000000100000001000000"))
	if want := (Clockinfo{Hz: 100, Tick: 10000, Tickadj: 40, Stathz: 1, Profhz: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestStats(t *testing.T) {
	s := make(Stats, TCP_NSTATS)
	s[TCP_STAT_CONNECTS] = 1 << 40
	got, err := ParseStats(s.Append(nil))
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("got %v, %v", got, err)
	}
	if got.At(TCP_STAT_CONNECTS) != 1<<40 || got.At(TCP_NSTATS) != 0 || got.At(-1) != 0 {
		t.Error("At")
	}
	if _, err := ParseStats(make([]byte, 9)); err == nil {
		t.Error("9 bytes are accepted")
	}
}

func TestTCPState(t *testing.T) {
	if TCPS_ESTABLISHED.String() != "ESTABLISHED" || TCPState(11).String() != "11" || TCPState(-1).String() != "-1" {
		t.Errorf("%v %v %v", TCPS_ESTABLISHED, TCPState(11), TCPState(-1))
	}
}

func FuzzParseSysctl(f *testing.F) {
	f.Add(unhex(f, "010000007a0100000100000000000000"))
	f.Add(make([]byte, SizeofSysctlnode))
	f.Fuzz(func(t *testing.T, b []byte) {
		ParseSysctlnodes(b)
		ds, err := ParseSysctldescs(b)
		if err != nil {
			return
		}
		var c []byte
		for _, d := range ds {
			c = d.Append(c)
		}
		if again, err := ParseSysctldescs(c); err != nil || !reflect.DeepEqual(ds, again) {
			t.Fatalf("%x became %x and that %v, %v", b, c, again, err)
		}
	})
}
