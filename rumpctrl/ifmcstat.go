package rumpctrl

import (
	"context"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// runIfmcstat prints the multicast groups of all interfaces: ifmcstat(8).
func runIfmcstat(ctx context.Context, e *Env) error {
	ifs, err := e.Kernel.Interfaces(ctx)
	if err != nil {
		return errc(1, err, "getifaddrs")
	}
	for _, info := range ifs {
		e.printf("%s:\n", info.Name)
		i := e.Kernel.Interface(info.Name)
		// A kernel without a family has none of its groups.
		for _, f := range []struct {
			family int
			name   string
		}{{netbsd.AF_INET6, "inet6"}, {netbsd.AF_INET, "inet"}} {
			list, err := i.MulticastGroups(ctx, f.family)
			if err := notThere(err); err != nil {
				return errc(1, err, "%s", info.Name)
			}
			text := func(a netip.Addr) string {
				s := inetNtop(a)
				if a.Is6() && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast()) {
					s += "%" + info.Name
				}
				return s
			}
			var last netip.Addr
			for _, g := range list {
				if g.Addr != last {
					e.printf("\t%s %s\n", f.name, text(g.Addr))
					last = g.Addr
				}
				e.printf("\t\tgroup %s refcount %d\n", text(g.Group), g.References)
			}
		}
		groups, err := i.LinkGroups(ctx)
		if err := notThere(err); err != nil {
			return errc(1, err, "%s", info.Name)
		}
		if len(groups) == 0 {
			continue
		}
		e.printf("\tenaddr %s multicnt %d\n", info.HardwareAddr(), len(groups))
		for _, g := range groups {
			e.printf("\t\t%s -- %s %d\n", g.First, g.Last, g.References)
		}
	}
	return nil
}

// notThere returns an error unless it says that there is no such node.
func notThere(err error) error {
	if _, ok := err.(*rump.SysctlNameError); ok {
		return nil
	}
	return err
}
