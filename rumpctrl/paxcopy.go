package rumpctrl

import (
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// copy copies files into a folder, as if by way of an archive.
func (a *archiver) copy(args []string, dir string) error {
	if st, err := a.k.Stat(a.ctx, dir); !isDir(st, err) {
		if err == nil {
			err = netbsd.EEXIST
		} else {
			err = a.k.MkdirAll(a.ctx, dir, 0o777)
		}
		if err != nil {
			a.warnErr(err, "Cannot create directory `%s'", dir)
			return nil
		}
	}
	a.absolute = true // names are below the folder
	target := func(name string) string { return strings.TrimRight(dir, "/") + "/" + strings.TrimLeft(name, "/") }
	var dirs []*paxMember
	first := map[[2]uint64]string{}
	err := a.each(args, func(p *walkEntry) error {
		m, ok := a.member(p, first)
		if !ok || !a.selected(&m.stat) || a.current(target(p.path), &p.stat, a.update, a.updateChanged) {
			return nil
		}
		if a.chosen = true; !a.modify(m) {
			return nil
		}
		m.name, m.source = target(m.name), p.path
		switch {
		case m.hard:
			m.link = target(m.link)
		case a.links && m.kind() == netbsd.S_IFREG:
			m.link, m.hard = p.path, true
		}
		if a.current(m.name, &m.stat, a.fresh, a.freshChanged) {
			return nil
		}
		if m.hasData() {
			f, err := a.content(p)
			if err != nil {
				return nil
			}
			defer f.Close()
			m.data = f
		}
		if a.verbose {
			fmt.Fprintf(a.e.Stderr, "%s\n", m.name)
		}
		if a.restore(m) && m.kind() == netbsd.S_IFDIR {
			dirs = append(dirs, m)
		}
		return nil
	})
	for i := len(dirs) - 1; i >= 0; i-- {
		a.attributes(dirs[i])
	}
	return err
}
