package rumpctrl

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"path"
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// sysctlHandler prints and sets nodes that are more than a number or a string.
type sysctlHandler struct {
	print func(c *sysctl, ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error
	write func(c *sysctl, ctx context.Context, n rump.SysctlNode, value string) error // nil if it cannot be set
}

// A sysctlPattern says which nodes have a handler: those whose names fit one of the
// patterns of path.Match, which are separated by blanks.
type sysctlPattern struct {
	names   string
	handler sysctlHandler
}

// sysctlPatterns are the handlers by the first part of their nodes' names. The
// first that fits is the one.
var sysctlPatterns = sync.OnceValue(func() map[string][]sysctlPattern {
	see := func(program string) sysctlHandler { return sysctlHandler{print: elsewhere(program)} }
	nowhere := []sysctlPattern{{"", see("")}} // asked only when there is nothing below the node
	return map[string][]sysctlPattern{
		"kern": {
			{"clockrate", sysctlHandler{print: (*sysctl).clockrate}},
			{"evcnt", see("vmstat -e")},
			{"vnode", see("pstat")},
			{"proc proc2 proc_args", see("ps")},
			{"file file2", see("pstat")},
			{"ntptime", see("ntpdc -c kerninfo")},
			{"msgbuf", see("dmesg")},
			{"boottime", sysctlHandler{print: (*sysctl).boottime}},
			{"consdev", sysctlHandler{print: (*sysctl).consdev}},
			{"cp_time cp_time/[0-9]*", sysctlHandler{print: (*sysctl).cpTime}},
			{"sysvipc_info", see("ipcs")},
			{"cp_id cp_id/[0-9]*", sysctlHandler{print: (*sysctl).cpID}},
			{"coredump/setid/mode", sysctlHandler{print: (*sysctl).mode, write: (*sysctl).setMode}},
			{"drivers", sysctlHandler{print: (*sysctl).drivers}},
			{"intr/list intr/affinity intr/intr intr/nointr", see("intrctl")},
		},
		"vm": {
			{"vmmeter uvmexp uvmexp2", see("vmstat' or 'systat")},
			{"loadavg", sysctlHandler{print: (*sysctl).loadavg}},
		},
		"vfs": {{"nfs/nfsstats", see("nfsstat")}},
		"net": {
			{"inet/tcp/ident inet/tcp6/ident inet6/tcp/ident inet6/tcp6/ident", see("identd")},
			{"inet6/icmp6/nd6_[dp]rlist", see("ndp")},
			{"inet6/ip6/addctlpolicy", see("ip6addrctl")},
			{"key/dumps[ap]", see("setkey")},
			{"*/*/pcblist", see("netstat' or 'sockstat")},
			{"inet/*/stats inet6/*/stats bpf/stats bpf/peers", see("netstat")},
			{"inet*/tcp*/deb* inet*/tcp*/*/deb*", see("trpt")},
			{"inet*/ip*/anonportalgo/reserve inet*/ip*/*/anonportalgo/reserve", sysctlHandler{(*sysctl).ports, (*sysctl).setPorts}},
			{"ns/spp/deb*", see("trsp")},
			{"?*", see("")}, // asked only when there is nothing below the node
		},
		"hw":     {{"diskstats", see("iostat")}},
		"proc":   {{"*/rlimit/*/*", sysctlHandler{(*sysctl).limit, (*sysctl).setLimit}}},
		"debug":  nowhere,
		"ddb":    nowhere,
		"vendor": nowhere,
	}
})

// handlerOf finds the handler for a node, or nil.
func handlerOf(name string) *sysctlHandler {
	name = strings.TrimPrefix(strings.ReplaceAll(name, ".", "/"), "/")
	top, rest, _ := strings.Cut(name, "/")
	patterns := sysctlPatterns()[top]
	for i, p := range patterns {
		for names := p.names; ; {
			var one string
			one, names, _ = strings.Cut(names, " ")
			if ok, _ := path.Match(one, rest); ok {
				return &patterns[i].handler
			}
			if names == "" {
				break
			}
		}
	}
	return nil
}

// elsewhere prints that another program shows a node.
func elsewhere(program string) func(*sysctl, context.Context, rump.SysctlNode, *rump.SysctlTree) error {
	return func(c *sysctl, ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
		if !c.hidden && !c.requested || c.meta {
			return nil
		}
		if !n.IsNode() && (c.hexadecimal > 0 || c.raw) {
			if b, err := c.value(ctx, n, t); err == nil && len(b) > 0 {
				c.structure(n, n.Name, b, showValue)
				return nil
			}
		}
		switch {
		case program != "":
			c.complain("%s: use '%s' to view this information\n", n.Name, program)
		case n.MIB[0] == netbsd.CTL_NET:
			c.complain("%s: use 'netstat' to view this information\n", n.Name)
		case n.MIB[0] == netbsd.CTL_DEBUG:
			c.complain("%s: missing 'options DEBUG' from kernel?\n", n.Name)
		case n.MIB[0] == netbsd.CTL_DDB:
			c.complain("%s: missing 'options DDB' from kernel?\n", n.Name)
		case n.MIB[0] == netbsd.CTL_VENDOR:
			c.complain("%s: no vendor extensions installed\n", n.Name)
		}
		return nil
	}
}

// value returns a node's value, which may have been left out of the tree.
func (c *sysctl) value(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) ([]byte, error) {
	if b, err := t.Bytes(); err != nil || b != nil {
		return b, err
	}
	return c.Kernel.ReadSysctl(ctx, n)
}

// known returns the value of a struct that must have a size. It returns nil if
// there is nothing more to print.
func (c *sysctl) known(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree, size int) ([]byte, error) {
	b, err := c.value(ctx, n, t)
	if err != nil {
		if isErrno(err) {
			c.complainOf(err, n.Name)
			return nil, nil
		}
		return nil, err
	}
	if size > 0 && len(b) != size {
		return nil, errx(1, "%s: !returned size wrong!", n.Name)
	}
	if c.hexadecimal > 0 || c.raw {
		c.structure(n, n.Name, b, showValue)
		return nil, nil
	}
	return b, nil
}

// label prints a name and what separates it from the value.
func (c *sysctl) label(name, sep string) {
	if c.nameless == 0 {
		c.print("%s%s", name, sep)
	}
}

func (c *sysctl) clockrate(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.known(ctx, n, t, netbsd.SizeofClockinfo)
	if b == nil {
		return err
	}
	i, err := netbsd.ParseClockinfo(b)
	if err != nil {
		return err
	}
	c.label(n.Name, ": ")
	c.print("tick = %d, tickadj = %d, hz = %d, profhz = %d, stathz = %d\n", i.Tick, i.Tickadj, i.Hz, i.Profhz, i.Stathz)
	return nil
}

func (c *sysctl) boottime(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.known(ctx, n, t, netbsd.SizeofTimeval)
	if b == nil {
		return err
	}
	v, err := netbsd.ParseTimeval(b)
	if err != nil {
		return err
	}
	switch c.nameless {
	case 0:
		c.print("%s%s%s\n", n.Name, c.equals, v.Time().In(c.Location).Format("Mon Jan _2 15:04:05 2006"))
	case 1:
		c.print("%d\n", v.Sec)
	default:
		c.print("%d.%06d\n", v.Sec, v.Usec)
	}
	return nil
}

func (c *sysctl) consdev(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.known(ctx, n, t, 8)
	if b == nil {
		return err
	}
	c.label(n.Name, c.equals)
	c.print("0x%x\n", binary.LittleEndian.Uint64(b))
	return nil
}

func (c *sysctl) drivers(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.value(ctx, n, t)
	if err != nil {
		c.complainOf(err, n.Name)
		return nil
	}
	ds, err := netbsd.ParseKinfoDrivers(b)
	if err != nil {
		return errx(1, "bad size %d for kern.drivers", len(b))
	}
	c.label(n.Name, c.equals)
	for i, d := range ds {
		if i > 0 {
			c.print(", ")
		}
		c.print("[%d %d %s]", d.Cmajor, d.Bmajor, d.Name)
	}
	c.print("\n")
	return nil
}

// cpStates is how many states of a processor are counted.
const cpStates = 5

func (c *sysctl) cpTime(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	if !c.hidden || len(n.MIB) != 2 {
		// Of all processors together, or of one.
		b, err := c.known(ctx, n, t, 8*cpStates)
		if b == nil {
			return err
		}
		c.cpTimes(n.Name, words(b))
		return nil
	}
	b, err := c.value(ctx, n, t)
	if err != nil {
		c.complainOf(err, n.Name)
		return nil
	}
	cpus := words(b)
	sum := make([]uint64, cpStates)
	for i, w := range cpus {
		sum[i%cpStates] += w
	}
	c.cpTimes(n.Name, sum)
	for i := 0; (i+1)*cpStates <= len(cpus); i++ {
		c.cpTimes(fmt.Sprintf("%s%s%d", n.Name, c.sep, i), cpus[i*cpStates:(i+1)*cpStates])
	}
	return nil
}

func (c *sysctl) cpTimes(name string, w []uint64) {
	c.label(name, ": ")
	c.print("user = %d, nice = %d, sys = %d, intr = %d, idle = %d\n", w[0], w[1], w[2], w[3], w[4])
}

func (c *sysctl) cpID(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.known(ctx, n, t, 0)
	if b == nil {
		return err
	}
	ids := words(b)
	c.label(n.Name, ": ")
	for i, id := range ids {
		if i > 0 {
			c.print(", ")
		}
		c.print("%d = %d", i, id)
	}
	c.print("\n")
	return nil
}

// words splits bytes into numbers of 64 bits.
func words(b []byte) []uint64 {
	w := make([]uint64, len(b)/8)
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return w
}

func (c *sysctl) loadavg(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.known(ctx, n, t, netbsd.SizeofLoadavg)
	if b == nil {
		return err
	}
	l, err := netbsd.ParseLoadavg(b)
	if err != nil {
		return err
	}
	c.label(n.Name, ": ")
	avg := func(i int) float64 { return float64(l.Ldavg[i]) / float64(l.Fscale) }
	c.print("%.2f %.2f %.2f\n", avg(0), avg(1), avg(2))
	return nil
}

// show prints an old or a new value that has a text of its own.
func (c *sysctl) show(n rump.SysctlNode, b []byte, text string, how sysctlShow) {
	if c.raw || c.hexadecimal > 0 {
		c.number(n, n.Name, b, how)
	} else {
		c.text(n, n.Name, []byte(text), how)
	}
}

const unlimited = math.MaxInt64 // RLIM_INFINITY

func limitText(b []byte) string {
	u := binary.LittleEndian.Uint64(b)
	if u == unlimited {
		return "unlimited"
	}
	return fmt.Sprint(u)
}

func (c *sysctl) limit(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.value(ctx, n, t)
	if err != nil || len(b) < 8 {
		c.complainOf(err, n.Name)
		return nil
	}
	c.show(n, b, limitText(b), showValue)
	return nil
}

func (c *sysctl) setLimit(ctx context.Context, n rump.SysctlNode, value string) error {
	if c.file != "" {
		value = strings.TrimSpace(value)
	}
	u := uint64(unlimited)
	if value != "unlimited" {
		var err error
		if u, err = strtouq(value); err != nil {
			c.complain("%s: '%s' is not a valid limit\n", n.Name, value)
			return c.abort()
		}
	}
	b := binary.LittleEndian.AppendUint64(nil, u)
	old, err := c.Kernel.WriteSysctl(ctx, n, b)
	if err != nil || len(old) < 8 {
		return c.notSet(err, n.Name)
	}
	c.show(n, old, limitText(old), showOld)
	c.show(n, b, limitText(b), showNew)
	return nil
}

// sizeofPorts is the size of a set of ports: a bit for each.
const sizeofPorts = 0x10000 / 8

func portsText(b []byte) string {
	var list []string
	for i := range len(b) * 8 {
		if b[i/8]&(1<<(i%8)) != 0 {
			list = append(list, fmt.Sprint(i))
		}
	}
	return strings.Join(list, ",")
}

func (c *sysctl) showPorts(n rump.SysctlNode, b []byte, how sysctlShow) {
	if c.raw || c.hexadecimal > 0 {
		c.structure(n, n.Name, b, how)
	} else {
		c.text(n, n.Name, []byte(portsText(b)), how)
	}
}

func (c *sysctl) ports(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.value(ctx, n, t)
	if err != nil {
		c.complainOf(err, n.Name)
		return nil
	}
	c.showPorts(n, b, showValue)
	return nil
}

func (c *sysctl) setPorts(ctx context.Context, n rump.SysctlNode, value string) error {
	if c.file != "" {
		value = strings.TrimSpace(value)
	}
	b := make([]byte, sizeofPorts)
	for _, p := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' }) {
		u, err := strtouq(p)
		if err != nil {
			return errx(1, "Invalid port: %s", p)
		}
		if u >= sizeofPorts*8 {
			return errx(1, "Port out of range: %s", p)
		}
		b[u/8] |= 1 << (u % 8)
	}
	old, err := c.Kernel.WriteSysctl(ctx, n, b)
	if err != nil {
		return c.notSet(err, n.Name)
	}
	c.showPorts(n, old, showOld)
	c.showPorts(n, b, showNew)
	return nil
}
