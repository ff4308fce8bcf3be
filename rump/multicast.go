package rump

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// MulticastGroup is a group that an address of an interface is a member of.
type MulticastGroup struct {
	Addr, Group netip.Addr // those of IPv6 have no zone
	References  int        // how many have joined
}

// LinkGroup is a range of multicast link addresses that an interface listens to.
type LinkGroup struct {
	First, Last net.HardwareAddr
	References  int
}

// MulticastGroups returns the groups of an interface, of AF_INET or AF_INET6.
func (i *Interface) MulticastGroups(ctx context.Context, family int) ([]MulticastGroup, error) {
	name, size := "net.inet.multicast", 4
	if family == netbsd.AF_INET6 {
		name, size = "net.inet6.multicast", 16
	}
	b, err := i.sysctlList(ctx, name)
	if err != nil {
		return nil, err
	}
	var list []MulticastGroup
	for ; len(b) >= 2*size+4; b = b[2*size+4:] {
		addr, _ := netip.AddrFromSlice(b[:size])
		group, _ := netip.AddrFromSlice(b[size : 2*size])
		list = append(list, MulticastGroup{embeddedScope(addr), embeddedScope(group), int(binary.LittleEndian.Uint32(b[2*size:]))})
	}
	return list, nil
}

// embeddedScope takes the interface's number out of a link-local address, which
// the kernel keeps in it.
func embeddedScope(a netip.Addr) netip.Addr {
	if a.IsLinkLocalUnicast() && a.Is6() || a.IsLinkLocalMulticast() && a.Is6() || a.IsInterfaceLocalMulticast() {
		b := a.As16()
		b[2], b[3] = 0, 0
		return netip.AddrFrom16(b)
	}
	return a
}

// LinkGroups returns the multicast link addresses of an interface.
func (i *Interface) LinkGroups(ctx context.Context) ([]LinkGroup, error) {
	b, err := i.sysctlList(ctx, "net.ether.multicast")
	if err != nil {
		return nil, err
	}
	const size = 16 // struct ether_multi_sysctl: a u_int and two addresses
	var list []LinkGroup
	for ; len(b) >= size; b = b[size:] {
		list = append(list, LinkGroup{bytes.Clone(b[4:10]), bytes.Clone(b[10:16]), int(binary.LittleEndian.Uint32(b))})
	}
	return list, nil
}

// sysctlList reads what a node has about an interface. Such a node cuts its
// answer off where the room ends, and says nothing.
func (i *Interface) sysctlList(ctx context.Context, name string) ([]byte, error) {
	n, err := i.k.LookupSysctl(ctx, name)
	if err != nil {
		return nil, err
	}
	index, err := i.Index(ctx)
	if err != nil {
		return nil, err
	}
	mib := append(slices.Clone(n.MIB), int32(index))
	for room := 4 << 10; ; room *= 4 {
		b, err := i.k.sysctlRaw(ctx, mib, nil, name, room)
		if err != nil || len(b) <= room-36 {
			return b, err
		}
	}
}
