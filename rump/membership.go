package rump

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// JoinGroup makes the socket a member of a multicast group on an interface; with
// an empty name the kernel chooses the interface by its routes.
func (c *Conn) JoinGroup(ctx context.Context, group netip.Addr, ifname string) error {
	return c.membership(ctx, group, ifname, netbsd.IP_ADD_MEMBERSHIP, netbsd.IPV6_JOIN_GROUP)
}

// LeaveGroup ends a membership that JoinGroup has begun.
func (c *Conn) LeaveGroup(ctx context.Context, group netip.Addr, ifname string) error {
	return c.membership(ctx, group, ifname, netbsd.IP_DROP_MEMBERSHIP, netbsd.IPV6_LEAVE_GROUP)
}

func (c *Conn) membership(ctx context.Context, group netip.Addr, ifname string, opt4, opt6 int) error {
	if !group.IsMulticast() {
		return fmt.Errorf("%s: %s is no multicast group", c.k, group)
	}
	i := c.k.Interface(ifname)
	if group.Is4() {
		// struct ip_mreq: the group, and an address of the interface.
		req := append(group.AsSlice(), 0, 0, 0, 0)
		if ifname != "" {
			sa, err := i.FirstInet(ctx)
			if err != nil {
				return err
			}
			if sin, ok := sa.(netbsd.SockaddrIn); ok {
				copy(req[4:], sin.Addr[:])
			}
		}
		return c.SetOptionBytes(netbsd.IPPROTO_IP, opt4, req)
	}
	// struct ipv6_mreq: the group, and the number of the interface.
	index := 0
	if ifname != "" {
		var err error
		if index, err = i.Index(ctx); err != nil {
			return err
		}
	}
	req := binary.LittleEndian.AppendUint32(group.WithZone("").AsSlice(), uint32(index))
	return c.SetOptionBytes(netbsd.IPPROTO_IPV6, opt6, req)
}
