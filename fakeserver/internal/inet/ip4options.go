package inet

import "github.com/rumpkernel/rumpscript/netbsd"

// Options in the header of an IPv4 packet, from <netinet/ip.h>.
const (
	ipOptEnd   = 0
	ipOptNop   = 1
	ipOptLSRR  = 131
	ipOptSSRR  = 137
	maxIPOpts  = 40
	sizeofAddr = 4
)

// parseIPOptions checks options that a socket is to send, and returns them after
// the address of the first hop (ip_pcbopts).
func parseIPOptions(b []byte) ([]byte, netbsd.Errno) {
	if len(b)%4 != 0 {
		return nil, netbsd.EINVAL
	}
	out := make([]byte, sizeofAddr)
	for len(b) > 0 {
		kind, size := b[0], 1
		if kind != ipOptEnd && kind != ipOptNop {
			if len(b) < 2 {
				return nil, netbsd.EINVAL
			}
			if size = int(b[1]); size < 2 || size > len(b) {
				return nil, netbsd.EINVAL
			}
		}
		if kind == ipOptLSRR || kind == ipOptSSRR {
			// The first hop is no part of the option that is sent.
			if size < 3+sizeofAddr || len(out)+size-sizeofAddr > maxIPOpts+sizeofAddr {
				return nil, netbsd.EINVAL
			}
			copy(out, b[3:])
			return out, 0
		}
		if len(out)+size > maxIPOpts+sizeofAddr {
			return nil, netbsd.EINVAL
		}
		// The real kernel keeps only the first option, and not its length.
		return out, 0
	}
	return out, 0
}
