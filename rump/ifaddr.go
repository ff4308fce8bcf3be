package rump

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// NewAddr is an address to give to an interface. What is left out, the kernel
// makes up.
type NewAddr struct {
	Prefix    netip.Prefix // the address and its prefix length, host bits and all
	Peer      netip.Addr   // the other end of a point-to-point link
	Broadcast netip.Addr   // IPv4 only

	// For IPv6: netbsd.IN6_IFF_ANYCAST and others, and for how long the address
	// is to be preferred and valid, 0 for ever.
	Flags     int32
	Preferred time.Duration
	Valid     time.Duration
}

// Add gives the interface one more address: "10.0.0.1/24", "2001:db8::1/64".
func (i *Interface) Add(ctx context.Context, prefix string) error {
	p, err := netip.ParsePrefix(prefix)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", i.k, i.name, err)
	}
	return i.AddAddr(ctx, NewAddr{Prefix: p})
}

// AddAddr gives the interface one more address.
func (i *Interface) AddAddr(ctx context.Context, a NewAddr) error {
	if !a.Prefix.IsValid() {
		return fmt.Errorf("%s: %s: no valid address", i.k, i.name)
	}
	return doing("add "+a.Prefix.String()+" to", i.addAddr(ctx, a))
}

func (i *Interface) addAddr(ctx context.Context, a NewAddr) error {
	addr := a.Prefix.Addr()
	if addr.Is4() {
		sin := func(a netip.Addr) netbsd.Sockaddr {
			if !a.Is4() {
				return nil
			}
			return netbsd.SockaddrIn{Addr: a.As4()}
		}
		dst := sin(a.Peer)
		if dst == nil {
			dst = sin(a.Broadcast)
		}
		return i.AddInet(ctx, netbsd.Ifaliasreq{
			Addr:    sin(addr),
			Dstaddr: dst,
			Mask:    netbsd.Netmask(netbsd.AF_INET, a.Prefix.Bits()),
		})
	}
	index := uint32(0)
	if addr.IsLinkLocalUnicast() {
		n, err := i.Index(ctx)
		if err != nil {
			return err
		}
		index = uint32(n)
	}
	req := netbsd.In6Aliasreq{
		Addr:       netbsd.SockaddrIn6{Addr: addr.As16(), ScopeID: index}.Embedded(),
		Prefixmask: netbsd.Netmask(netbsd.AF_INET6, a.Prefix.Bits()),
		Flags:      a.Flags,
		Lifetime:   netbsd.In6Addrlifetime{Vltime: lifetime(a.Valid), Pltime: lifetime(a.Preferred)},
	}
	if a.Peer.Is6() {
		req.Dstaddr = netbsd.SockaddrIn6{Addr: a.Peer.As16(), ScopeID: index}.Embedded()
	}
	return i.AddInet6(ctx, req)
}

func lifetime(d time.Duration) uint32 {
	s := int64(d / time.Second)
	if s <= 0 || s >= netbsd.ND6_INFINITE_LIFETIME {
		return netbsd.ND6_INFINITE_LIFETIME
	}
	return uint32(s)
}

// AddInet adds an IPv4 address.
func (i *Interface) AddInet(ctx context.Context, r netbsd.Ifaliasreq) error {
	return i.Ioctl(ctx, netbsd.AF_INET, netbsd.SIOCAIFADDR, r.Append(nil))
}

// AddInet6 adds an IPv6 address, whose scope is embedded.
func (i *Interface) AddInet6(ctx context.Context, r netbsd.In6Aliasreq) error {
	return i.Ioctl(ctx, netbsd.AF_INET6, netbsd.SIOCAIFADDR_IN6, r.Append(nil))
}

// Remove takes an address away.
func (i *Interface) Remove(ctx context.Context, addr netip.Addr) error {
	return doing("remove "+addr.String()+" from", i.remove(ctx, addr))
}

func (i *Interface) remove(ctx context.Context, addr netip.Addr) error {
	if addr.Is4() {
		return i.RemoveInet(ctx, netbsd.SockaddrIn{Addr: addr.As4()})
	}
	sa, err := i.sockaddrIn6(ctx, addr)
	if err != nil {
		return err
	}
	return i.RemoveInet6(ctx, sa)
}

