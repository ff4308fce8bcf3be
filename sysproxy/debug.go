package sysproxy

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Debug says where to write a line for each frame. The zero value means what the
// environment variable RUMPSP_DEBUG says: nothing if it is unset or 0, frames on
// standard error if it is 1, and payloads too if it is 2.
type Debug struct {
	Writer  io.Writer // nil for none
	Payload bool      // print the payload in hexadecimal
}

func debugFromEnv() Debug {
	switch v := os.Getenv("RUMPSP_DEBUG"); v {
	case "", "0":
		return Debug{}
	default:
		return Debug{Writer: os.Stderr, Payload: v == "2"}
	}
}

// trace prints a frame that goes (>) or comes (<).
func (c *Client) trace(dir string, h Header, payload []byte) {
	if d := c.dialer.Debug; d.Writer != nil {
		d.print(c.url.String(), dir, h, payload)
	}
}

func (d Debug) print(who, dir string, h Header, payload []byte) {
	if h.Len == 0 {
		h.Len = uint64(HeaderSize + len(payload))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rump_sp %s %s %s", who, dir, h)
	if d.Payload && len(payload) > 0 {
		fmt.Fprintf(&b, " %x", payload)
		if n, ok := h.payload(); ok && n > uint64(len(payload)) {
			b.WriteString("...")
		}
	}
	b.WriteByte('\n')
	io.WriteString(d.Writer, b.String()) // one write a line: writers may be shared
}
