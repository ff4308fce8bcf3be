package rumpctrl

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func runMountMsdos(ctx context.Context, e *Env) error {
	var fs rump.MSDOS
	var uidSet, gidSet, maskSet, dirMaskSet, zoneSet bool
	flags := 0
	args, err := e.getopt(e.Args[1:], "Gsl9Uu:g:m:M:o:t:", func(opt byte, arg string) (err error) {
		switch opt {
		case 'G':
			fs.Flags |= netbsd.MSDOSFSMNT_GEMDOSFS
		case 's':
			fs.Flags |= netbsd.MSDOSFSMNT_SHORTNAME
		case 'l':
			fs.Flags |= netbsd.MSDOSFSMNT_LONGNAME
		case '9':
			fs.Flags |= netbsd.MSDOSFSMNT_NOWIN95
		case 'U':
			fs.Flags |= netbsd.MSDOSFSMNT_UTF8
		case 'u':
			uidSet = true
			fs.Uid, err = mountID(arg, "user")
		case 'g':
			gidSet = true
			fs.Gid, err = mountID(arg, "group")
		case 'm':
			maskSet = true
			fs.Mask, err = mountMode(arg)
		case 'M':
			dirMaskSet = true
			fs.DirMask, err = mountMode(arg)
		case 'o':
			flags, err = mountOptions(flags, arg, "async sync update getargs")
		case 't':
			n, _ := strconv.Atoi(arg)
			fs.Gmtoff, zoneSet = int32(n), true
		}
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		fmt.Fprintf(e.Stderr, "usage: mount_msdos [-9GlsU] [-g gid] [-M mask] [-m mask] [-o options]\n"+
			"\t[-t gmtoff] [-u uid] special mountpath\n")
		return silent(1)
	}
	if err != nil {
		return err
	}
	switch {
	case maskSet && !dirMaskSet:
		fs.DirMask = fs.Mask
	case dirMaskSet && !maskSet:
		fs.Mask, maskSet = fs.DirMask, true
	}
	fs.Device = e.mountPath(ctx, args[0])
	dir := e.mountPath(ctx, args[1])
	if !gidSet || !uidSet || !maskSet {
		st, err := e.Kernel.Stat(ctx, args[1])
		if err != nil {
			return errc(1, err, "stat %s", args[1])
		}
		if !uidSet {
			fs.Uid = st.Uid
		}
		if !gidSet {
			fs.Gid = st.Gid
		}
		if !maskSet {
			fs.Mask = st.Mode & netbsd.ACCESSPERMS
			fs.DirMask = fs.Mask
		}
	}
	if !zoneSet {
		_, off := time.Now().In(e.Location).Zone()
		fs.Gmtoff = int32(off)
	}
	if flags&netbsd.MNT_GETARGS != 0 {
		b, err := e.Kernel.MountArgs(ctx, dir, fs)
		if err != nil {
			return errc(1, err, "%s on %s", fs.Device, dir)
		}
		a, err := netbsd.ParseMsdosfsArgs(b)
		if err != nil {
			return err
		}
		e.printf("uid=%d, gid=%d, mask=0%o, dirmask=0%o, flags=%s\n", a.Uid, a.Gid, a.Mask, a.Dirmask, msdosFlags(uint32(a.Flags)))
		return nil
	}
	if err := e.Kernel.Mount(ctx, dir, flags, fs); err != nil {
		return errc(1, err, "%s on %s", fs.Device, dir)
	}
	return nil
}

// msdosFlags names the flags of a mounted msdos file system, as snprintb(3) does.
func msdosFlags(flags uint32) string {
	s := fmt.Sprintf("%#x", flags)
	if flags == 0 {
		s = "0"
	}
	sep := "<"
	for bit, name := range []string{"SHORTNAME", "LONGNAME", "NOWIN95", "GEMDOSFS", "VERSIONED", "UTF8"} {
		if flags&(1<<bit) != 0 {
			s += sep + name
			sep = ","
		}
	}
	if sep == "," {
		s += ">"
	}
	return s
}
