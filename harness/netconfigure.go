package harness

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// forward makes a kernel forward packets of the families that it has addresses of.
func (n Node) forward(ctx context.Context, k *rump.Kernel) error {
	v4, v6 := false, false
	for _, ifc := range n.Interfaces {
		for _, a := range ifc.Addrs {
			if p, err := netip.ParsePrefix(a); err == nil {
				v4, v6 = v4 || p.Addr().Is4(), v6 || p.Addr().Is6()
			}
		}
	}
	if v4 {
		if _, err := k.SetSysctl(ctx, "net.inet.ip.forwarding", 1); err != nil {
			return err
		}
	}
	if v6 {
		if _, err := k.SetSysctl(ctx, "net.inet6.ip6.forwarding", 1); err != nil {
			return err
		}
	}
	return nil
}

// configure makes an interface, puts it on its bus and gives it its addresses.
func (i Interface) configure(ctx context.Context, k *rump.Kernel, name string) error {
	if err := k.CreateInterface(ctx, name); err != nil {
		return err
	}
	ifc := k.Interface(name)
	if i.MTU != 0 {
		if err := ifc.SetMTU(ctx, i.MTU); err != nil {
			return err
		}
	}
	if err := ifc.SetLinkstr(ctx, i.Bus); err != nil {
		return err
	}
	for _, a := range i.Addrs {
		if err := ifc.Add(ctx, a); err != nil {
			return err
		}
	}
	return ifc.Up(ctx)
}

// addRoutes adds the kernel's routes.
func (n Node) addRoutes(ctx context.Context, k *rump.Kernel) error {
	for _, r := range n.Routes {
		via, err := netip.ParseAddr(r.Via)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		to := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		if via.Is6() {
			to = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		}
		if r.To != "default" {
			if to, err = netip.ParsePrefix(r.To); err != nil {
				return fmt.Errorf("%s: %w", n.Name, err)
			}
		}
		if err := k.AddRoute(ctx, rump.Route{Dst: to.Masked(), Gateway: via, Flags: netbsd.RTF_UP | netbsd.RTF_GATEWAY | netbsd.RTF_STATIC}); err != nil {
			return err
		}
	}
	return nil
}
