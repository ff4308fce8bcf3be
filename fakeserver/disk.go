package fakeserver

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A DiskType says how a host file appears in the kernel.
type DiskType string

// The types of disks, as rump_server's -d has them.
const (
	DiskBlock DiskType = "blk"
	DiskChar  DiskType = "chr"
	DiskFile  DiskType = "reg"
)

// A Disk is a host file which appears in the kernel under the name Key: an
// argument of rump_server's -d.
type Disk struct {
	Key      string // the path in the kernel
	HostPath string
	Type     DiskType // DiskBlock if empty
	Offset   int64    // where in the host file it begins
	Size     int64    // 0 means up to the end of the host file
	Create   bool     // make the host file, of Size bytes, if there is none
	ReadOnly bool
}

// ParseDisk reads what rump_server takes after -d: key=PATH, hostpath=PATH,
// size=BYTES or size=host, offset=BYTES and type=blk, chr or reg, with commas
// between them. A number may end in b (512), k, m, g or t. A host file with a
// size is made if there is none.
func ParseDisk(arg string) (Disk, error) {
	var d Disk
	bad := func(format string, args ...any) (Disk, error) {
		return Disk{}, fmt.Errorf("-d %s: %s", arg, fmt.Sprintf(format, args...))
	}
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(arg, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return bad("%q is not of the form name=value", part)
		}
		if seen[name] {
			return bad("%s is given twice", name)
		}
		seen[name] = true
		var err error
		switch name {
		case "key":
			d.Key = value
		case "hostpath":
			d.HostPath = value
		case "size":
			if value == "host" {
				continue
			}
			d.Size, err = ParseSize(value)
			d.Create = true
		case "offset":
			d.Offset, err = ParseSize(value)
		case "type":
			switch d.Type = DiskType(value); d.Type {
			case DiskBlock, DiskChar, DiskFile:
			default:
				return bad("the type is blk, chr or reg, not %q", value)
			}
		case "disklabel":
			return bad("the fake does not read disklabels: give offset and size")
		default:
			return bad("unknown name %q", name)
		}
		if err != nil {
			return bad("%s: %v", name, err)
		}
	}
	switch {
	case d.Key == "":
		return bad("key is missing")
	case d.HostPath == "":
		return bad("hostpath is missing")
	case !seen["size"] && d.Type != DiskFile:
		return bad("size is missing")
	}
	return d, nil
}

// ParseSize reads a number of bytes as dd(1) does, with a suffix or without: 64m.
func ParseSize(s string) (int64, error) {
	unit := int64(1)
	if i := len(s) - 1; i > 0 {
		units := map[byte]int64{'b': 512, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30, 't': 1 << 40, 'w': 4}
		if u, ok := units[s[i]|0x20]; ok {
			unit, s = u, s[:i]
		}
	}
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no size: write a number of bytes, or 16m", s)
	}
	if n < 0 || n > (1<<62)/unit {
		return 0, fmt.Errorf("%q is out of range", s)
	}
	return n * unit, nil
}

// prepare makes the host file if that is asked for.
func (d Disk) prepare() error {
	if !d.Create {
		return nil
	}
	f, err := os.OpenFile(d.HostPath, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("disk %s: %w", d.Key, err)
	}
	defer f.Close()
	if err := f.Truncate(d.Offset + d.Size); err != nil {
		return fmt.Errorf("disk %s: %w", d.Key, err)
	}
	return nil
}