// RemoveInet takes an IPv4 address away.
func (i *Interface) RemoveInet(ctx context.Context, sa netbsd.Sockaddr) error {
	r := netbsd.Ifreq{}
	r.SetAddr(sa)
	_, err := i.ifreq(ctx, netbsd.AF_INET, netbsd.SIOCDIFADDR, r)
	return err
}

// RemoveInet6 takes an IPv6 address, whose scope is embedded, away.
func (i *Interface) RemoveInet6(ctx context.Context, sa netbsd.SockaddrIn6) error {
	_, err := i.in6(ctx, netbsd.SIOCDIFADDR_IN6, sa)
	return err
}

// AddrState returns the state of one of the interface's addresses as ifconfig(8)
// says it, such as "tentative", "duplicated" and "detached"; the error is
// EADDRNOTAVAIL if the interface has no such address.
func (i *Interface) AddrState(ctx context.Context, addr netip.Addr) ([]string, error) {
	if addr.Is4() {
		f, err := i.InetFlags(ctx, netbsd.SockaddrIn{Addr: addr.As4()})
		return netbsd.InAddrWords(f), err
	}
	sa, err := i.sockaddrIn6(ctx, addr)
	if err != nil {
		return nil, err
	}
	f, err := i.Inet6Flags(ctx, sa)
	return netbsd.In6AddrWords(f), err
}

// sockaddrIn6 returns one of the interface's IPv6 addresses as the kernel keeps it,
// with the scope embedded.
func (i *Interface) sockaddrIn6(ctx context.Context, addr netip.Addr) (netbsd.SockaddrIn6, error) {
	if !addr.Is6() {
		return netbsd.SockaddrIn6{}, fmt.Errorf("%s: %s: no valid address", i.k, i.name)
	}
	sa := netbsd.SockaddrIn6{Addr: addr.As16()}
	if addr.IsLinkLocalUnicast() {
		n, err := i.Index(ctx)
		if err != nil {
			return netbsd.SockaddrIn6{}, err
		}
		sa.ScopeID = uint32(n)
	}
	return sa.Embedded(), nil
}

// FirstInet returns the first IPv4 address; the error is EADDRNOTAVAIL if there
// is none.
func (i *Interface) FirstInet(ctx context.Context) (netbsd.Sockaddr, error) {
	r, err := i.ifreq(ctx, netbsd.AF_INET, netbsd.SIOCGIFADDR, netbsd.Ifreq{})
	return r.Addr(), err
}

// InetFlags returns the flags of an IPv4 address: netbsd.IN_IFF_*.
func (i *Interface) InetFlags(ctx context.Context, sa netbsd.Sockaddr) (int32, error) {
	var r netbsd.Ifreq
	r.SetAddr(sa)
	r, err := i.ifreq(ctx, netbsd.AF_INET, netbsd.SIOCGIFAFLAG_IN, r)
	return r.Int(), err
}

// InetAlias returns the other end or the broadcast address of an IPv4 address,
// and its netmask.
func (i *Interface) InetAlias(ctx context.Context, sa netbsd.Sockaddr) (netbsd.Ifaliasreq, error) {
	b := netbsd.Ifaliasreq{Addr: sa}.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_INET, netbsd.SIOCGIFALIAS, b); err != nil {
		return netbsd.Ifaliasreq{}, err
	}
	return netbsd.ParseIfaliasreq(b)
}

// Inet6Flags returns the flags of an IPv6 address: netbsd.IN6_IFF_*.
func (i *Interface) Inet6Flags(ctx context.Context, sa netbsd.SockaddrIn6) (int32, error) {
	r, err := i.in6(ctx, netbsd.SIOCGIFAFLAG_IN6, sa)
	return r.Flags6(), err
}

// Inet6Lifetime returns for how long an IPv6 address lives.
func (i *Interface) Inet6Lifetime(ctx context.Context, sa netbsd.SockaddrIn6) (netbsd.In6Addrlifetime, error) {
	r, err := i.in6(ctx, netbsd.SIOCGIFALIFETIME_IN6, sa)
	return r.Lifetime(), err
}

// Inet6Peer returns the other end of an IPv6 address, or nil if it has none.
func (i *Interface) Inet6Peer(ctx context.Context, sa netbsd.SockaddrIn6) (netbsd.Sockaddr, error) {
	r, err := i.in6(ctx, netbsd.SIOCGIFDSTADDR_IN6, sa)
	if err != nil || r.Ifru[1] != netbsd.AF_INET6 {
		return nil, err
	}
	return r.Addr(), nil
}

