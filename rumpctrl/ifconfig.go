package rumpctrl

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// ifconfig is a running ifconfig(8). Its work has two steps. The words of the
// command line go through a grammar, ifparse.go, which turns each into settings
// and a thing to do; then the things are done in turn, each with the settings
// that were made up to its word. What they find out they leave in learnt, for
// those that come later. An address is set after everything else.
type ifconfig struct {
	*Env
	flags  map[byte]bool
	wait   time.Duration // -w, as given
	waitW  time.Duration // -W
	learnt ifSettings
	opened bool           // there is a socket of the family, which will do for all else
	names  map[int]string // of the interfaces, by index, once they have been listed

	mediaCurrent, mediaSet, mediaClear netbsd.Media
}

// ifSettings are what words of the command line have set.
type ifSettings map[string]any

func (s ifSettings) with(key string, v any) ifSettings {
	t := make(ifSettings, len(s)+1)
	for k, v := range s {
		t[k] = v
	}
	if key != "" {
		t[key] = v
	}
	return t
}

func (s ifSettings) augment(more ifSettings) ifSettings {
	t := s.with("", nil)
	for k, v := range more {
		t[k] = v
	}
	return t
}

func (s ifSettings) has(key string) bool { _, ok := s[key]; return ok }

func (s ifSettings) name() string {
	n, _ := s["if"].(string)
	return n
}

// family returns the address family that was named, or AF_UNSPEC.
func (s ifSettings) family() int {
	n, _ := s["af"].(int64)
	return int(n)
}

func (c *ifconfig) iface(s ifSettings) *rump.Interface { return c.Kernel.Interface(s.name()) }

// errFinished ends ifconfig with success before its last step.
var errFinished = errors.New("finished")

func runIfconfig(ctx context.Context, e *Env) error {
	c := &ifconfig{Env: e, flags: make(map[byte]bool), learnt: ifSettings{}}
	err := c.main(ctx)
	if err == errFinished {
		return nil
	}
	return err
}

func (c *ifconfig) main(ctx context.Context) error {
	start := c.parseStart
	onlyFamily, onlyTerm := false, false // where an option has already put the start
	if len(c.Args) == 1 {
		c.flags['a'] = true
		start, onlyFamily = c.parseFamilyOnly, true
	}
	args, err := c.getopt(c.Args[1:], "AabCdhlNsuvW:w:zLm", func(opt byte, arg string) error {
		switch opt {
		case 'A':
			c.warnx("-A is deprecated")
		case 'w', 'W':
			n, err := strconv.ParseInt(arg, 10, 64)
			if err != nil || n < 0 || n > math.MaxInt32 {
				return errx(1, "%s: not a number", arg)
			}
			if opt == 'w' {
				c.wait = time.Duration(n) * time.Second
			} else {
				c.waitW = time.Duration(n) * time.Second
			}
		}
		c.flags[opt] = true
		switch opt {
		case 'a':
			start, onlyFamily, onlyTerm = c.parseFamilyOnly, true, false
		case 'L', 'm', 'z':
			if !onlyFamily {
				start, onlyTerm = c.parseInterfaceFamilyOnly, false
			}
		case 'C':
			start, onlyFamily, onlyTerm = c.parseEnd(c.listCloners), false, false
		case 'l':
			start, onlyFamily, onlyTerm = c.parseEnd(c.show), false, true
		case 's':
			if !onlyTerm && !onlyFamily {
				start = c.parseInterfaceOnly
			}
		case 'w':
			start, onlyFamily, onlyTerm = c.parseEnd(c.waitDAD), false, false
		}
		return nil
	})
	if err == errBadOption {
		return c.usage()
	}
	if err != nil {
		return err
	}
	f := c.flags
	if (f['l'] || f['C'] || f['w']) && (f['a'] || f['m'] || f['v'] || f['z'] || f['L']) ||
		f['l'] && f['C'] || f['l'] && f['w'] || f['C'] && f['w'] {
		return c.usage()
	}

	steps, ok, err := c.parse(ctx, start, args)
	if err != nil {
		return err
	}
	if !ok {
		return c.usage()
	}
	settings := ifSettings{}
	if n := len(steps); n > 0 && len(steps[n-1].settings.name()) == netbsd.IFNAMSIZ {
		// The words take so long a name, and the first request that has no room for
		// it ends the program (estrlcpy(3)).
		return errx(1, "Cannot copy string; %d chars needed %[1]d provided: File name too long", netbsd.IFNAMSIZ)
	}
	for _, s := range steps {
		settings = s.settings
		if s.do == nil {
			continue
		}
		if err := s.do(ctx, settings.augment(c.learnt)); err != nil {
			return c.failed(err)
		}
	}
	settings = settings.augment(c.learnt)

	if err := c.commitMedia(ctx, settings); err != nil {
		return err
	}
	family := settings.family()
	if family == netbsd.AF_UNSPEC {
		family = netbsd.AF_INET
	}
	if err := c.Kernel.Supports(ctx, family); err != nil {
		return errc(1, err, "main: getsock")
	}
	c.opened = true
	if settings.name() == "" {
		return errx(1, "main: getifname: No such file or directory")
	}
	switch family {
	case netbsd.AF_INET:
		err = c.commitInet(ctx, settings)
	case netbsd.AF_INET6:
		err = c.commitInet6(ctx, settings)
	case netbsd.AF_LINK:
		err = c.commitLink(ctx, settings)
	}
	if err != nil {
		return err
	}
	c.commitPreference(ctx, settings)
	return c.commitCapabilities(ctx, settings)
}

