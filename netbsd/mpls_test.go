package netbsd

import (
	"bytes"
	"slices"
	"testing"
)

func TestMplsLabels(t *testing.T) {
	sa := MplsSockaddr(5, 1<<20-1)
	if want := []byte{12, AF_MPLS, 0, 0, 0, 0, 0x50, 0, 0xff, 0xff, 0xf0, 0}; !bytes.Equal(sa.Append(nil), want) {
		t.Errorf("% x, want % x", sa.Append(nil), want)
	}
	if got := MplsLabels(sa); !slices.Equal(got, []uint32{5, 1<<20 - 1}) {
		t.Errorf("labels %v", got)
	}
	for _, other := range []Sockaddr{nil, SockaddrIn{}} {
		if got := MplsLabels(other); got != nil {
			t.Errorf("%v has labels %v", other, got)
		}
	}
}
