package rumpctrl

import (
	"context"
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A typeList is a list of types of file systems: those in it, or with "no" before
// the first those not in it.
type typeList struct {
	names []string
	skip  bool
}

func parseTypeList(s string) *typeList {
	rest, skip := strings.CutPrefix(s, "no")
	return &typeList{strings.Split(rest, ","), skip}
}

// leaves out reports whether a type is not wanted; a nil list wants all.
func (l *typeList) excludes(typ string) bool {
	if l == nil {
		return false
	}
	for _, n := range l.names {
		if n == typ {
			return l.skip
		}
	}
	return !l.skip
}

// unmounter is one run of umount.
type unmounter struct {
	e                        *Env
	ctx                      context.Context
	flags                    int
	all, raw, pretend, words bool
	types                    *typeList
	mounts                   []netbsd.Statvfs
}

func runUmount(ctx context.Context, e *Env) error {
	u := &unmounter{e: e, ctx: ctx}
	args, err := e.getopt(e.Args[1:], "AaFfh:Rt:v", func(opt byte, arg string) error {
		switch opt {
		case 'f':
			u.flags = netbsd.MNT_FORCE
		case 'R':
			u.raw = true
		case 'A', 'a':
			u.all = true
		case 'h':
			u.all = true
			if u.types == nil {
				u.types = parseTypeList("nfs")
			}
		case 'F':
			u.pretend = true
		case 't':
			if u.types != nil {
				return errx(1, "only one -t option may be specified.")
			}
			u.types = parseTypeList(arg)
		case 'v':
			u.words = true
		}
		return nil
	})
	if err != nil && err != errBadOption {
		return err
	}
	if err != nil || (len(args) == 0) != u.all || u.all && u.raw {
		fmt.Fprintf(e.Stderr, "Usage: umount [-fvFR] [-t fstypelist] special | node\n"+
			"\t umount -a[fvF] [-h host] [-t fstypelist]\n")
		return silent(1)
	}
	if u.mounts, err = e.Kernel.Mounts(ctx, netbsd.MNT_NOWAIT); err != nil {
		return errc(1, err, "getmntinfo")
	}
	status := 0
	if u.all {
		// The root file system stays.
		for i := len(u.mounts) - 1; i > 0; i-- {
			if !u.types.excludes(u.mounts[i].Fstypename) {
				u.raw = true
				status |= u.unmount(u.mounts[i].Mntonname)
			}
		}
	}
	for _, name := range args {
		status |= u.unmount(name)
	}
	return silent(status)
}

// find returns the mount of which f is true, the last one first.
func (u *unmounter) find(f func(netbsd.Statvfs) bool) *netbsd.Statvfs {
	for i := len(u.mounts) - 1; i >= 0; i-- {
		if f(u.mounts[i]) {
			return &u.mounts[i]
		}
	}
	return nil
}

// unmount unmounts what a folder or a device names and returns an exit status.
func (u *unmounter) unmount(name string) int {
	dir, from := name, name
	if !u.raw {
		on := func(s netbsd.Statvfs) bool { return s.Mntonname == name }
		device := func(s netbsd.Statvfs) bool { return s.Mntfromname == name }
		isBlock, isFolder := false, false
		real, err := u.e.Kernel.Realpath(u.ctx, name)
		if err != nil {
			u.e.warn(err, "%s", name)
			return 1
		}
		name = real
		if st, err := u.e.Kernel.Stat(u.ctx, name); err == nil {
			isBlock = st.Mode&netbsd.S_IFMT == netbsd.S_IFBLK
			isFolder = isDir(st, nil)
		}
		var m *netbsd.Statvfs
		if !isBlock {
			m = u.find(on)
		}
		if m == nil && !isFolder {
			m = u.find(device)
		}
		if m == nil {
			u.e.warnx("%s: not currently mounted", name)
			return 1
		}
		dir, from = m.Mntonname, m.Mntfromname
		if u.types.excludes(m.Fstypename) {
			return 1
		}
		if u.words {
			u.e.printf("%s: unmount from %s\nTrying unmount program umount_%s\n", from, dir, m.Fstypename)
		}
	} else if u.words {
		u.e.printf("%s: unmount from %s\n", from, dir)
	}
	if u.pretend {
		return 0
	}
	if u.words {
		u.e.printf("(No separate unmount program.)\n")
	}
	if err := u.e.Kernel.Unmount(u.ctx, dir, u.flags); err != nil {
		u.e.warn(err, "%s", dir)
		return 1
	}
	return 0
}
