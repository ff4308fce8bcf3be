package netbsd

import "encoding/binary"

// MplsSockaddr returns the address that is a stack of MPLS labels, of 20 bits each.
//
//	// netmpls/mpls.h
//	struct sockaddr_mpls {
//		uint8_t smpls_len;
//		sa_family_t smpls_family;
//		uint8_t smpls_pad[2];
//		union mpls_shim smpls_addr;
//	};
func MplsSockaddr(labels ...uint32) SockaddrRaw {
	data := make([]byte, 2)
	for _, l := range labels {
		data = binary.BigEndian.AppendUint32(data, l<<12)
	}
	return SockaddrRaw{AF: AF_MPLS, Data: data}
}

// MplsLabels returns the labels of an address of MPLS, and none of any other.
func MplsLabels(sa Sockaddr) []uint32 {
	if sa == nil || sa.Family() != AF_MPLS {
		return nil
	}
	var labels []uint32
	for b := sa.Append(nil)[4:]; len(b) >= 4; b = b[4:] {
		labels = append(labels, binary.BigEndian.Uint32(b)>>12)
	}
	return labels
}
