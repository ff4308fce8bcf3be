package inet

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// Messages by which one asks a node about itself (RFC 4620), from <netinet/icmp6.h>.
const (
	niQuery, niReply = 139, 140

	niSubjectIPv6, niSubjectName = 0, 1 // of a query, its code

	niNoop, niSupported, niName, niAddresses, niIPv4 = 0, 1, 2, 3, 4

	niHeader = 16 // with the nonce

	// Flags of niAddresses.
	niTruncated, niAll, niLinkLocal, niSiteLocal, niGlobal, niAnycast = 0x1, 0x2, 0x8, 0x10, 0x20, 0x40

	// What net.inet6.icmp6.nodeinfo allows to be told.
	niTellName, niTellAddresses = 1, 2

	niMostAddresses = (2048 - ip6Header - niHeader) / 20 // of a reply
)

// nodeInfo answers queries that gVisor shows it.
type nodeInfo struct{ n *Net }

// HandlePacket answers a query, if it is one (icmp6_input).
func (q nodeInfo) HandlePacket(pkt *stack.PacketBuffer) {
	hlen := len(pkt.NetworkHeader().Slice())
	var b []byte
	for _, s := range pkt.AsSlices() {
		b = append(b, s...)
	}
	if hlen < ip6Header || len(b) < hlen+niHeader || b[hlen] != niQuery {
		return
	}
	src, dst := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	if in6Checksum(src, dst, protoICMPv6, b[hlen:]) != 0 {
		return
	}
	index := int(pkt.NICID)
	src, dst = embed(src, index), embed(dst, index)
	n := q.n
	n.lock()
	reply := n.nodeInfoReply(b[hlen:], dst)
	from, errno := dst, netbsd.Errno(0)
	if dst.IsMulticast() {
		from, errno = n.source(&pcb{}, src)
	}
	hops := int(n.set.ip6HopLimit.Load())
	n.unlock()
	if reply == nil || errno != 0 {
		return
	}
	plainFrom, _ := unembed(from)
	plainTo, _ := unembed(src)
	binary.BigEndian.PutUint16(reply[2:], in6Checksum(plainFrom, plainTo, protoICMPv6, reply))
	_, nic := unembed(src)
	n.rawOutput(rawPacket{family: netbsd.AF_INET6, proto: protoICMPv6, src: from, dst: src, nic: nic, ttl: hops, data: reply})
}

// nodeInfoReply makes the answer to a query that was sent to dst, or nil (ni6_input).
// n.mu is held.
func (n *Net) nodeInfoReply(query []byte, dst netip.Addr) []byte {
	if n.in6Local(dst) == nil && !dst.IsLinkLocalMulticast() {
		return nil
	}
	kind, subject := binary.BigEndian.Uint16(query[4:]), query[niHeader:]
	old := false // it wants a name as the third draft had it
	switch {
	case kind > niIPv4:
		kind, old = niName, true
	case query[1] == niSubjectName && len(subject) == 0 && kind <= niSupported:
	case query[1] == niSubjectIPv6 && len(subject) == 0 && kind == niName:
		old = true
	case query[1] == niSubjectIPv6:
		plain, _ := unembed(dst)
		if !bytes.Equal(subject, plain.AsSlice()) {
			return nil
		}
	case query[1] != niSubjectName || !sameName(subject, dnsName(n.cfg.Hostname())):
		return nil
	}
	r := append([]byte{niReply, 0, 0, 0}, query[4:niHeader]...)
	flags := binary.BigEndian.Uint16(query[6:])
	binary.BigEndian.PutUint16(r[6:], 0)
	switch kind {
	case niSupported:
		return append(r, 0, 0, 0, 1<<niNoop|1<<niSupported|1<<niName|1<<niAddresses)
	case niName:
		if n.set.nodeInfo.Load()&niTellName == 0 {
			return nil
		}
		name := dnsName(n.cfg.Hostname())
		if old {
			host := n.cfg.Hostname()
			name = append([]byte{byte(len(host))}, host...)
		}
		if name == nil {
			return nil
		}
		return append(append(r, 0, 0, 0, 0), name...) // a time to live that says nothing
	case niAddresses:
		if n.set.nodeInfo.Load()&niTellAddresses == 0 {
			return nil
		}
		binary.BigEndian.PutUint16(r[6:], flags)
		return n.appendNodeAddrs(r, flags)
	case niIPv4:
		return nil
	}
	return r
}

