package inet

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// nd6RedirectInput takes a redirect in (icmp6_redirect_input).
func (n *Net) nd6RedirectInput(ifp *Interface, src netip.Addr, body []byte) {
	if len(body) < 40 || n.set.icmp6RedirAccept.Load() == 0 || n.set.ip6Forwarding.Load() != 0 || !src.IsLinkLocalUnicast() {
		return
	}
	target := embed(netip.AddrFrom16([16]byte(body[8:24])), ifp.index)
	dst := embed(netip.AddrFrom16([16]byte(body[24:40])), ifp.index)
	opts, _, ok := nd6Options(body[40:])
	rt := n.alloc(sin6(dst), false)
	if !ok || rt == nil || rt.gateway.addr() != src || dst.IsMulticast() {
		return
	}
	n.nd6Learn(ifp, target, linkOf(opts[optTargetLink]), icmp6Redirect)
	if target == dst {
		return
	}
	n.redirect(sin6(dst), sin6(target), sin6(src), time.Duration(n.set.redir6Timeout.Load())*time.Second)
}

// acceptsRA reports whether the interface configures itself as routers say
// (nd6_accepts_rtadv).
func (n *Net) acceptsRA(ifp *Interface) bool {
	if n.set.ip6Forwarding.Load() != 0 {
		return false
	}
	switch f := ifp.nd.Flags & (netbsd.ND6_IFF_ACCEPT_RTADV | netbsd.ND6_IFF_OVERRIDE_RTADV); f {
	case netbsd.ND6_IFF_OVERRIDE_RTADV | netbsd.ND6_IFF_ACCEPT_RTADV:
		return true
	case netbsd.ND6_IFF_ACCEPT_RTADV:
		return n.set.ip6AcceptRA.Load() != 0
	}
	return false
}

// nd6RouterInput takes a router's advertisement in (nd6_ra_input).
func (n *Net) nd6RouterInput(ifp *Interface, src netip.Addr, body []byte) {
	if len(body) < 16 || !n.acceptsRA(ifp) || !src.IsLinkLocalUnicast() {
		return
	}
	opts, prefixes, ok := nd6Options(body[16:])
	if !ok {
		return
	}
	lifetime := binary.BigEndian.Uint16(body[6:])
	if t := binary.BigEndian.Uint32(body[8:]); t != 0 && t <= 3600000 && t != ifp.nd.Basereachable {
		ifp.nd.Basereachable = t
		ifp.nd.Reachable = reachable(n, t)
	}
	if t := binary.BigEndian.Uint32(body[12:]); t != 0 {
		ifp.nd.Retrans = t
	}
	if hops := body[4]; hops != 0 && ifp.nd.Chlim < hops {
		ifp.nd.Chlim = hops
	}
	r := n.routerUpdate(defaultRouter{ifp: ifp, addr: src, flags: body[5], lifetime: lifetime, expire: n.uptime() + int64(lifetime)})
	for _, o := range prefixes {
		n.prefixInput(ifp, r, o)
	}
	if o := opts[optMTU]; len(o) == 8 {
		if mtu := binary.BigEndian.Uint32(o[4:]); mtu >= in6MinMTU && int(mtu) <= ifp.mtu {
			ifp.nd.Linkmtu = mtu
		}
	}
	n.nd6Learn(ifp, src, linkOf(opts[optSourceLink]), icmp6RouterAdvert)
	n.armLifetimes()
}

// prefixInput takes in what a router says of a prefix (prelist_update).
func (n *Net) prefixInput(ifp *Interface, r *defaultRouter, o []byte) {
	if len(o) != 32 || o[2] > 128 {
		return
	}
	plen := int(o[2])
	onlink, auto := o[3]&0x80 != 0, o[3]&0x40 != 0
	vltime, pltime := binary.BigEndian.Uint32(o[4:]), binary.BigEndian.Uint32(o[8:])
	p := prefixAddr(netip.AddrFrom16([16]byte(o[16:32])), plen)
	if p.IsMulticast() || p.IsLinkLocalUnicast() {
		return
	}
	pr := n.prefixOf(ifp, p, plen)
	if pr != nil {
		pr.onlink, pr.auto = pr.onlink || onlink, pr.auto || auto
		if onlink {
			pr.vltime, pr.pltime, pr.updated = vltime, pltime, n.uptime()
			if !pr.routed {
				n.prefixOnlink(pr)
			}
		}
	} else {
		if vltime == 0 || !onlink && !auto {
			return
		}
		pr = &ndPrefix{ifp: ifp, prefix: p, plen: plen, onlink: onlink, auto: auto, vltime: vltime, pltime: pltime}
		n.prefixAdd(pr)
	}
	if r != nil {
		known := false
		for _, o := range pr.routers {
			known = known || o == r
		}
		if !known {
			pr.routers = append(pr.routers, r)
		}
	}
	if !auto || pltime > vltime {
		return
	}
	matched := false
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET6 || ifa.iff&netbsd.IN6_IFF_AUTOCONF == 0 || ifa.prefix != pr {
			continue
		}
		matched = true
		ifa.refresh(n.uptime(), vltime, pltime)
	}
	id, ok := ifp.eui64()
	if matched || vltime == 0 || !ok || plen != 64 {
		return
	}
	b := p.As16()
	copy(b[8:], id[:])
	a := netip.AddrFrom16(b)
	req := in6Request{
		addr: a, mask: mask6(64), plen: 64, flags: netbsd.IN6_IFF_AUTOCONF,
		life: netbsd.In6Addrlifetime{Vltime: vltime, Pltime: pltime}, delay: true,
	}
	if n.in6Update(ifp, req, nil) != 0 {
		return
	}
	if ifa := ifp.in6Find(a); ifa != nil {
		ifa.prefix = pr
		pr.refs++
	}
}

// refresh gives an autoconfigured address new lifetimes, of which that for which
// it is valid does not fall below two hours (RFC 4862, 5.5.3).
func (ifa *ifaddr) refresh(now int64, vltime, pltime uint32) {
	const twoHours = 2 * 60 * 60
	left := uint32(netbsd.ND6_INFINITE_LIFETIME)
	if ifa.life.Vltime != left {
		left = uint32(max(ifa.life.Expire-now, 0))
	}
	v := left
	switch {
	case vltime > twoHours || left < vltime:
		v = vltime
	case left > twoHours:
		v = twoHours
	}
	ifa.updated = now
	ifa.life = netbsd.In6Addrlifetime{Vltime: v, Pltime: pltime}
	if v != netbsd.ND6_INFINITE_LIFETIME {
		ifa.life.Expire = now + int64(v)
	}
	if pltime != netbsd.ND6_INFINITE_LIFETIME {
		ifa.life.Preferred = now + int64(pltime)
	}
}
