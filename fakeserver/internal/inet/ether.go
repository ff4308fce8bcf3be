package inet

import (
	"encoding/binary"
)

// Ethernet, from <net/if_ether.h>.
const (
	ethernetHeader = 14
	vlanTag        = 4
	etherIP        = 0x0800
	etherARP       = 0x0806
	etherVLAN      = 0x8100
	etherIPv6      = 0x86dd
)

var etherBroadcast = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// frame puts an Ethernet header before a payload.
func frame(dst, src []byte, typ uint16, payload []byte) []byte {
	b := make([]byte, ethernetHeader, ethernetHeader+len(payload))
	copy(b, dst)
	copy(b[6:], src)
	binary.BigEndian.PutUint16(b[12:], typ)
	return append(b, payload...)
}

// sendEther sends a packet to a hardware address. It is called without the lock.
func (ifp *Interface) sendEther(dst []byte, typ uint16, payload []byte) {
	n := ifp.n
	n.lock()
	ok := ifp.upRunning() && !ifp.gone && len(dst) == 6
	src := ifp.mac
	port := ifp.port
	n.unlock()
	if !ok {
		return
	}
	f := frame(dst, src, typ, payload)
	if port != nil {
		port.bridge.output(ifp, f)
		return
	}
	ifp.sendFrame(f)
}

// sendFrame sends a frame as it is.
func (ifp *Interface) sendFrame(f []byte) {
	ifp.sent(f, f[0]&1 != 0)
	ifp.drv.transmit(f)
}

// sent counts what the interface sends, and tells who wants to know of it.
func (ifp *Interface) sent(b []byte, mcast bool) {
	ifp.out.add(len(b), mcast)
	if tell := ifp.n.cfg.Sent; tell != nil {
		tell(ifp.name, ifp.ether(), b)
	}
}

// etherInput takes a frame in (ether_input). It is called without the lock, and
// the frame's bytes are not to be changed afterwards.
func (ifp *Interface) etherInput(f []byte) {
	if len(f) < ethernetHeader {
		return
	}
	n := ifp.n
	n.lock()
	if !ifp.upRunning() || ifp.gone || n.closed {
		n.unlock()
		return
	}
	port := ifp.port
	mac := ifp.mac
	most := ifp.mtu + ethernetHeader
	n.unlock()
	if n.enoughMbufs(1) != 0 {
		ifp.in.errors.Add(1)
		return
	}
	ifp.in.add(len(f), f[0]&1 != 0)
	if binary.BigEndian.Uint16(f[12:]) == etherVLAN {
		most += vlanTag
	}
	if len(f) > most {
		return // oversize (ETHER_MAX_FRAME)
	}
	if port != nil {
		if f = port.bridge.input(port, f); f == nil {
			return
		}
	}
	if n.carpFrame(ifp, f) {
		return
	}
	ifp.etherDemux(mac, f)
}

// etherDemux hands a frame's payload to its protocol.
func (ifp *Interface) etherDemux(mac, f []byte) {
	n := ifp.n
	if f[0]&1 == 0 && string(f[:6]) != string(mac) {
		return // for somebody else
	}
	payload := f[ethernetHeader:]
	switch typ := binary.BigEndian.Uint16(f[12:]); typ {
	case etherVLAN:
		if len(payload) < 4 {
			return
		}
		tag := binary.BigEndian.Uint16(payload) & 0xfff
		n.lock()
		vlan := ifp.vlans[tag]
		n.unlock()
		if vlan == nil {
			ifp.noproto.Add(1)
			return
		}
		g := frame(f[:6], f[6:12], binary.BigEndian.Uint16(payload[2:]), payload[4:])
		vlan.etherInput(g)
	case etherARP:
		if n.cfg.INET {
			n.lock()
			n.arpInput(ifp, payload, f[0]&1 != 0)
			n.commitInput()
		}
	case etherIP:
		if n.cfg.INET {
			n.mirror.deliver(ifp, etherIP, payload)
		}
	case etherIPv6:
		if !n.cfg.INET6 {
			ifp.noproto.Add(1)
			return
		}
		n.lock()
		taken := n.nd6Input(ifp, payload)
		n.commitInput()
		if !taken {
			n.mirror.deliver(ifp, etherIPv6, payload)
		}
	default:
		ifp.noproto.Add(1)
	}
}
