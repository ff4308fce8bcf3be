package replay

import (
	"bytes"
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// maskAddresses hides the hardware addresses of shmif interfaces, which are
// random after their first two bytes, and the IPv6 addresses made of them.
func maskAddresses(b []byte) {
	for i := 0; i+6 <= len(b); i++ {
		switch {
		case b[i] == 0xb2 && b[i+1] == 0xa0:
			hide(b, i+2, i+6)
		case i+8 <= len(b) && b[i] == 0xb0 && b[i+1] == 0xa0 && b[i+3] == 0xff && b[i+4] == 0xfe:
			hide(b, i+2, i+3)
			hide(b, i+5, i+8)
		}
	}
}

// maskRouting hides counters, times and padding in routing messages. The kernel
// makes those of a table one after the other in the same memory, so that what it
// does not set in one is left from another.
func maskRouting(b []byte, table bool) {
	for len(b) >= 4 {
		n := int(binary.LittleEndian.Uint16(b))
		if n < 4 || n > len(b) {
			return
		}
		m := b[:n]
		b = b[n:]
		switch m[3] {
		case netbsd.RTM_IFINFO:
			hide(m, 14, 16)
			hide(m, 19, 20)
			hide(m, 48, netbsd.SizeofIfMsghdr) // counters and the last change
		case netbsd.RTM_NEWADDR, netbsd.RTM_DELADDR, netbsd.RTM_CHGADDR:
			hide(m, 18, 24)
		case netbsd.RTM_IFANNOUNCE:
		default:
			hide(m, 6, 8)
			hide(m, 16, 20) // pid
			hide(m, 28, 32) // use
			hide(m, 36, 40)
			hide(m, 104, 120) // expiry
			if table {
				hide(m, 20, 40) // seq, errno, inits
				// Of a neighbour only the length, the type and the
				// addresses are set, and a few flags.
				if len(m) >= netbsd.SizeofRtMsghdr && binary.LittleEndian.Uint32(m[12:]) == netbsd.RTA_DST|netbsd.RTA_GATEWAY {
					hide(m, 4, 12)
					hide(m, 16, netbsd.SizeofRtMsghdr)
				}
			}
		}
	}
}

// maskIoctl hides what the kernel leaves in a parameter.
func maskIoctl(cmd netbsd.Ioctl, b []byte) {
	switch cmd {
	case netbsd.SIOCGIFDATA, netbsd.SIOCZIFDATA:
		hide(b, 48, len(b))
	case netbsd.SIOCGNBRINFO_IN6:
		hide(b, 48, 52) // expiry
	case netbsd.SIOCGIFALIFETIME_IN6:
		hide(b, 16, 32)
	case netbsd.SIOCGIFINFO_IN6:
		hide(b, 28, 32)                          // the random reachable time
		hide(b, 16+30, 16+netbsd.SizeofNdIfinfo) // seeds
	}
}

// maskPacket hides what says nothing in a packet that a raw socket received: the
// IPv4 header's identification and checksum, and a time that the sender put in.
func maskPacket(b []byte) {
	if len(b) >= 20 && b[0] == 0x45 {
		hide(b, 4, 6)
		hide(b, 10, 12)
		if len(b) >= 28 && b[9] == netbsd.IPPROTO_ICMP {
			hide(b, 22, 24)
			hide(b, 28, 44)
		}
		return
	}
	if len(b) >= 8 && b[0] == 129 { // an ICMPv6 echo reply
		hide(b, 2, 4)
		hide(b, 8, 24)
	}
}

// maskPort hides the port in an address if the kernel chose it.
func maskPort(b []byte) {
	if len(b) == 16 && b[0] == 16 && b[1] == netbsd.AF_INET || len(b) == 28 && b[0] == 28 && b[1] == netbsd.AF_INET6 {
		if binary.BigEndian.Uint16(b[2:]) >= netbsd.IPPORT_ANONMIN {
			hide(b, 2, 4)
		}
	}
}

// isRouting reports whether b looks like a routing message.
func isRouting(b []byte) bool {
	return len(b) >= 24 && int(binary.LittleEndian.Uint16(b)) == len(b) && b[2] == netbsd.RTM_VERSION && !bytes.Equal(b[:4], []byte{0, 0, 0, 0})
}

// maskControl hides the padding in control messages.
func maskControl(b []byte) {
	for len(b) >= 16 {
		n := int(binary.LittleEndian.Uint32(b))
		if n < 16 || n > len(b) {
			return
		}
		hide(b, 12, 16)
		next := min((n+7)&^7, len(b))
		hide(b, n, next)
		b = b[next:]
	}
}
