package rumpctrl

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func runMountTmpfs(ctx context.Context, e *Env) error {
	var fs rump.Tmpfs
	var uidSet, gidSet, modeSet bool
	flags := 0
	args, err := e.getopt(e.Args[1:], "g:m:n:o:s:u:", func(opt byte, arg string) (err error) {
		switch opt {
		case 'g':
			gidSet = true
			fs.Gid, err = mountID(arg, "group")
		case 'u':
			uidSet = true
			fs.Uid, err = mountID(arg, "user")
		case 'm':
			modeSet = true
			fs.Mode, err = mountMode(arg)
		case 'n':
			n, perr := parseHuman(arg)
			if perr != nil {
				return errc(1, perr, "failed to parse nodes `%s'", arg)
			}
			fs.Nodes = uint64(n)
		case 'o':
			flags, err = mountOptions(flags, arg, "update getargs atime relatime")
		case 's':
			fs.Size, err = e.tmpfsSize(ctx, arg)
		}
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		fmt.Fprintf(e.Stderr, "usage: mount_tmpfs [-g group] [-m mode] [-n nodes] [-o options] [-s size]\n"+
			"           [-u user] tmpfs mount_point\n")
		return silent(1)
	}
	if err != nil {
		return err
	}
	dir := e.mountPath(ctx, args[1])
	st, err := e.Kernel.Stat(ctx, dir)
	if err != nil {
		return errc(1, err, "cannot stat `%s'", dir)
	}
	if !uidSet {
		fs.Uid = st.Uid
	}
	if !gidSet {
		fs.Gid = st.Gid
	}
	if !modeSet {
		fs.Mode = st.Mode
	}
	if flags&netbsd.MNT_GETARGS != 0 {
		b, err := e.Kernel.MountArgs(ctx, dir, fs)
		if err != nil {
			return errc(1, err, "tmpfs on %s", dir)
		}
		a, err := netbsd.ParseTmpfsArgs(b)
		if err != nil {
			return err
		}
		e.printf("version=%d, size_max=%d, nodes_max=%d, root_uid=%d, root_gid=%d, root_mode=%o\n",
			a.Version, a.SizeMax, a.NodesMax, a.RootUid, a.RootGid, a.RootMode)
		return nil
	}
	if err := e.Kernel.Mount(ctx, dir, flags, fs); err != nil {
		return errc(1, err, "tmpfs on %s", dir)
	}
	return nil
}

// tmpfsSize parses a size, which may be a fraction ("ram/4") or a percentage
// ("ram%25") of the memory.
func (e *Env) tmpfsSize(ctx context.Context, arg string) (int64, error) {
	part := func(f float64) (int64, error) {
		v, err := e.Kernel.Sysctl(ctx, "hw.physmem64")
		if err != nil {
			return 0, errc(1, err, `can't get "hw.physmem64"`)
		}
		ram, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		if err != nil {
			return 0, err
		}
		return int64(ram * f), nil
	}
	number := func(s, what string) (float64, error) {
		f, err := strconv.ParseFloat(s, 32)
		if err != nil || math.IsNaN(f) {
			return 0, errx(1, "syntax error in ram %s: %s at %s", what, arg, s)
		}
		return f, nil
	}
	if s, ok := strings.CutPrefix(arg, "ram/"); ok {
		f, err := number(s, "fraction")
		if err == nil && f <= 0 {
			err = errx(1, "ram fraction must be a positive number: ram/%s", s)
		}
		if err != nil {
			return 0, err
		}
		return part(1 / f)
	}
	if s, ok := strings.CutPrefix(arg, "ram%"); ok {
		f, err := number(s, "percentage")
		if err == nil && (f <= 0 || f >= 100) {
			err = errx(1, "ram percentage must be a between 0 and 100 ram%%%s", s)
		}
		if err != nil {
			return 0, err
		}
		return part(f / 100)
	}
	n, err := parseHuman(arg)
	if err != nil {
		return 0, errc(1, err, "failed to parse size `%s'", arg)
	}
	return n, nil
}