// failed is what becomes of the error of a step that has not said itself why.
func (c *ifconfig) failed(err error) error {
	var x *exit
	if err == errFinished || errors.As(err, &x) {
		return err
	}
	return errc(1, err, "exec_matches")
}

func (c *ifconfig) usage() error {
	name := c.Args[0]
	return c.Env.usage(1, name+` [-h] [-m] [-v] [-z] [-L] interface
	[ af [ address [ dest_addr ] ] [ netmask mask ] [ prefixlen n ]
		[ alias | -alias ] ]
	[ up ] [ down ] [ metric n ] [ mtu n ]
	[ advbase n ] [ advskew n ] [ carpdev iface ] [ pass passphrase ] [ state state ] [ vhid n ]
	[ anycast | -anycast ] [ deprecated | -deprecated ]
	[ pltime n ] [ vltime n ] [ eui64 ]
	[ agrport i ] [ -agrport i ]
	[ nwid network_id ] [ nwkey network_key | -nwkey ]
	[ list scan ]
	[ powersave | -powersave ] [ powersavesleep duration ]
	[ hidessid | -hidessid ] [ apbridge | -apbridge ]
	[ media type ] [ mediaopt opts ] [ -mediaopt opts ] [ instance minst ]
	[ [ af ] tunnel src_addr dest_addr ] [ deletetunnel ]
	[ vlan n vlanif i ] [ -vlanif i ]
	[ maxupd n ] [ syncdev iface ] [syncpeer peer_addr]
	[ arp | -arp ]
	[ preference n ]
	[ link0 | -link0 ] [ link1 | -link1 ] [ link2 | -link2 ]`,
		name+" -a [-b] [-d] [-h] [-m] [-u] [-v] [-z] [ af ]",
		name+" -l [-b] [-d] [-s] [-u]",
		name+" -C",
		name+" -w n",
		name+" interface create",
		name+" interface destroy")
}

// show prints the interface that is named, or all.
func (c *ifconfig) show(ctx context.Context, s ifSettings) error {
	var ifs []rump.InterfaceInfo
	var listErr error
	var listing sync.WaitGroup
	listing.Go(func() { ifs, listErr = c.Kernel.Interfaces(ctx) })
	defer listing.Wait()
	if s.has("if") {
		if _, err := c.ifFlags(ctx, s); err != nil {
			return errc(1, err, "SIOCGIFFLAGS %s", s.name())
		}
	}
	if listing.Wait(); listErr != nil {
		return errc(1, listErr, "getifaddrs")
	}
	c.names = make(map[int]string, len(ifs))
	for _, i := range ifs {
		c.names[i.Index] = i.Name
	}
	n := 0
	for _, i := range ifs {
		if s.name() != "" && s.name() != i.Name || len(i.Addrs) == 0 {
			continue
		}
		if c.flags['b'] && i.Flags&netbsd.IFF_BROADCAST == 0 ||
			c.flags['d'] && i.Up() || c.flags['u'] && !i.Up() {
			continue
		}
		if c.flags['s'] && !c.carrier(ctx, c.Kernel.Interface(i.Name)) {
			continue
		}
		n++
		if c.flags['l'] {
			if n > 1 {
				c.printf(" ")
			}
			c.printf("%s", i.Name)
			continue
		}
		// Each interface has flags and capabilities of its own.
		delete(c.learnt, "ifflags")
		if err := c.status(ctx, &i, s.with("if", i.Name)); err != nil {
			return err
		}
	}
	if c.flags['l'] {
		c.printf("\n")
	}
	return errFinished
}

