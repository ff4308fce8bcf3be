package sysproxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Version of the protocol that this package speaks.
const (
	ProtocolMajor = 0
	ProtocolMinor = 4
)

// maxBanner is the greatest length of a banner in bytes, with its newline
// (sp_common.c: MAXBANNER).
const maxBanner = 96

// Banner is the line with which a server greets.
type Banner struct {
	Major, Minor int    // of the protocol
	Kernel       string // "NetBSD"
	Release      string // "7.99.34"
	Machine      string // "amd64"
}

// String returns the line as sent, without its newline:
// RUMPSP-0.4-NetBSD-7.99.34/amd64.
func (b Banner) String() string {
	return fmt.Sprintf("RUMPSP-%d.%d-%s-%s/%s", b.Major, b.Minor, b.Kernel, b.Release, b.Machine)
}

// ParseBanner decodes a banner line, given without its newline.
func ParseBanner(line string) (Banner, error) {
	// Cut by hand: to compile a regular expression is a good part of the start of a
	// program which makes a few calls and ends.
	rest, ok := strings.CutPrefix(line, "RUMPSP-")
	major, rest, ok1 := strings.Cut(rest, ".")
	minor, rest, ok2 := strings.Cut(rest, "-")
	kernel, rest, ok3 := strings.Cut(rest, "-")
	slash := strings.LastIndexByte(rest, '/')
	b := Banner{Kernel: kernel}
	var ok4, ok5 bool
	b.Major, ok4 = parseVersion(major)
	b.Minor, ok5 = parseVersion(minor)
	if !(ok && ok1 && ok2 && ok3 && ok4 && ok5) || kernel == "" || slash <= 0 || slash == len(rest)-1 {
		return Banner{}, fmt.Errorf("no rump kernel: greets with %q, not with a RUMPSP banner", clip(line))
	}
	b.Release, b.Machine = rest[:slash], rest[slash+1:]
	return b, nil
}

// parseVersion decodes a number of one to four digits.
func parseVersion(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, 1 <= len(s) && len(s) <= 4
}

// usable tells whether this client can talk to the kernel which sent the banner.
func (b Banner) usable() error {
	if b.Major != ProtocolMajor || b.Minor != ProtocolMinor {
		return fmt.Errorf("speaks version %d.%d of the protocol, not %d.%d", b.Major, b.Minor, ProtocolMajor, ProtocolMinor)
	}
	if b.Machine != "amd64" {
		return fmt.Errorf("is a kernel for %s: only the little-endian LP64 ABI of amd64 is spoken here", b.Machine)
	}
	return nil
}

var errBannerTooLong = errors.New("no rump kernel: greets with an overlong line")

func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "..."
	}
	return s
}

// greet reads the banner.
func (c *conn) greet(ctx context.Context) (Banner, error) {
	stop := context.AfterFunc(ctx, c.s.interrupt)
	defer stop()
	end := -1
	for ; end < 0; end = bytes.IndexByte(c.in.bytes(), '\n') {
		if len(c.in.bytes()) >= maxBanner {
			return Banner{}, c.violation("%s", errBannerTooLong)
		}
		n, err := c.s.parkRead(c.in.space())
		c.in.filled(n)
		none := len(c.in.bytes()) == 0
		switch {
		case err == errInterrupted && ctx.Err() != nil:
			if none && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return Banner{}, c.violation("no rump kernel: it does not greet")
			}
			return Banner{}, &TransportError{c.url, "connect", context.Cause(ctx)}
		case err == errInterrupted:
		case err == io.EOF && none:
			return Banner{}, c.violation("closes the connection without a greeting: no rump kernel, or a full one")
		case err != nil:
			return Banner{}, &TransportError{c.url, "connect", err}
		}
	}
	if end >= maxBanner {
		return Banner{}, c.violation("%s", errBannerTooLong)
	}
	line := string(c.in.bytes()[:end])
	c.in.skip(end + 1)
	b, err := ParseBanner(line)
	if err == nil {
		err = b.usable()
	}
	if err != nil {
		return Banner{}, c.violation("%s", err)
	}
	return b, nil
}
