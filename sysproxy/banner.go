package sysproxy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
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

var bannerRE = regexp.MustCompile(`^RUMPSP-(\d{1,4})\.(\d{1,4})-([^-]+)-(.+)/([^/]+)$`)

// ParseBanner decodes a banner line, given without its newline.
func ParseBanner(line string) (Banner, error) {
	m := bannerRE.FindStringSubmatch(line)
	if m == nil {
		return Banner{}, fmt.Errorf("no rump kernel: greets with %q, not with a RUMPSP banner", clip(line))
	}
	major, _ := strconv.Atoi(m[1]) // at most four digits: cannot fail
	minor, _ := strconv.Atoi(m[2])
	return Banner{major, minor, m[3], m[4], m[5]}, nil
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
