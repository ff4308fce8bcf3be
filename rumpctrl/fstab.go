package rumpctrl

import (
	"context"
	"strings"
)

// fstabEntry is a line of the kernel's /etc/fstab.
type fstabEntry struct {
	spec, file, typ, options string
	kind                     string // of the options: rw, ro, rq, sw or xx
}

// usable reports whether the entry is one to be mounted.
func (f fstabEntry) usable() bool { return f.kind == "rw" || f.kind == "ro" || f.kind == "rq" }

func (f fstabEntry) has(option string) bool {
	for _, o := range strings.Split(f.options, ",") {
		if strings.EqualFold(o, option) {
			return true
		}
	}
	return false
}

// fstab reads /etc/fstab; that there is none is said.
func (e *Env) fstab(ctx context.Context) []fstabEntry {
	const path = "/etc/fstab"
	b, err := e.Kernel.ReadFile(ctx, path)
	if err != nil {
		e.warn(err, "Cannot open `%s'", path)
		return nil
	}
	var entries []fstabEntry
	for line := range strings.Lines(string(b)) {
		w := strings.Fields(line)
		if len(w) < 4 || strings.HasPrefix(w[0], "#") {
			continue
		}
		f := fstabEntry{spec: w[0], file: w[1], typ: w[2], options: w[3]}
		for _, o := range strings.Split(f.options, ",") {
			if o == "rw" || o == "ro" || o == "rq" || o == "sw" || o == "xx" {
				f.kind = o
				break
			}
		}
		entries = append(entries, f)
	}
	return entries
}
