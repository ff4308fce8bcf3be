package starlark

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// interfacePPPoE is the table of the methods of pppoe interfaces.
func interfacePPPoE() []function {
	return []function{
		{"ppp_auth", "mine? name? secret? his? his_name? his_secret?", "Sets how the ends of a PPP link prove who they are, if anything is given, and returns it, a struct: mine and his (\"pap\", \"chap\" or None), name and his_name. Names and secrets that are not given are forgotten.", interfacePPPAuth},
		{"pppoe", "interface? concentrator? service?", "Sets what is given of a pppoe interface: the Ethernet interface that it uses, and the names of the access concentrator and the service that it asks for. Returns what it does, a struct: interface (None for none), state (\"initial\", \"PADI sent\", \"PADR sent\", \"session\" or \"closing\"), phase (\"dead\", \"establish\", \"terminate\", \"authenticate\" or \"network\"), session, padi_retries and padr_retries.", interfaceSetPPPoE},
	}
}

func interfaceSetPPPoE(c *call) (starlark.Value, error) {
	var ethernet ifname
	var concentrator, service string
	if err := c.unpack(&ethernet, &concentrator, &service); err != nil {
		return nil, err
	}
	i := c.iface()
	p, err := waiting(c.scope, func() (rump.PPPoE, error) {
		if ethernet != "" || concentrator != "" || service != "" {
			if err := i.SetPPPoE(c.ctx, string(ethernet), concentrator, service); err != nil {
				return rump.PPPoE{}, err
			}
		}
		return i.PPPoE(c.ctx)
	})
	if err != nil {
		return nil, err
	}
	return record("pppoe", starlark.StringDict{
		"interface":    optionalString(p.Ethernet),
		"state":        wordOf(int(p.State), "initial", "PADI sent", "PADR sent", "session", "closing"),
		"phase":        wordOf(int(p.Phase), "dead", "establish", "terminate", "authenticate", "network"),
		"session":      starlark.MakeInt(int(p.SessionId)),
		"padi_retries": starlark.MakeInt(int(p.PadiRetryNo)),
		"padr_retries": starlark.MakeInt(int(p.PadrRetryNo)),
	}), nil
}

// wordOf returns the word for a number, or the number if there is none.
func wordOf(n int, words ...string) starlark.Value {
	if n < 0 || n >= len(words) {
		return starlark.MakeInt(n)
	}
	return starlark.String(words[n])
}

func interfacePPPAuth(c *call) (starlark.Value, error) {
	var a rump.PPPAuth
	var mine, his string
	if err := c.unpack(&mine, &a.MyName, &a.MySecret, &his, &a.HisName, &a.HisSecret); err != nil {
		return nil, err
	}
	protocols := []string{"", "pap", "chap"} // as SPPP_AUTHPROTO_* count them
	for _, p := range []struct {
		word string
		to   *uint32
	}{{mine, &a.Mine}, {his, &a.His}} {
		n := slices.Index(protocols, p.word)
		if n < 0 {
			return nil, fmt.Errorf("ppp_auth: the protocol is \"pap\" or \"chap\", not %q", p.word)
		}
		*p.to = uint32(n)
	}
	i := c.iface()
	given := a != rump.PPPAuth{}
	a, err := waiting(c.scope, func() (rump.PPPAuth, error) {
		if given {
			if err := i.SetPPPAuth(c.ctx, a); err != nil {
				return a, err
			}
		}
		return i.PPPAuth(c.ctx)
	})
	if err != nil {
		return nil, err
	}
	protocol := func(n uint32) starlark.Value {
		if n == netbsd.SPPP_AUTHPROTO_NONE || int(n) >= len(protocols) {
			return starlark.None
		}
		return starlark.String(protocols[n])
	}
	return record("ppp_auth", starlark.StringDict{
		"mine": protocol(a.Mine), "name": optionalString(a.MyName), "his": protocol(a.His), "his_name": optionalString(a.HisName),
	}), nil
}
