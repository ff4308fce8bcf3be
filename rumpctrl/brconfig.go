package rumpctrl

import (
	"context"
	"fmt"
	"math"
	"net"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// brconfig is a running brconfig(8).
type brconfig struct {
	*Env
	bridge *rump.Interface
	flags  rump.InterfaceFlags
	change bool // the flags
}

func runBrconfig(ctx context.Context, e *Env) error {
	c := &brconfig{Env: e}
	if len(c.Args) < 2 {
		return c.usage()
	}
	all := false
	args, err := c.getopt(c.Args[1:], "a", func(byte, string) error {
		all = true
		return nil
	})
	if err != nil || all == (len(args) > 0) {
		return c.usage()
	}
	if err := c.Kernel.Supports(ctx, netbsd.AF_INET); err != nil {
		return errc(1, err, "socket")
	}
	if all {
		ifs, err := c.Kernel.Interfaces(ctx)
		if err != nil {
			return errc(1, err, "getifaddrs")
		}
		for _, i := range ifs {
			if isKind(i.Name, "bridge") {
				c.bridge = c.Kernel.Interface(i.Name)
				if err := c.status(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	}
	name := args[0]
	if !isKind(name, "bridge") {
		return errx(1, "%s is not a bridge", name)
	}
	c.bridge = c.Kernel.Interface(name)
	if c.flags, err = c.bridge.Flags(ctx); err != nil {
		return errc(1, err, "unable to get interface flags")
	}
	if len(args) == 1 {
		return c.status(ctx)
	}
	for words := args[1:]; len(words) > 0; {
		word := words[0]
		n, do := c.command(word)
		if do == nil {
			return errx(1, "unknown command: %s", word)
		}
		words = words[1:]
		if len(words) < n {
			s := "s"
			if n == 1 {
				s = ""
			}
			return errx(1, "command %s requires %d argument%s", word, n, s)
		}
		if err := do(ctx, word, words[:n]); err != nil {
			return err
		}
		words = words[n:]
	}
	if c.change {
		now, err := c.bridge.Flags(ctx)
		if err == nil {
			err = c.bridge.ChangeFlags(ctx, c.flags, now&^c.flags)
		}
		if err != nil {
			return errc(1, err, "unable to set interface flags")
		}
	}
	return nil
}

func (c *brconfig) usage() error {
	name := c.Args[0]
	for i, l := range []string{"-a", "<bridge>", "<bridge> up|down", "<bridge> addr", "<bridge> add <interface>",
		"<bridge> delete <interface>", "<bridge> maxaddr <size>", "<bridge> timeout <time>",
		"<bridge> static <interface> <address>", "<bridge> deladdr <address>", "<bridge> flush", "<bridge> flushall",
		"<bridge> ipf|-ipf", "<bridge> discover|-discover <interface>", "<bridge> learn|-learn <interface>",
		"<bridge> stp|-stp <interface>", "<bridge> maxage <time>", "<bridge> fwddelay <time>",
		"<bridge> hellotime <time>", "<bridge> priority <value>", "<bridge> ifpriority <interface> <value>",
		"<bridge> ifpathcost <interface> <value>"} {
		word := "      "
		if i == 0 {
			word = "usage:"
		}
		fmt.Fprintf(c.Stderr, "%s %s %s\n", word, name, l)
	}
	return silent(1)
}

type brCommand func(ctx context.Context, word string, args []string) error

// command returns how many words follow a command, and what it does.
func (c *brconfig) command(word string) (int, brCommand) {
	b := c.bridge
	number := func(cmd uint64, most uint64) brCommand {
		return func(ctx context.Context, word string, a []string) error {
			n, err := strtouq(a[0])
			if err != nil || n > most {
				return errx(1, "%s: invalid value: %s", word, a[0])
			}
			return said(b.SetBridgeParam(ctx, cmd, uint32(n)), word, a[0])
		}
	}
	flag := func(bit uint32, set bool) brCommand {
		return func(ctx context.Context, _ string, a []string) error {
			f, err := b.BridgeMemberFlags(ctx, a[0])
			if err != nil {
				return errc(1, err, "unable to get bridge flags")
			}
			if f &^= bit; set {
				f |= bit
			}
			if err := b.BridgeMember(ctx, netbsd.BRDGSIFFLGS, netbsd.Ifbreq{Ifsname: a[0], Ifsflags: f}); err != nil {
				return errc(1, err, "unable to set bridge flags")
			}
			return nil
		}
	}
	member := func(cmd uint64) brCommand {
		return func(ctx context.Context, word string, a []string) error {
			n, err := strtouq(a[1])
			if err != nil || n > math.MaxUint8 {
				return errx(1, "%s: invalid value: %s", word, a[1])
			}
			r := netbsd.Ifbreq{Ifsname: a[0], Priority: uint8(n)}
			if cmd == netbsd.BRDGSIFCOST {
				r.Priority, r.PathCost = 0, uint8(n)
			}
			return said(b.BridgeMember(ctx, cmd, r), word, a[0])
		}
	}
	on, name := true, word
	if n, minus := strings.CutPrefix(word, "-"); minus {
		on, name = false, n
		switch name {
		case "discover", "learn", "stp", "ipf":
		default:
			return 0, nil
		}
	}
	switch name {
	case "add":
		return 1, func(ctx context.Context, word string, a []string) error {
			return said(b.BridgeAdd(ctx, a[0]), word, a[0])
		}
	case "delete":
		return 1, func(ctx context.Context, word string, a []string) error {
			return said(b.BridgeRemove(ctx, a[0]), word, a[0])
		}
	case "up":
		return 0, func(context.Context, string, []string) error {
			c.flags |= netbsd.IFF_UP
			c.change = true
			return nil
		}
	case "down":
		return 0, func(context.Context, string, []string) error {
			c.flags &^= netbsd.IFF_UP
			c.change = true
			return nil
		}
	case "discover":
		return 1, flag(netbsd.IFBIF_DISCOVER, on)
	case "learn":
		return 1, flag(netbsd.IFBIF_LEARNING, on)
	case "stp":
		return 1, flag(netbsd.IFBIF_STP, on)
	case "flush", "flushall":
		return 0, func(ctx context.Context, word string, _ []string) error {
			return said(b.BridgeFlush(ctx, word == "flushall"), word)
		}
	case "static":
		return 2, func(ctx context.Context, word string, a []string) error {
			hw, ok := etherAton(a[1])
			if !ok {
				return errx(1, "%s: invalid address: %s", word, a[1])
			}
			return said(b.BridgeSetAddr(ctx, a[0], hw), word, a[0], a[1])
		}
	case "deladdr":
		return 1, func(ctx context.Context, word string, a []string) error {
			hw, ok := etherAton(a[0])
			if !ok {
				return errx(1, "%s: invalid address: %s", word, a[0])
			}
			return said(b.BridgeDeleteAddr(ctx, hw), word, a[0])
		}
	case "addr":
		return 0, func(ctx context.Context, _ string, _ []string) error { return c.addrs(ctx, "\t") }
	case "maxaddr":
		return 1, number(netbsd.BRDGSCACHE, math.MaxUint64) // 32 bits of it count
	case "timeout":
		return 1, number(netbsd.BRDGSTO, math.MaxUint64)
	case "hellotime":
		return 1, number(netbsd.BRDGSHT, math.MaxUint8)
	case "fwddelay":
		return 1, number(netbsd.BRDGSFD, math.MaxUint8)
	case "maxage":
		return 1, number(netbsd.BRDGSMA, math.MaxUint8)
	case "priority":
		return 1, number(netbsd.BRDGSPRI, math.MaxUint16)
	case "ifpriority":
		return 2, member(netbsd.BRDGSIFPRIO)
	case "ifpathcost":
		return 2, member(netbsd.BRDGSIFCOST)
	case "ipf":
		return 0, func(ctx context.Context, word string, _ []string) error {
			f, err := b.BridgeParam(ctx, netbsd.BRDGGFILT)
			if err != nil {
				return said(err, word)
			}
			if f &^= netbsd.IFBF_FILT_USEIPF; on {
				f |= netbsd.IFBF_FILT_USEIPF
			}
			return said(b.SetBridgeParam(ctx, netbsd.BRDGSFILT, f), word, fmt.Sprintf("%x", f))
		}
	}
	return 0, nil
}

// said ends a command with its words and the reason, if there is one.
func said(err error, words ...string) error {
	if err == nil {
		return nil
	}
	return errc(1, err, "%s", strings.Join(words, " "))
}

// etherAton parses six bytes in hexadecimal with colons between them.
func etherAton(s string) (net.HardwareAddr, bool) {
	b, ok := parseColonHex(s)
	return net.HardwareAddr(b), ok && len(b) == 6
}

// printb returns a word with the names of its bits: "flags=41<UP,RUNNING>".
func printb(word string, v uint64, names bitNames) string {
	var set []string
	for i, n := range names {
		if v&(1<<i) != 0 && n != "" {
			set = append(set, n)
		}
	}
	return fmt.Sprintf("%s=%x<%s>", word, v, strings.Join(set, ","))
}

func (c *brconfig) status(ctx context.Context) error {
	flags, err := c.bridge.Flags(ctx)
	if err != nil {
		return errc(1, err, "unable to get flags")
	}
	param := func(cmd uint64, what string) (uint32, error) {
		v, err := c.bridge.BridgeParam(ctx, cmd)
		if err != nil {
			return 0, errc(1, err, "unable to get %s", what)
		}
		return v, nil
	}
	// The flags are a short, of which the sign is seen.
	c.printf("%s: %s\n", c.bridge.Name(), printb("flags", uint64(uint32(int32(int16(flags)))), ifFlagNames()))
	c.printf("\tConfiguration:\n")
	var v [4]uint32
	for i, p := range []struct {
		cmd  uint64
		what string
	}{
		{netbsd.BRDGGPRI, "bridge priority"}, {netbsd.BRDGGHT, "hellotime"},
		{netbsd.BRDGGFD, "forward delay"}, {netbsd.BRDGGMA, "max age"},
	} {
		if v[i], err = param(p.cmd, p.what); err != nil {
			return err
		}
	}
	c.printf("\t\tpriority %d hellotime %d fwddelay %d maxage %d\n", uint16(v[0]), uint8(v[1]), uint8(v[2]), uint8(v[3]))
	filter, _ := c.bridge.BridgeParam(ctx, netbsd.BRDGGFILT) // none if there is no filter
	state := "disabled"
	if filter&netbsd.IFBF_FILT_USEIPF != 0 {
		state = "enabled"
	}
	c.printf("\t\tipfilter %s flags 0x%x\n", state, filter)

	c.printf("\tInterfaces:\n")
	members, err := c.bridge.BridgeMembers(ctx)
	if err != nil {
		return errc(1, err, "unable to get interface list")
	}
	for _, m := range members {
		c.printf("\t\t%s %s\n", m.Ifsname, printb("flags", uint64(m.Ifsflags), bitNames{"LEARNING", "DISCOVER", "STP"}))
		c.printf("\t\t\tport %d priority %d", m.Portno, m.Priority)
		if m.Ifsflags&netbsd.IFBIF_STP != 0 {
			state := fmt.Sprintf("<unknown state %d>", m.State)
			if states := []string{"disabled", "listening", "learning", "forwarding", "blocking"}; int(m.State) < len(states) {
				state = states[m.State]
			}
			c.printf(" path cost %d %s", m.PathCost, state)
		}
		c.printf("\n")
	}
	size, err := param(netbsd.BRDGGCACHE, "address cache size")
	if err != nil {
		return err
	}
	timeout, err := param(netbsd.BRDGGTO, "address timeout")
	if err != nil {
		return err
	}
	c.printf("\tAddress cache (max cache: %d, timeout: %d):\n", size, timeout)
	return c.addrs(ctx, "\t\t")
}

func (c *brconfig) addrs(ctx context.Context, prefix string) error {
	addrs, err := c.bridge.BridgeAddrs(ctx)
	if err != nil {
		return errc(1, err, "unable to get address cache")
	}
	for _, a := range addrs {
		c.printf("%s%s %s %d %s\n", prefix, colonHex(a.Dst[:]), a.Ifsname, a.Expire, printb("flags", uint64(a.Flags), bitNames{"STATIC"}))
	}
	return nil
}