// carrier reports whether an interface is connected, as far as it knows.
func (c *ifconfig) carrier(ctx context.Context, i *rump.Interface) bool {
	m, err := i.Media(ctx)
	if err != nil || m.Status&netbsd.IFM_AVALID == 0 {
		return true
	}
	return m.Status&netbsd.IFM_ACTIVE != 0
}

// showCarrier exits with a status that tells whether the interface is connected.
func (c *ifconfig) showCarrier(ctx context.Context, s ifSettings) error {
	if s.has("if") {
		if _, err := c.ifFlags(ctx, s); err != nil {
			return errc(1, err, "SIOCGIFFLAGS %s", s.name())
		}
	}
	if !c.carrier(ctx, c.iface(s)) {
		return silent(1)
	}
	return errFinished
}

func (c *ifconfig) listCloners(ctx context.Context, _ ifSettings) error {
	if c.Kernel.Supports(ctx, netbsd.AF_INET) != nil {
		return errc(1, netbsd.EBADF, "SIOCIFGCLONERS for count") // it asks whatever the socket is
	}
	names, err := c.Kernel.Cloners(ctx)
	if err != nil {
		return errc(1, err, "SIOCIFGCLONERS for count")
	}
	for i, n := range names {
		if i > 0 {
			c.printf(" ")
		}
		c.printf("%s", n)
	}
	c.printf("\n")
	return errFinished
}

// waitDAD waits until the kernel has found no duplicate of any address.
func (c *ifconfig) waitDAD(ctx context.Context, _ ifSettings) error {
	const poll = 10 * time.Millisecond
	begin := time.Now()
	for {
		ifs, err := c.Kernel.Interfaces(ctx)
		if err != nil {
			return errc(1, err, "getifaddrs")
		}
		waiting := false
		for _, i := range ifs {
			for _, a := range i.Addrs {
				detached := i.Up() && c.wait > 0 && c.waitW > 0 && time.Since(begin) < c.waitW
				unready, err := c.unready(ctx, c.Kernel.Interface(i.Name), a, detached)
				if err != nil {
					return err
				}
				waiting = waiting || unready
			}
		}
		if !waiting {
			return errFinished
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(poll):
		}
		if c.flags['w'] && c.wait > 0 && time.Since(begin) > c.wait {
			return errx(1, "timed out")
		}
	}
}

// unready reports whether an address is tentative or, if that counts, detached.
func (c *ifconfig) unready(ctx context.Context, i *rump.Interface, a rump.InterfaceAddr, detached bool) (bool, error) {
	switch sa := a.Addr.(type) {
	case netbsd.SockaddrIn:
		f, err := i.InetFlags(ctx, sa)
		if err != nil {
			return false, errc(1, err, "SIOCGIFAFLAG_IN")
		}
		return f&netbsd.IN_IFF_TENTATIVE != 0 || detached && f&netbsd.IN_IFF_DETACHED != 0, nil
	case netbsd.SockaddrIn6:
		f, err := i.Inet6Flags(ctx, sa)
		if err != nil {
			return false, errc(1, err, "SIOCGIFAFLAG_IN6")
		}
		return f&netbsd.IN6_IFF_TENTATIVE != 0 || detached && f&netbsd.IN6_IFF_DETACHED != 0, nil
	}
	return false, nil
}

// ifFlags returns the interface's flags, which are asked for once only.
func (c *ifconfig) ifFlags(ctx context.Context, s ifSettings) (rump.InterfaceFlags, error) {
	if f, ok := s["ifflags"].(rump.InterfaceFlags); ok {
		return f, nil
	}
	if f, ok := c.learnt["ifflags"].(rump.InterfaceFlags); ok {
		return f, nil
	}
	if !c.opened {
		if err := c.Kernel.Supports(ctx, netbsd.AF_INET); err != nil {
			return 0, err
		}
	}
	f, err := c.iface(s).Flags(ctx)
	if err == nil {
		c.learnt["ifflags"] = f
	}
	return f, err
}
