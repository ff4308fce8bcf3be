package rump

import (
	"context"
	"net"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// BridgeAdd makes another interface a member of the bridge.
func (i *Interface) BridgeAdd(ctx context.Context, member string) error {
	return i.bridgeSet(ctx, netbsd.BRDGADD, netbsd.Ifbreq{Ifsname: member}.Append(nil))
}

// BridgeRemove takes a member out of the bridge.
func (i *Interface) BridgeRemove(ctx context.Context, member string) error {
	return i.bridgeSet(ctx, netbsd.BRDGDEL, netbsd.Ifbreq{Ifsname: member}.Append(nil))
}

// BridgeMembers returns the members of the bridge.
func (i *Interface) BridgeMembers(ctx context.Context) ([]netbsd.Ifbreq, error) {
	b, err := i.bridgeList(ctx, netbsd.BRDGGIFS)
	if err != nil {
		return nil, err
	}
	return netbsd.ParseIfbreqs(b)
}

// BridgeAddrs returns the addresses that the bridge has learnt or been told.
func (i *Interface) BridgeAddrs(ctx context.Context) ([]netbsd.Ifbareq, error) {
	b, err := i.bridgeList(ctx, netbsd.BRDGRTS)
	if err != nil {
		return nil, err
	}
	return netbsd.ParseIfbareqs(b)
}

// BridgeSetAddr tells the bridge for ever behind which member an address is.
func (i *Interface) BridgeSetAddr(ctx context.Context, member string, addr net.HardwareAddr) error {
	r := netbsd.Ifbareq{Ifsname: member, Flags: netbsd.IFBAF_STATIC}
	copy(r.Dst[:], addr)
	return i.bridgeSet(ctx, netbsd.BRDGSADDR, r.Append(nil))
}

// BridgeDeleteAddr makes the bridge forget an address.
func (i *Interface) BridgeDeleteAddr(ctx context.Context, addr net.HardwareAddr) error {
	var r netbsd.Ifbareq
	copy(r.Dst[:], addr)
	return i.bridgeSet(ctx, netbsd.BRDGDADDR, r.Append(nil))
}

// BridgeFlush makes the bridge forget all addresses that it has learnt, or all.
func (i *Interface) BridgeFlush(ctx context.Context, all bool) error {
	r := netbsd.Ifbreq{Ifsflags: netbsd.IFBF_FLUSHDYN}
	if all {
		r.Ifsflags = netbsd.IFBF_FLUSHALL
	}
	return i.bridgeSet(ctx, netbsd.BRDGFLUSH, r.Append(nil))
}

// BridgeMember changes what the bridge knows about a member: the command is
// netbsd.BRDGSIFFLGS, BRDGSIFPRIO or BRDGSIFCOST.
func (i *Interface) BridgeMember(ctx context.Context, cmd uint64, r netbsd.Ifbreq) error {
	return i.bridgeSet(ctx, cmd, r.Append(nil))
}

// BridgeMemberFlags returns the flags of a member: netbsd.IFBIF_*.
func (i *Interface) BridgeMemberFlags(ctx context.Context, member string) (uint32, error) {
	b := netbsd.Ifbreq{Ifsname: member}.Append(nil)
	if _, err := i.ifdrv(ctx, netbsd.SIOCGDRVSPEC, netbsd.BRDGGIFFLGS, b); err != nil {
		return 0, err
	}
	r, err := netbsd.ParseIfbreq(b)
	return r.Ifsflags, err
}

// BridgeParam returns a number that the bridge goes by; the command is
// netbsd.BRDGGCACHE, BRDGGTO, BRDGGPRI, BRDGGHT, BRDGGFD, BRDGGMA or BRDGGFILT.
func (i *Interface) BridgeParam(ctx context.Context, cmd uint64) (uint32, error) {
	b := netbsd.Ifbrparam(0).Append(nil)
	if _, err := i.ifdrv(ctx, netbsd.SIOCGDRVSPEC, cmd, b); err != nil {
		return 0, err
	}
	p, err := netbsd.ParseIfbrparam(b)
	return uint32(p), err
}

// SetBridgeParam sets such a number: netbsd.BRDGSCACHE and so on.
func (i *Interface) SetBridgeParam(ctx context.Context, cmd uint64, v uint32) error {
	return i.bridgeSet(ctx, cmd, netbsd.Ifbrparam(v).Append(nil))
}

func (i *Interface) bridgeSet(ctx context.Context, cmd uint64, b []byte) error {
	_, err := i.ifdrv(ctx, netbsd.SIOCSDRVSPEC, cmd, b)
	return err
}

// bridgeList asks for a list, with more room until it fits.
func (i *Interface) bridgeList(ctx context.Context, cmd uint64) ([]byte, error) {
	n := uint64(8192)
	for {
		b := make([]byte, n)
		r, err := i.ifdrv(ctx, netbsd.SIOCGDRVSPEC, cmd, b)
		if err != nil {
			return nil, err
		}
		if r.Len <= n {
			return b[:r.Len], nil
		}
		if r.Len > 1<<24 {
			return nil, &netbsd.FormatError{What: "struct ifdrv", Reason: "absurd ifd_len"}
		}
		n = r.Len
	}
}
