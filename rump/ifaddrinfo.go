package rump

import (
	"context"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// AddrInfo is an IPv4 or IPv6 address of an interface with all that the kernel
// tells of it.
type AddrInfo struct {
	Addr      netip.Addr // a link-local one has the interface as its zone
	Bits      int        // of its prefix
	Broadcast netip.Addr // invalid if there is none
	Peer      netip.Addr // of a point-to-point link; invalid if there is none
	Flags     []string   // as ifconfig(8) has them: "tentative", "duplicated", "anycast"

	// When an IPv6 address is no longer preferred and no longer valid; zero for never.
	PreferredUntil, ValidUntil time.Time
}

// Addrs returns the IPv4 and IPv6 addresses of the interface, in the kernel's order.
func (i *Interface) Addrs(ctx context.Context) ([]AddrInfo, error) {
	info, err := i.Info(ctx)
	if err != nil {
		return nil, err
	}
	var list []AddrInfo
	for _, a := range info.Addrs {
		var ai AddrInfo
		switch sa := a.Addr.(type) {
		case netbsd.SockaddrIn:
			ai, err = i.inetInfo(ctx, sa)
		case netbsd.SockaddrIn6:
			ai, err = i.inet6Info(ctx, sa.Extracted())
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		ai.Bits, _ = netbsd.NetmaskBits(a.Addr.Family(), a.Netmask)
		other := i.addr(a.Broadcast)
		switch {
		case info.Flags&netbsd.IFF_POINTOPOINT != 0:
			ai.Peer = other
		case info.Flags&netbsd.IFF_BROADCAST != 0 && other.Is4():
			ai.Broadcast = other
		}
		list = append(list, ai)
	}
	return list, nil
}

// addr returns the address of a socket address, whose zone is this interface.
func (i *Interface) addr(sa netbsd.Sockaddr) netip.Addr {
	a := netbsd.AddrPortOf(sa).Addr()
	if a.Zone() != "" {
		a = a.WithZone(i.name)
	}
	return a
}

func (i *Interface) inetInfo(ctx context.Context, sa netbsd.SockaddrIn) (AddrInfo, error) {
	flags, err := i.InetFlags(ctx, sa)
	if err != nil {
		return AddrInfo{}, err
	}
	return AddrInfo{Addr: i.addr(sa), Flags: netbsd.InAddrWords(flags)}, nil
}

func (i *Interface) inet6Info(ctx context.Context, sa netbsd.SockaddrIn6) (AddrInfo, error) {
	flags, err := i.Inet6Flags(ctx, sa)
	if err != nil {
		return AddrInfo{}, err
	}
	life, err := i.Inet6Lifetime(ctx, sa)
	if err != nil {
		return AddrInfo{}, err
	}
	until := func(sec int64) time.Time {
		if sec == 0 {
			return time.Time{}
		}
		return time.Unix(sec, 0)
	}
	return AddrInfo{
		Addr:           i.addr(sa),
		Flags:          netbsd.In6AddrWords(flags),
		PreferredUntil: until(life.Preferred),
		ValidUntil:     until(life.Expire),
	}, nil
}
