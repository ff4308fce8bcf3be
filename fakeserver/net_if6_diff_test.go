package fakeserver_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// addr6 is an IPv6 address for an ioctl.
func (g *random) addr6() netbsd.SockaddrIn6 {
	a := pick(g, "::1", "::", "2001:db8::1", "2001:db8::1", "2001:db8::5", "2001:db8:1::5", "fe80::1", "fe80::5", "ff02::1", "ff02::7", "::ffff:10.0.0.1", "::10.0.0.1", "2001:db8::")
	sa := netbsd.SockaddrIn6{Addr: netip.MustParseAddr(a).As16()}
	if g.r.IntN(6) == 0 {
		sa.ScopeID = uint32(pick(g, 1, 2, 9))
	}
	return sa
}

// addr6Field is addr6 as part of a structure, now and then with another family or
// length.
func (g *random) addr6Field() []byte {
	b := g.addr6().Append(nil)
	if g.r.IntN(12) == 0 {
		b[0] = byte(pick(g, 0, 16, 27, 29))
	}
	if g.r.IntN(12) == 0 {
		b[1] = byte(pick(g, 0, 2, 18))
	}
	return b
}

// mask6 is a netmask, mostly of a good length.
func (g *random) mask6() []byte {
	bits := pick(g, 0, 1, 48, 64, 64, 64, 127, 128)
	b := netbsd.Netmask(netbsd.AF_INET6, bits).Append(nil)
	switch g.r.IntN(10) {
	case 0:
		clear(b)
	case 1:
		b[8+3] ^= 0x10 // a hole
	case 2:
		b[1] = 0
	}
	return b
}

// if6Step makes a random ioctl on the IPv6 side of an interface.
func (g *random) if6Step(slot int) netStep {
	name := pick(g, "lo0", "shmif0", "shmif0", "shmif0", "lo1", "nosuch0", "")
	var cmd netbsd.Ioctl
	var b []byte
	switch g.r.IntN(4) {
	case 0, 1:
		cmd = pick(g, netbsd.SIOCGIFADDR_IN6, netbsd.SIOCGIFDSTADDR_IN6, netbsd.SIOCGIFNETMASK_IN6, netbsd.SIOCDIFADDR_IN6, netbsd.SIOCGIFAFLAG_IN6, netbsd.SIOCGIFALIFETIME_IN6,
			netbsd.SIOCSIFADDR_IN6, netbsd.SIOCSNDFLUSH_IN6, netbsd.SIOCSPFXFLUSH_IN6, netbsd.SIOCSRTRFLUSH_IN6, netbsd.SIOCGIFPSRCADDR_IN6, netbsd.SIOCGIFPDSTADDR_IN6)
		r := netbsd.In6Ifreq{Name: name}
		copy(r.Ifru[:], g.addr6Field())
		b = r.Append(nil)
	case 2:
		cmd = pick(g, netbsd.SIOCAIFADDR_IN6, netbsd.SIOCAIFADDR_IN6, netbsd.SIOCAIFADDR_IN6, netbsd.SIOCSIFPHYADDR_IN6)
		r := netbsd.In6Aliasreq{Name: name, Flags: int32(pick(g, 0, 0, 0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100))}
		const forever = netbsd.ND6_INFINITE_LIFETIME
		r.Lifetime = netbsd.In6Addrlifetime{Vltime: pick[uint32](g, forever, forever, 1000, 0), Pltime: pick[uint32](g, forever, forever, 1000, 0, 2000)}
		b = r.Append(nil)
		copy(b[16:], g.addr6Field())
		if g.r.IntN(4) == 0 {
			copy(b[44:], g.addr6Field())
		}
		copy(b[72:], g.mask6())
	default:
		cmd = pick(g, netbsd.SIOCGIFINFO_IN6, netbsd.SIOCSIFINFO_IN6, netbsd.SIOCSIFINFO_FLAGS, netbsd.SIOCGNBRINFO_IN6, netbsd.SIOCGDEFIFACE_IN6, netbsd.SIOCSDEFIFACE_IN6, netbsd.SIOCGDRLST_IN6)
		switch cmd {
		case netbsd.SIOCGNBRINFO_IN6:
			b = netbsd.In6Nbrinfo{Ifname: name, Addr: g.addr6().Addr}.Append(nil)
		case netbsd.SIOCGDEFIFACE_IN6, netbsd.SIOCSDEFIFACE_IN6:
			b = netbsd.In6Ndifreq{Ifname: name, Ifindex: pick[uint64](g, 0, 1, 2, 9, 1<<32)}.Append(nil)
		case netbsd.SIOCGDRLST_IN6:
			b = make([]byte, cmd.Len())
			copy(b, name)
		default:
			r := netbsd.In6Ndireq{Ifname: name}
			r.Ndi.Linkmtu, r.Ndi.Flags, r.Ndi.Chlim, r.Ndi.Basereachable = pick[uint32](g, 0, 1280, 1500, 9000), pick[uint32](g, 0, 1, 2, 0x10, 0x49), pick[uint8](g, 0, 64), pick[uint32](g, 0, 30000, 1000)
			b = r.Append(nil)
		}
	}
	return on(slot, fmt.Sprintf("%v, %s, %x", cmd, name, b[min(16, len(b)):min(128, len(b))]), netbsd.SYS_IOCTL, func(k *sysproxy.Call) func(sysproxy.Result) string {
		b := append([]byte(nil), b...)
		k.Uint(uint64(cmd)).InOut(b)
		return func(sysproxy.Result) string {
			hideTimes6(cmd, b)
			return fmt.Sprintf("%x", b)
		}
	})
}

// hideTimes6 takes out of an answer what depends on when it was given.
func hideTimes6(cmd netbsd.Ioctl, b []byte) {
	switch cmd {
	case netbsd.SIOCGIFALIFETIME_IN6:
		for _, off := range []int{16, 24} {
			if binary.LittleEndian.Uint64(b[off:]) != 0 {
				copy(b[off:], "some day")
			}
		}
	case netbsd.SIOCGIFINFO_IN6, netbsd.SIOCSIFINFO_IN6, netbsd.SIOCSIFINFO_FLAGS:
		r, err := netbsd.ParseIn6Ndireq(b)
		if err == nil {
			r.Ndi.Reachable = 0 // is random
			copy(b, r.Append(nil))
		}
	case netbsd.SIOCGNBRINFO_IN6:
		r, err := netbsd.ParseIn6Nbrinfo(b)
		if err == nil && r.Expire != 0 {
			r.Expire = 1
			copy(b, r.Append(nil))
		}
	}
}