// FirstInet6 returns the IPv6 address that the kernel finds first: with a zero
// address it is none in particular.
func (i *Interface) FirstInet6(ctx context.Context, sa netbsd.SockaddrIn6) (netbsd.SockaddrIn6, error) {
	r, err := i.in6(ctx, netbsd.SIOCGIFADDR_IN6, sa)
	return r.Addr(), err
}

// in6 performs an ioctl with a struct in6_ifreq that has an address.
func (i *Interface) in6(ctx context.Context, req netbsd.Ioctl, sa netbsd.SockaddrIn6) (netbsd.In6Ifreq, error) {
	r := netbsd.In6Ifreq{Name: i.name}
	r.SetAddr(sa)
	b := r.Append(nil)
	if err := i.k.NetIoctl(ctx, netbsd.AF_INET6, req, b, i.name); err != nil {
		return netbsd.In6Ifreq{}, err
	}
	return netbsd.ParseIn6Ifreq(b)
}

// LinkActive reports whether a link address of the interface is the one in use.
func (i *Interface) LinkActive(ctx context.Context, sa netbsd.SockaddrDl) (bool, error) {
	r := netbsd.IfLaddrreq{Flags: netbsd.IFLR_PREFIX, Prefixlen: uint32(8 * len(sa.Addr)), Addr: sa}
	b := r.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_LINK, netbsd.SIOCGLIFADDR, b); err != nil {
		return false, err
	}
	r, err := netbsd.ParseIfLaddrreq(b)
	return r.Flags&netbsd.IFLR_ACTIVE != 0, err
}

// AddLink gives the interface one more link address, and uses it if so asked.
func (i *Interface) AddLink(ctx context.Context, addr net.HardwareAddr, active bool) error {
	r := netbsd.IfLaddrreq{Addr: netbsd.SockaddrDl{Addr: addr}}
	if active {
		r.Flags = netbsd.IFLR_ACTIVE
	}
	return i.Ioctl(ctx, netbsd.AF_LINK, netbsd.SIOCALIFADDR, r.Append(nil))
}

// RemoveLink takes a link address away that is not in use.
func (i *Interface) RemoveLink(ctx context.Context, addr net.HardwareAddr) error {
	r := netbsd.IfLaddrreq{Addr: netbsd.SockaddrDl{Addr: addr}}
	return i.Ioctl(ctx, netbsd.AF_LINK, netbsd.SIOCDLIFADDR, r.Append(nil))
}

// AddrPreference returns the preference of an address of the interface.
func (i *Interface) AddrPreference(ctx context.Context, sa netbsd.Sockaddr) (int16, error) {
	b := netbsd.IfAddrprefreq{Addr: sa}.Append(nil)
	if err := i.Ioctl(ctx, int(sa.Family()), netbsd.SIOCGIFADDRPREF, b); err != nil {
		return 0, err
	}
	r, err := netbsd.ParseIfAddrprefreq(b)
	return r.Preference, err
}

// SetAddrPreference sets the preference of an address of the interface.
func (i *Interface) SetAddrPreference(ctx context.Context, sa netbsd.Sockaddr, pref int16) error {
	b := netbsd.IfAddrprefreq{Addr: sa, Preference: pref}.Append(nil)
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCSIFADDRPREF, b)
}

// InterfaceName returns the name of the interface with a number, or "".
func (k *Kernel) InterfaceName(ctx context.Context, index int) (string, error) {
	ifs, err := k.Interfaces(ctx)
	if err != nil {
		return "", err
	}
	for _, i := range ifs {
		if i.Index == index {
			return i.Name, nil
		}
	}
	return "", nil
}

// ZoneID returns the number that a zone of an IPv6 address means: that of the
// interface of the name, or the number itself.
func (k *Kernel) ZoneID(ctx context.Context, zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	n, err := k.Interface(zone).Index(ctx)
	if err == nil {
		return uint32(n), nil
	}
	if id, perr := strconv.ParseUint(strings.TrimSpace(zone), 10, 32); perr == nil {
		return uint32(id), nil
	}
	return 0, err
}
