package packet

import (
	"fmt"
	"net"
)

// A MAC is an Ethernet address.
type MAC [6]byte

// Broadcast is the address of all stations.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// ParseMAC parses an address such as b2:a0:01:02:03:04.
func ParseMAC(s string) (MAC, error) {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != 6 {
		return MAC{}, fmt.Errorf("%q is not an Ethernet address", s)
	}
	return MAC(hw), nil
}

func (m MAC) String() string { return net.HardwareAddr(m[:]).String() }

// Multicast says whether the address is of more than one station.
func (m MAC) Multicast() bool { return m[0]&1 != 0 }

func macOf(b []byte) (m MAC) {
	copy(m[:], b)
	return m
}
