package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Options in the header of an IPv4 packet, from <netinet/ip.h>.
const (
	ipOptEnd   = 0
	ipOptNop   = 1
	ipOptRR    = 7
	ipOptLSRR  = 131
	ipOptSSRR  = 137
	maxIPOpts  = 40
	sizeofAddr = 4
)

// parseIPOptions checks options that a socket is to send, and returns the address
// of the first hop (ip_pcbopts). The real kernel looks at the first option alone,
// and does not keep its length.
func parseIPOptions(b []byte) ([]byte, netbsd.Errno) {
	hop := make([]byte, sizeofAddr)
	switch {
	case len(b)%4 != 0:
		return nil, netbsd.EINVAL
	case len(b) == 0 || b[0] == ipOptEnd || b[0] == ipOptNop:
		return hop, 0
	}
	size := int(b[1]) // of the option, with its kind and this byte
	if size < 2 || size > len(b) {
		return nil, netbsd.EINVAL
	}
	if b[0] == ipOptLSRR || b[0] == ipOptSSRR {
		// The first hop is no part of the option that is sent.
		if size < 3+sizeofAddr || size > maxIPOpts+sizeofAddr {
			return nil, netbsd.EINVAL
		}
		copy(hop, b[3:])
		return hop, 0
	}
	if size > maxIPOpts {
		return nil, netbsd.EINVAL
	}
	return hop, 0
}

// recordRoute writes an address of ours into the option that gathers them, as whoever
// takes a packet in does (ip_dooptions). gVisor does so only where it goes on.
func recordRoute(opts []byte, own netip.Addr) {
	for len(opts) >= 3 {
		switch opts[0] {
		case ipOptEnd:
			return
		case ipOptNop:
			opts = opts[1:]
			continue
		}
		size := int(opts[1])
		if size < 2 || size > len(opts) {
			return
		}
		if at := int(opts[2]) - 1; opts[0] == ipOptRR && at >= 3 && at+sizeofAddr <= size {
			copy(opts[at:], own.AsSlice())
			opts[2] += sizeofAddr
		}
		opts = opts[size:]
	}
}
