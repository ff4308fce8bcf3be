package rumpctrl

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// standardMountOptions are what every mount_* program takes with -o.
var standardMountOptions = strings.Fields("userquota groupquota ro rw auto coredump dev exec suid rdonly union hidden symperm rump")

// mountOptions adds what -o says to flags. A program takes the standard options
// and those in more: getmntopts(3).
func mountOptions(flags int, list, more string) (int, error) {
	for _, opt := range strings.Split(list, ",") {
		if opt == "" {
			continue
		}
		word, _, _ := strings.Cut(opt, "=")
		word = strings.ToLower(word)
		name, negative := strings.CutPrefix(word, "no")
		set, clear, ok := netbsd.LookupMountOption(word)
		if !ok || !slices.Contains(standardMountOptions, name) && !slices.Contains(strings.Fields(more), name) {
			shown, _, _ := strings.Cut(opt, "=")
			if negative {
				shown = shown[2:]
			}
			return 0, errx(1, "-o %s: option not supported", shown)
		}
		flags = flags&^int(clear) | int(set)
	}
	return flags, nil
}

// mountPath returns the canonical form of a path, and says where it differs from
// what was given: a kernel remembers the path, and umount looks for it.
func (e *Env) mountPath(ctx context.Context, path string) string {
	real, err := e.Kernel.Realpath(ctx, path)
	if err != nil {
		e.warn(err, "Warning: realpath %s", path)
	}
	if real != path {
		e.warnx(`"%s" is a non-resolved or relative path.`, path)
		e.warnx(`using "%s" instead.`, real)
	}
	return real
}

// mountID parses the number of a user or group for a mount_* program.
func mountID(s, kind string) (uint32, error) {
	n, err := strconv.ParseInt(s, 0, 32)
	if err != nil || n < 0 {
		return 0, errx(1, "unknown %s id: %s", kind, s)
	}
	return uint32(n), nil
}

// mountMode parses permissions for a mount_* program.
func mountMode(s string) (uint32, error) {
	n, err := strconv.ParseInt(s, 8, 32)
	if err != nil || n < 0 {
		return 0, errx(1, "invalid file mode: %s", s)
	}
	return uint32(n), nil
}

// parseHuman parses a number with a suffix b, k, m or g: dehumanize_number(3).
func parseHuman(s string) (int64, error) {
	if s == "" {
		return 0, netbsd.EINVAL
	}
	factor, digits := int64(1), s
	if c := s[len(s)-1] | 0x20; c >= 'a' && c <= 'z' {
		switch c {
		case 'b':
		case 'k':
			factor = 1 << 10
		case 'm':
			factor = 1 << 20
		case 'g':
			factor = 1 << 30
		default:
			return 0, netbsd.EINVAL
		}
		digits = s[:len(s)-1]
	}
	n, err := strconv.ParseInt(strings.TrimLeft(digits, " \t"), 10, 64)
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		return 0, netbsd.ERANGE
	}
	if err != nil {
		return 0, netbsd.Errno(0) // which is what strtoll(3) leaves
	}
	if n*factor/factor != n {
		return 0, netbsd.ERANGE
	}
	return n * factor, nil
}
