package inet

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The protocol by which the hosts of a group advertise themselves:
//
//	// netinet/ip_carp.h
//	struct carp_header {
//		unsigned int carp_type:4, carp_version:4;
//		u_int8_t carp_vhid;
//		u_int8_t carp_advskew;
//		u_int8_t carp_authlen; /* size of counter+md, 32bit chunks */
//		u_int8_t carp_pad1;
//		u_int8_t carp_advbase;
//		u_int16_t carp_cksum;
//		u_int32_t carp_counter[2];
//		unsigned char carp_md[20]; /* SHA1 HMAC */
//	};
const (
	protoCarp      = 112
	carpHeader     = 36
	carpVersion    = 2
	carpAdvertised = 1 // CARP_ADVERTISEMENT
	carpTTL        = 255
	lowDelay       = 0x10 // IPTOS_LOWDELAY
)

var carpGroup = netip.AddrFrom4([4]byte{224, 0, 0, 18})

// digest is what proves that an advertisement comes from somebody who knows the group's
// key, and means the same addresses (carp_hmac_prepare, carp_hmac_generate).
func (d *carpDriver) digest(counter []byte) []byte {
	h := hmac.New(sha1.New, d.req.Key[:])
	h.Write([]byte{carpVersion, carpAdvertised, byte(d.req.Vhid)})
	for _, family := range []uint8{netbsd.AF_INET, netbsd.AF_INET6} {
		var addrs [][]byte
		for _, ifa := range d.ifp.addrs {
			if ifa.family == family {
				plain, _ := unembed(ifa.addr.addr())
				addrs = append(addrs, plain.AsSlice())
			}
		}
		slices.SortFunc(addrs, bytes.Compare)
		for _, a := range slices.CompactFunc(addrs, bytes.Equal) {
			h.Write(a)
		}
	}
	h.Write(counter)
	return h.Sum(nil)
}

// advertise tells the group that this host is its master (carp_send_ad). n.mu is held.
func (d *carpDriver) advertise(base, skew byte) {
	n, dev := d.ifp.n, d.dev()
	if dev == nil {
		return
	}
	if d.counter == 0 {
		d.counter = n.rand.Uint64()
	}
	d.counter++
	b := make([]byte, header.IPv4MinimumSize+carpHeader)
	src := netip.IPv4Unspecified()
	if ifa := dev.ifaFor(sin(src)); ifa != nil {
		src = ifa.addr.addr()
	}
	h := header.IPv4(b)
	h.Encode(&header.IPv4Fields{
		TOS: lowDelay, TotalLength: uint16(len(b)), Flags: header.IPv4FlagDontFragment, TTL: carpTTL, Protocol: protoCarp,
		SrcAddr: tcpip.AddrFrom4(src.As4()), DstAddr: tcpip.AddrFrom4(carpGroup.As4()),
	})
	h.SetChecksum(^h.CalculateChecksum())
	c := b[header.IPv4MinimumSize:]
	c[0], c[1], c[2], c[3], c[5] = carpVersion<<4|carpAdvertised, byte(d.req.Vhid), skew, 7, base
	binary.BigEndian.PutUint64(c[8:], d.counter)
	copy(c[16:], d.digest(c[8:16]))
	binary.BigEndian.PutUint16(c[6:], ^checksum.Checksum(c, 0))
	f := frame(multicastMAC(carpGroup), d.ifp.mac, etherIP, b)
	d.ifp.out.add(len(b), true)
	n.later(func() { dev.sendFrame(f) })
}

// carpInput takes in a packet, if it is an advertisement (carp_proto_input).
func (n *Net) carpInput(dev *Interface, b []byte) (taken bool) {
	if len(b) < header.IPv4MinimumSize || b[9] != protoCarp {
		return false
	}
	hlen := int(b[0]&0xf) * 4
	if n.set.carpAllow.Load() == 0 || b[8] != carpTTL || hlen < header.IPv4MinimumSize || len(b) < hlen+carpHeader {
		return true
	}
	c := b[hlen : hlen+carpHeader]
	if checksum.Checksum(c, 0) != 0xffff {
		return true
	}
	n.lock()
	defer n.commitInput()
	for _, d := range n.carps(dev) {
		if d.req.Vhid == int32(c[1]) && d.ifp.upRunning() {
			d.ifp.in.add(len(b), true)
			d.hear(c)
		}
	}
	return true
}

// hear reacts to an advertisement of another host (carp_proto_input_c).
func (d *carpDriver) hear(c []byte) {
	if c[0]>>4 != carpVersion || !hmac.Equal(d.digest(c[8:16]), c[16:carpHeader]) {
		d.ifp.in.errors.Add(1)
		return
	}
	d.counter = binary.BigEndian.Uint64(c[8:])
	own, theirs := carpInterval(d.req.Advbase, d.req.Advskew), carpInterval(int32(c[5]), int32(c[2]))
	switch d.req.State {
	case carpMaster:
		if own >= theirs {
			d.stepDown()
		}
	case carpBackup:
		slow := carpInterval(3*d.req.Advbase, d.req.Advskew) < theirs
		if slow || d.ifp.n.set.carpPreempt.Load() != 0 && own < theirs {
			d.masterDown()
			return
		}
		d.run()
	}
}

// carpFrame gives a frame that has come in by the link to the masters of groups there.
// taken is set if it was for one of them alone.
func (n *Net) carpFrame(dev *Interface, f []byte) (taken bool) {
	n.lock()
	var to []*Interface
	for _, d := range n.carps(dev) {
		if d.req.State == carpMaster && d.ifp.upRunning() && (f[0]&1 != 0 || bytes.Equal(f[:6], d.ifp.mac)) {
			to = append(to, d.ifp)
		}
	}
	n.unlock()
	for _, ifp := range to {
		ifp.etherInput(f)
	}
	return len(to) > 0 && f[0]&1 == 0
}