// appendNodeAddrs adds the addresses that a query for all asks for. Of a query for
// those of one interface the kernel never finds the interface.
func (n *Net) appendNodeAddrs(r []byte, flags uint16) []byte {
	if flags&niAll == 0 {
		return r
	}
	var addrs, deprecated []*ifaddr
	for _, ifp := range n.ifs {
		for _, ifa := range ifp.addrs {
			if ifa.family != netbsd.AF_INET6 || !niWants(flags, ifa) {
				continue
			}
			if ifa.iff&netbsd.IN6_IFF_DEPRECATED != 0 {
				deprecated = append(deprecated, ifa)
			} else {
				addrs = append(addrs, ifa)
			}
		}
	}
	for i, ifa := range append(addrs, deprecated...) {
		if i == niMostAddresses {
			r[7] |= niTruncated
			break
		}
		left := int64(1<<31 - 1)
		if ifa.life.Expire != 0 {
			left = min(max(ifa.life.Expire-n.uptime(), 0), left)
		}
		plain, _ := unembed(ifa.addr.addr())
		r = append(binary.BigEndian.AppendUint32(r, uint32(left)), plain.AsSlice()...)
	}
	return r
}

// niWants reports whether an address is of a kind that is asked for.
func niWants(flags uint16, ifa *ifaddr) bool {
	a := ifa.addr.addr()
	b := a.As16()
	scope := uint16(niGlobal)
	switch {
	case a.IsLinkLocalUnicast(), a.IsLoopback():
		scope = niLinkLocal
	case b[0] == 0xfe && b[1]&0xc0 == 0xc0:
		scope = niSiteLocal
	}
	return flags&scope != 0 && (ifa.iff&netbsd.IN6_IFF_ANYCAST == 0 || flags&niAnycast != 0)
}

// dnsName is a host's name as DNS writes it, or nil if it cannot be one
// (ni6_nametodns). One that looks shortened ends with two zeros.
func dnsName(host string) []byte {
	if host == "" {
		return []byte{}
	}
	var b []byte
	for _, label := range strings.Split(strings.TrimSuffix(host, "."), ".") {
		if len(label) == 0 || len(label) > 63 || !letter(label[0]) || label[len(label)-1] == '-' {
			return nil
		}
		for i := range len(label) {
			if c := label[i]; !letter(c) && (c < '0' || c > '9') && c != '-' {
				return nil
			}
		}
		b = append(append(b, byte(len(label))), strings.ToLower(label)...)
	}
	if strings.Count(host, ".") < 2 {
		b = append(b, 0)
	}
	return append(b, 0)
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// sameName reports whether two names are equal as far as the shorter of them goes, if
// that is a shortened one (ni6_dnsmatch).
func sameName(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return len(a) > 0
	}
	if len(a) < 2 || len(b) < 2 || a[len(a)-1] != 0 || b[len(b)-1] != 0 {
		return false
	}
	a, b = a[:len(a)-1], b[:len(b)-1]
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == 0 && len(a) == 1, b[0] == 0 && len(b) == 1:
			return true
		case a[0] != b[0] || a[0] == 0 || a[0] >= 64:
			return false
		}
		size := 1 + int(a[0])
		if size > len(a) || size > len(b) || !bytes.Equal(a[:size], b[:size]) {
			return false
		}
		a, b = a[size:], b[size:]
	}
	return len(a) == 0 && len(b) == 0
}
