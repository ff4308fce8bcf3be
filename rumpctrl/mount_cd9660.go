package rumpctrl

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func runMountCd9660(ctx context.Context, e *Env) error {
	fs := rump.CD9660{}
	flags := 0
	// These options are the file system's own.
	own := map[string]struct {
		flag int32
		no   bool
	}{
		"extatt": {netbsd.ISOFSMNT_EXTATT, false}, "gens": {netbsd.ISOFSMNT_GENS, false},
		"joliet": {netbsd.ISOFSMNT_NOJOLIET, true}, "rrip": {netbsd.ISOFSMNT_NORRIP, true},
		"casetrans": {netbsd.ISOFSMNT_NOCASETRANS, true}, "rrcaseins": {netbsd.ISOFSMNT_RRCASEINS, false},
	}
	args, err := e.getopt(e.Args[1:], "egijo:r", func(opt byte, arg string) (err error) {
		switch opt {
		case 'e':
			fs.Flags |= netbsd.ISOFSMNT_EXTATT
		case 'g':
			fs.Flags |= netbsd.ISOFSMNT_GENS
		case 'i':
			fs.Flags |= netbsd.ISOFSMNT_RRCASEINS
		case 'j':
			fs.Flags |= netbsd.ISOFSMNT_NOJOLIET
		case 'r':
			fs.Flags |= netbsd.ISOFSMNT_NORRIP
		case 'o':
			var rest []string
			for _, word := range strings.Split(arg, ",") {
				name, no := strings.CutPrefix(word, "no")
				o, ok := own[name]
				switch {
				case !ok:
					rest = append(rest, word)
				case o.no == no:
					fs.Flags |= o.flag
				default:
					fs.Flags &^= o.flag
				}
			}
			flags, err = mountOptions(flags, strings.Join(rest, ","), "update getargs")
		}
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		return e.usage(1, "mount_cd9660 [-egijr] [-o options] special node")
	}
	if err != nil {
		return err
	}
	fs.Device = e.mountPath(ctx, args[0])
	dir := e.mountPath(ctx, args[1])
	// A CD cannot be written.
	if err := e.Kernel.Mount(ctx, dir, flags|netbsd.MNT_RDONLY, fs); err != nil {
		return errc(1, err, "%s on %s", fs.Device, dir)
	}
	return nil
}
