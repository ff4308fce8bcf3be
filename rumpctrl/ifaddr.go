package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// How ifconfig adds, replaces and removes addresses. Words of the command line
// that are addresses only check and sort themselves in; the commit functions do
// the work at the end.

func (c *ifconfig) checkPrefix(_ context.Context, s ifSettings) error {
	family := uint8(s.family())
	if family == netbsd.AF_UNSPEC {
		family = netbsd.AF_INET
	}
	if a := s["address"].(ifAddr); a.prefix >= 0 && prefixMask(family, a.prefix) == nil {
		return errc(1, netbsd.EINVAL, "prefixlen_to_mask")
	}
	return nil
}

func (c *ifconfig) setPrefixlen(_ context.Context, s ifSettings) error {
	family := uint8(s.family())
	if family == netbsd.AF_UNSPEC {
		family = netbsd.AF_INET
	}
	n := s["prefixlen"].(int64)
	var mask netbsd.Sockaddr
	if n >= 0 && n <= 128 {
		mask = prefixMask(family, int(n))
	}
	if mask == nil {
		return errc(1, netbsd.EINVAL, "prefixlen_to_mask")
	}
	c.learnt["netmask"] = ifAddr{mask, int(n)}
	return nil
}

func (c *ifconfig) setNetmask(_ context.Context, s ifSettings) error {
	c.learnt["netmask"] = s["dstormask"]
	return nil
}

func (c *ifconfig) setBroadcast(ctx context.Context, s ifSettings) error {
	flags, err := c.ifFlags(ctx, s)
	if err != nil {
		return errc(1, err, "setifbroadaddr: getifflags")
	}
	if flags&netbsd.IFF_BROADCAST == 0 {
		return errx(1, "not a broadcast interface")
	}
	c.learnt["broadcast"] = s["broadcast"]
	return nil
}

// setDstOrMask takes the second address: a netmask, or without broadcast the
// other end.
func (c *ifconfig) setDstOrMask(ctx context.Context, s ifSettings) error {
	flags, err := c.ifFlags(ctx, s)
	if err != nil {
		return errc(1, err, "setifdstormask: getifflags")
	}
	if flags&netbsd.IFF_BROADCAST == 0 {
		c.learnt["dst"] = s["dstormask"]
	} else {
		c.learnt["netmask"] = s["dstormask"]
	}
	return nil
}

// addrChange is what is to become of an interface's addresses.
type addrChange struct {
	addr, dst, mask  netbsd.Sockaddr // nil for none; dst is the broadcast address too
	replace, removal bool            // instead of the first address; take it away
	removeFirst      bool            // take the first address away, whatever it is
}

// change gathers what the settings say. It returns false if they say nothing
// about addresses.
func (c *ifconfig) change(ctx context.Context, s ifSettings) (addrChange, bool, error) {
	alias, hasAlias := s["alias"].(bool)
	get := func(key string) netbsd.Sockaddr {
		a, _ := s[key].(ifAddr)
		return a.sa
	}
	ch := addrChange{addr: get("address"), mask: get("netmask")}
	if ch.addr == nil {
		ch.removeFirst = hasAlias && !alias
		return ch, ch.removeFirst, nil
	}
	ch.replace, ch.removal = !hasAlias, hasAlias && !alias
	flags, err := c.ifFlags(ctx, s)
	if err != nil {
		return ch, false, errc(1, err, "commit_address: getifflags")
	}
	switch flags & (netbsd.IFF_BROADCAST | netbsd.IFF_POINTOPOINT) {
	case netbsd.IFF_BROADCAST:
		ch.dst = get("broadcast")
	case netbsd.IFF_POINTOPOINT:
		if get("broadcast") != nil {
			return ch, false, errx(1, "%s is not a broadcast interface", s.name())
		}
		ch.dst = get("dst")
	case netbsd.IFF_BROADCAST | netbsd.IFF_POINTOPOINT:
		return ch, false, errx(1, "unsupported interface flags")
	}
	return ch, true, nil
}

func (c *ifconfig) commitInet(ctx context.Context, s ifSettings) error {
	ch, ok, err := c.change(ctx, s)
	if err != nil || !ok {
		return err
	}
	i := c.iface(s)
	if ch.replace || ch.removeFirst {
		first, err := i.FirstInet(ctx)
		switch {
		case err == nil:
			if err := i.RemoveInet(ctx, first); err != nil {
				return errc(1, err, "SIOCDIFADDR")
			}
		case !ch.replace || !errors.Is(err, netbsd.EADDRNOTAVAIL):
			return errc(1, err, "SIOCGIFADDR")
		}
		if ch.removeFirst {
			return nil
		}
	}
	if ch.removal {
		if err := i.RemoveInet(ctx, ch.addr); err != nil {
			return errc(1, err, "SIOCDIFADDR")
		}
		return nil
	}
	if err := i.AddInet(ctx, netbsd.Ifaliasreq{Addr: ch.addr, Dstaddr: ch.dst, Mask: ch.mask}); err != nil {
		return errc(1, err, "SIOCAIFADDR")
	}
	return nil
}

