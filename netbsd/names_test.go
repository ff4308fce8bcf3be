package netbsd

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	all := FileFlags(UF_APPEND | UF_IMMUTABLE | UF_NODUMP | UF_OPAQUE | SF_APPEND | SF_ARCHIVED | SF_IMMUTABLE | SF_SNAPSHOT)
	words := []string{"uappnd", "uchg", "nodump", "opaque", "sappnd", "arch", "schg", "snap"}
	if got := all.Words(); !slices.Equal(got, words) {
		t.Errorf("got %q, want %q", got, words)
	}
	var back FileFlags
	for _, w := range words {
		f, ok := LookupFileFlag(w)
		if !ok {
			t.Errorf("no flag %s", w)
		}
		back |= f
	}
	if back != all {
		t.Errorf("got %#x, want %#x", back, all)
	}
	if n, ok := LookupFcntl("F_SETLKW"); n != F_SETLKW || !ok {
		t.Errorf("F_SETLKW is %d, %v", n, ok)
	}
	if s, ok := FcntlName(F_SETNOSIGPIPE); s != "F_SETNOSIGPIPE" || !ok {
		t.Errorf("%d is %q, %v", F_SETNOSIGPIPE, s, ok)
	}
	if c, ok := LookupIoctl("DIOCGDINFO"); c != DIOCGDINFO || !ok {
		t.Errorf("DIOCGDINFO is %v, %v", c, ok)
	}
	if n, ok := LookupPathconf("NAME_MAX"); n != PC_NAME_MAX || !ok {
		t.Errorf("NAME_MAX is %d, %v", n, ok)
	}
	for _, n := range []int{-1, len(fcntlNames)} {
		if s, ok := FcntlName(n); ok {
			t.Errorf("%d is %q", n, s)
		}
	}
	for _, name := range []string{"", "nosuch"} {
		_, a := LookupFileFlag(name)
		_, b := LookupFcntl(name)
		_, c := LookupIoctl(name)
		_, d := LookupPathconf(name)
		if a || b || c || d {
			t.Errorf("%q is known: %v %v %v %v", name, a, b, c, d)
		}
	}
}
