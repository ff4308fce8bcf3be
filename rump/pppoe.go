package rump

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// PPPoE is what a pppoe(4) interface does.
type PPPoE struct {
	Ethernet string // the interface that it uses, "" for none
	Phase    int32  // of PPP: netbsd.SPPP_PHASE_DEAD and the others
	netbsd.Pppoeconnectionstate
}

// PPPoE returns what a pppoe interface does.
func (i *Interface) PPPoE(ctx context.Context) (PPPoE, error) {
	params := netbsd.Pppoediscparms{}.Append(nil)
	session := netbsd.Pppoeconnectionstate{}.Append(nil)
	status := netbsd.Spppstatus{}.Append(nil)
	for _, r := range []struct {
		req netbsd.Ioctl
		arg []byte
	}{{netbsd.PPPOEGETPARMS, params}, {netbsd.PPPOEGETSESSION, session}, {netbsd.SPPPGETSTATUS, status}} {
		if err := i.Ioctl(ctx, netbsd.AF_UNSPEC, r.req, r.arg); err != nil {
			return PPPoE{}, err
		}
	}
	p, err := netbsd.ParsePppoediscparms(params)
	if err != nil {
		return PPPoE{}, err
	}
	s, err := netbsd.ParsePppoeconnectionstate(session)
	if err != nil {
		return PPPoE{}, err
	}
	phase, err := netbsd.ParseSpppstatus(status)
	// The kernel puts the Ethernet's name where the interface's own was.
	return PPPoE{Ethernet: p.Ifname, Phase: phase.Phase, Pppoeconnectionstate: s}, err
}

// SetPPPoE sets the Ethernet interface that a pppoe interface uses, and the names of
// the access concentrator and the service that it asks for. What is empty is left as
// it is.
func (i *Interface) SetPPPoE(ctx context.Context, ethernet, concentrator, service string) error {
	return i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, netbsd.PPPOESETPARMS, i.name, func(c *sysproxy.Call) []byte {
		r := netbsd.Pppoediscparms{Ifname: i.name, EthIfname: ethernet}
		r.AcName, r.AcNameLen = lendName(c, concentrator)
		r.ServiceName, r.ServiceNameLen = lendName(c, service)
		return r.Append(nil)
	})
}

// lendName lends a string with its NUL, and returns its address and its length
// without it; 0 for an empty one.
func lendName(c *sysproxy.Call, s string) (addr, n uint64) {
	if s == "" {
		return 0, 0
	}
	return lendString(c, s), uint64(len(s))
}

// PPPAuth is how the ends of a PPP link prove who they are: by nothing, or
// netbsd.SPPP_AUTHPROTO_PAP or SPPP_AUTHPROTO_CHAP. The kernel tells no secrets.
type PPPAuth struct {
	Mine, His          uint32
	MyName, MySecret   string
	HisName, HisSecret string
}

// PPPAuth returns how the ends of a PPP link prove who they are, without secrets.
func (i *Interface) PPPAuth(ctx context.Context) (PPPAuth, error) {
	const room = 256
	mine, his := make([]byte, room), make([]byte, room)
	var arg []byte
	err := i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, netbsd.SPPPGETAUTHCFG, i.name, func(c *sysproxy.Call) []byte {
		r := netbsd.Spppauthcfg{Ifname: i.name, MynameLength: room, HisnameLength: room}
		r.Myname, r.Hisname = c.Lend(mine, sysproxy.Write), c.Lend(his, sysproxy.Write)
		arg = r.Append(nil)
		return arg
	})
	if err != nil {
		return PPPAuth{}, err
	}
	r, err := netbsd.ParseSpppauthcfg(arg)
	name := func(b []byte) string {
		s, _, _ := strings.Cut(string(b), "\x00")
		return s
	}
	return PPPAuth{Mine: r.Myauth, His: r.Hisauth, MyName: name(mine), HisName: name(his)}, err
}

// SetPPPAuth sets how the ends of a PPP link prove who they are.
func (i *Interface) SetPPPAuth(ctx context.Context, a PPPAuth) error {
	return i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, netbsd.SPPPSETAUTHCFG, i.name, func(c *sysproxy.Call) []byte {
		r := netbsd.Spppauthcfg{Ifname: i.name, Myauth: a.Mine, Hisauth: a.His}
		for _, s := range []struct {
			text   string
			addr   *uint64
			length *uint32
		}{
			{a.MyName, &r.Myname, &r.MynameLength}, {a.MySecret, &r.Mysecret, &r.MysecretLength},
			{a.HisName, &r.Hisname, &r.HisnameLength}, {a.HisSecret, &r.Hissecret, &r.HissecretLength},
		} {
			if s.text != "" {
				addr, n := lendName(c, s.text)
				*s.addr, *s.length = addr, uint32(n)+1
			}
		}
		return r.Append(nil)
	})
}