func (c *ifconfig) commitInet6(ctx context.Context, s ifSettings) error {
	ch, ok, err := c.change(ctx, s)
	if err != nil || !ok {
		return err
	}
	i := c.iface(s)
	// The kernel finds the address to replace by the one that is asked for, which
	// is one that no interface has.
	any := netbsd.SockaddrIn6{Addr: [16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	if ch.replace || ch.removeFirst {
		first, err := i.FirstInet6(ctx, any)
		switch {
		case err == nil:
			if err := i.RemoveInet6(ctx, first); err != nil {
				return errc(1, err, "SIOCDIFADDR_IN6")
			}
		case !ch.replace || !errors.Is(err, netbsd.EADDRNOTAVAIL):
			return errc(1, err, "SIOCGIFADDR_IN6")
		}
		if ch.removeFirst {
			return nil
		}
	}
	addr, ok := ch.addr.(netbsd.SockaddrIn6)
	if !ok {
		return errc(1, netbsd.EAFNOSUPPORT, "SIOCAIFADDR_IN6")
	}
	if ch.removal {
		if err := i.RemoveInet6(ctx, addr); err != nil {
			return errc(1, err, "SIOCDIFADDR_IN6")
		}
		return nil
	}
	req := netbsd.In6Aliasreq{
		Prefixmask: netbsd.Netmask(netbsd.AF_INET6, 64),
		Lifetime:   netbsd.In6Addrlifetime{Vltime: netbsd.ND6_INFINITE_LIFETIME, Pltime: netbsd.ND6_INFINITE_LIFETIME},
	}
	if ch.mask != nil {
		req.Prefixmask = ch.mask
	}
	if s.has("eui64") {
		if addr, err = c.eui64(ctx, s, addr); err != nil {
			return err
		}
	}
	now := time.Now().Unix()
	if n, ok := s["vltime"].(int64); ok {
		req.Lifetime.Expire, req.Lifetime.Vltime = now+n, uint32(n)
	}
	if n, ok := s["pltime"].(int64); ok {
		req.Lifetime.Preferred, req.Lifetime.Pltime = now+n, uint32(n)
	}
	if n, ok := s["ia6flag"].(int64); ok && n > 0 {
		req.Flags |= int32(n)
	}
	req.Addr = embedScope(addr)
	if dst, ok := ch.dst.(netbsd.SockaddrIn6); ok {
		req.Dstaddr = embedScope(dst)
	}
	if err := i.AddInet6(ctx, req); err != nil {
		return errc(1, err, "SIOCAIFADDR_IN6")
	}
	return nil
}

// eui64 completes an address with the interface identifier of the link-local
// address.
func (c *ifconfig) eui64(ctx context.Context, s ifSettings, addr netbsd.SockaddrIn6) (netbsd.SockaddrIn6, error) {
	if [8]byte(addr.Addr[8:]) != [8]byte{} {
		return addr, errx(1, "interface index is already filled, %s | %s", "::", inetNtop(netip.AddrFrom16(addr.Addr)))
	}
	ifs, err := c.Kernel.Interfaces(ctx)
	if err != nil {
		return addr, errc(1, err, "getifaddrs")
	}
	for _, i := range ifs {
		if i.Name != s.name() {
			continue
		}
		for _, a := range i.Addrs {
			if l, ok := a.Addr.(netbsd.SockaddrIn6); ok && netip.AddrFrom16(l.Addr).IsLinkLocalUnicast() {
				copy(addr.Addr[8:], l.Addr[8:])
				return addr, nil
			}
		}
	}
	return addr, errx(1, "could not determine link local address")
}

func (c *ifconfig) commitLink(ctx context.Context, s ifSettings) error {
	ch, ok, err := c.change(ctx, s)
	if err != nil || !ok || ch.removeFirst {
		return err
	}
	if ch.mask != nil {
		return errx(1, "netmask not supported")
	}
	link, ok := ch.addr.(netbsd.SockaddrDl)
	if !ok {
		return errc(1, netbsd.EINVAL, "SIOCALIFADDR")
	}
	i := c.iface(s)
	if ch.removal {
		if err := i.RemoveLink(ctx, net.HardwareAddr(link.Addr)); err != nil {
			return errc(1, err, "SIOCDLIFADDR")
		}
		return nil
	}
	if err := i.AddLink(ctx, net.HardwareAddr(link.Addr), s.has("active")); err != nil {
		return errc(1, err, "SIOCALIFADDR")
	}
	return nil
}

func (c *ifconfig) commitPreference(ctx context.Context, s ifSettings) {
	pref, ok := s["preference"].(int64)
	if !ok {
		return
	}
	a := s["address"].(ifAddr)
	if err := c.iface(s).SetAddrPreference(ctx, a.sa, int16(pref)); err != nil {
		c.warn(err, "SIOCSIFADDRPREF")
	}
}

// preferences returns what is printed of the preferences of a family's addresses:
// nothing if none has any.
func (c *ifconfig) preferences(ctx context.Context, i *rump.InterfaceInfo, family uint8) map[int]string {
	values, errs := make([]int16, len(i.Addrs)), make([]error, len(i.Addrs))
	var asking sync.WaitGroup
	for n, a := range i.Addrs {
		if a.Addr.Family() == family {
			asking.Go(func() { values[n], errs[n] = c.Kernel.Interface(i.Name).AddrPreference(ctx, a.Addr) })
		}
	}
	asking.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, netbsd.EADDRNOTAVAIL) && !errors.Is(err, netbsd.EAFNOSUPPORT) {
			c.warn(err, "SIOCGIFADDRPREF")
		}
	}
	if !slices.ContainsFunc(values, func(p int16) bool { return p != 0 }) {
		return nil
	}
	words := make(map[int]string)
	for n, p := range values {
		words[n] = fmt.Sprintf(" preference %d", p)
	}
	return words
}
