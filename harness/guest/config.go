package guest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

// Config is what a guest takes of a unikernel's configuration.
type Config struct {
	Hostname string
	URL      string       // RUMPRUN_SYSPROXY: where to serve
	Addr     netip.Prefix // of its interface; invalid means none
	Gateway  netip.Addr   // of its default route; invalid means none
}

// ParseCommandLine finds the configuration in a kernel's command line, as
// package harness has put it there.
func ParseCommandLine(line string) (Config, error) {
	var c Config
	begin, end := strings.IndexByte(line, '{'), strings.LastIndexByte(line, '}')
	if begin < 0 || end < begin {
		return c, fmt.Errorf("no configuration in the command line %q", line)
	}
	d := json.NewDecoder(strings.NewReader(line[begin : end+1]))
	if _, err := d.Token(); err != nil {
		return c, err
	}
	for d.More() { // names may repeat
		name, err := d.Token()
		if err != nil {
			return c, err
		}
		if err := c.take(name, d); err != nil {
			return c, fmt.Errorf("configuration: %v: %w", name, err)
		}
	}
	if c.URL == "" {
		return c, fmt.Errorf("configuration: no RUMPRUN_SYSPROXY in env")
	}
	return c, nil
}

// take decodes the value of a name.
func (c *Config) take(name any, d *json.Decoder) error {
	switch name {
	case "hostname":
		return d.Decode(&c.Hostname)
	case "env":
		var kv string
		if err := d.Decode(&kv); err != nil {
			return err
		}
		if v, ok := strings.CutPrefix(kv, "RUMPRUN_SYSPROXY="); ok {
			c.URL = v
		}
		return nil
	case "net":
		var n struct{ Method, Addr, Mask, GW string }
		if err := d.Decode(&n); err != nil {
			return err
		}
		if n.Method != "static" {
			return fmt.Errorf("method %s: only static is known here", n.Method)
		}
		var err error
		if c.Addr, err = netip.ParsePrefix(n.Addr + "/" + n.Mask); err == nil && n.GW != "" {
			c.Gateway, err = netip.ParseAddr(n.GW)
		}
		return err
	}
	var ignored json.RawMessage
	return d.Decode(&ignored)
}
