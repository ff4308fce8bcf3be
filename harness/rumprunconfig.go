package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/rumpkernel/rumpscript/harness/image"
)

// RumprunNet configures a unikernel's interface. The zero value is what fits
// QEMU's user network.
type RumprunNet struct {
	If      string // "vioif0", or "xenif0" under Xen
	Addr    string // with its prefix length: "10.0.2.15/24"; "dhcp" asks a server
	Gateway string
}

// The addresses of QEMU's user network: the first that it gives to a guest, and
// its router.
const (
	guestAddr    = "10.0.2.15"
	guestPrefix  = guestAddr + "/24"
	guestGateway = "10.0.2.2"
)

// rumprunConfig returns the configuration of a unikernel: what Rumprun's own
// command makes of its options. It is an object whose order matters and whose
// names may repeat, and so it is written piece by piece.
func rumprunConfig(cfg Config) ([]byte, error) {
	var o object
	bin := filepath.Base(cfg.Target.Image)
	o.add("rc", []any{map[string]any{"bin": bin, "argv": append([]string{bin}, cfg.Rumprun.Args...)}})
	o.add("hostname", hostname(cfg.Name))
	for _, e := range append([]string{fmt.Sprintf("RUMPRUN_SYSPROXY=tcp://0:%d", image.DefaultPort)}, cfg.Env...) {
		o.add("env", e)
	}
	n := cfg.Rumprun.Net
	if n == (RumprunNet{}) {
		n = RumprunNet{"vioif0", guestPrefix, guestGateway}
	}
	net := map[string]any{"if": n.If, "type": "inet", "method": "dhcp"}
	if n.Addr != "dhcp" {
		p, err := netip.ParsePrefix(n.Addr)
		if err != nil {
			return nil, &ConfigError{"Rumprun.Net.Addr", n.Addr, err.Error()}
		}
		net["method"], net["addr"], net["mask"] = "static", p.Addr().String(), fmt.Sprint(p.Bits())
		if n.Gateway != "" {
			net["gw"] = n.Gateway
		}
	}
	o.add("net", net)
	return o.bytes()
}

// hostname returns a kernel's name as the name of a host.
func hostname(name string) string {
	h := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.':
			return r
		}
		return '-'
	}, name), "-.")
	if len(h) > 63 {
		h = h[:63]
	}
	if h == "" {
		return "rumprun"
	}
	return h
}

// object writes a JSON object.
type object struct {
	b   bytes.Buffer
	err error
}

func (o *object) add(name string, value any) {
	b, err := json.Marshal(value)
	if err != nil && o.err == nil {
		o.err = err
	}
	if o.b.Len() > 0 {
		o.b.WriteByte(',')
	}
	fmt.Fprintf(&o.b, "%q:%s", name, b)
}

func (o *object) bytes() ([]byte, error) {
	return fmt.Appendf(nil, "{%s}", &o.b), o.err
}
