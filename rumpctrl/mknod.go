package rumpctrl

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// A deviceFormat packs the numbers of a device as some system does.
type deviceFormat struct {
	pack func(n []uint64) uint64
	// fields are the widths of the numbers, in bits.
	fields []uint64
}

// shifted packs a major number of some bits above a minor number of others.
func shifted(majorBits, minorBits uint64) deviceFormat {
	return deviceFormat{func(n []uint64) uint64 { return n[0]<<minorBits | n[1] }, []uint64{1<<majorBits - 1, 1<<minorBits - 1}}
}

// deviceFormats are the formats of -F.
func deviceFormats(name string) (deviceFormat, bool) {
	native := deviceFormat{
		func(n []uint64) uint64 { return netbsd.Makedev(uint32(n[0]), uint32(n[1])) },
		[]uint64{0xfff, 0xfffff},
	}
	switch name {
	case "native", "netbsd":
		return native, true
	case "386bsd", "4bsd", "isc", "linux", "sco", "sunos", "svr3", "ultrix":
		return shifted(8, 8), true
	case "freebsd":
		return deviceFormat{func(n []uint64) uint64 { return n[0]<<8 | n[1] }, []uint64{0xff, 0xffff00ff}}, true
	case "hpux":
		return shifted(8, 24), true
	case "osf1", "bsdos":
		return shifted(12, 20), true
	case "solaris", "svr4":
		return shifted(14, 18), true
	}
	return deviceFormat{}, false
}

// device packs the numbers of a device.
func packDevice(format string, n []uint64) (uint64, error) {
	if format == "bsdos" && len(n) == 3 {
		for i, most := range []uint64{0xfff, 0xfff, 0xff} {
			if n[i] > most {
				return 0, errx(1, "invalid %s number", []string{"major", "unit", "subunit"}[i])
			}
		}
		return n[0]<<20 | n[1]<<8 | n[2], nil
	}
	f, _ := deviceFormats(format)
	if len(n) != 2 {
		return 0, errx(1, "too many fields for format")
	}
	for i, mask := range f.fields {
		if n[i]&^mask != 0 {
			return 0, errx(1, "invalid %s number", []string{"major", "minor"}[i])
		}
	}
	return f.pack(n), nil
}

func runMknod(ctx context.Context, e *Env) error {
	k := e.Kernel
	list, replace := false, 0
	format, hasFormat := "native", false
	uid, gid := -1, -1
	var change modeChange
	mask, err := e.umask(ctx)
	if err != nil {
		return err
	}
	usage := func() error {
		fmt.Fprint(e.Stderr, "usage: mknod [-rR] [-F format] [-m mode] [-u user] [-g group]\n"+
			"                   [ name [b | c] [major | driver] minor\n"+
			"                   | name [b | c] major unit subunit\n"+
			"                   | name [b | c] number\n"+
			"                   | name p ]\n"+
			"       mknod -l [driver] ...\n")
		return silent(1)
	}
	args, err := e.getopt(e.Args[1:], "lrRF:g:m:u:", func(opt byte, arg string) (err error) {
		number := func(kind string) (int, error) {
			n, err := strconv.ParseInt(strings.TrimPrefix(arg, "#"), 10, 64)
			if err != nil {
				return 0, errx(1, "%s: invalid %s name", arg, kind)
			}
			return int(n), nil
		}
		switch opt {
		case 'l':
			list = true
		case 'r':
			replace = 1
		case 'R':
			replace = 2
		case 'F':
			if _, ok := deviceFormats(arg); !ok {
				return errx(1, "invalid format: %s", arg)
			}
			format, hasFormat = arg, true
		case 'g':
			gid, err = number("group")
		case 'u':
			uid, err = number("user")
		case 'm':
			if change, err = parseMode(arg, mask); err != nil {
				return errc(1, err, "Cannot set file mode `%s'", arg)
			}
		}
		return err
	})
	if err == errBadOption {
		return usage()
	}
	if err != nil {
		return err
	}
	if list {
		return e.listDrivers(ctx, args)
	}
	if len(args) < 2 || len(args) > 10 {
		return usage()
	}
	name, typ, args := args[0], args[1], args[2:]
	mode := 0o666 &^ mask
	fifo := false
	switch typ {
	case "c":
		mode |= netbsd.S_IFCHR
	case "b":
		mode |= netbsd.S_IFBLK
	case "p":
		if hasFormat {
			return errx(1, "format is meaningless for fifos")
		}
		mode |= netbsd.S_IFIFO
		fifo = true
	default:
		return errx(1, "node type must be 'b', 'c' or 'p'.")
	}
	if fifo && len(args) != 0 || !fifo && (len(args) < 1 || len(args) > 3) {
		return usage()
	}
	numbers := make([]uint64, len(args))
	for i, a := range args {
		n, err := strconv.ParseUint(a, 0, 64)
		if err != nil && len(args) == 2 && i == 0 {
			major, derr := e.driverMajor(ctx, a, mode)
			if derr != nil {
				return derr
			}
			if major != -1 {
				n, err = uint64(major), nil
			} else if a == "" || a[0] < '0' || a[0] > '9' {
				return errx(1, "unknown driver: %s", a)
			}
		}
		if err != nil {
			return errx(1, "invalid number: %s", a)
		}
		numbers[i] = n
	}
	var dev uint64
	switch len(numbers) {
	case 0:
	case 1:
		dev = numbers[0]
	default:
		if dev, err = packDevice(format, numbers); err != nil {
			return err
		}
	}
	if change != nil {
		mode = change.apply(mode)
	}
	if _, err := k.Umask(ctx, 0); err != nil {
		return err
	}
	defer k.Umask(context.WithoutCancel(ctx), mask)
	create := func() error {
		if fifo {
			return k.Mkfifo(ctx, name, mode)
		}
		return k.Mknod(ctx, name, mode, dev)
	}
	err = create()
	if errno, _ := rump.Errno(err); errno == netbsd.EEXIST && replace > 0 {
		st, serr := k.Lstat(ctx, name)
		if serr != nil || !fifo && st.Rdev != dev || st.Mode&netbsd.S_IFMT != mode&netbsd.S_IFMT {
			k.Unlink(ctx, name)
			err = create()
		} else if replace == 1 {
			return nil
		} else if err = nil; st.Mode != mode {
			err = k.Chmod(ctx, name, mode)
		}
	}
	if err != nil {
		return errc(1, err, "%s", name)
	}
	if uid != -1 || gid != -1 {
		if err := k.Chown(ctx, name, uid, gid); err != nil {
			e.warn(err, "%s: uid/gid not changed", name)
		}
	}
	return nil
}

// drivers returns the kernel's drivers and their major numbers.
func (e *Env) drivers(ctx context.Context) ([]netbsd.KinfoDriver, error) {
	b, err := e.Kernel.SysctlRaw(ctx, rump.MIB{netbsd.CTL_KERN, netbsd.KERN_DRIVERS}, nil, "kern.drivers")
	if err != nil {
		return nil, errc(1, err, "kern.drivers")
	}
	return netbsd.ParseKinfoDrivers(b)
}

// driverMajor returns the major number of a driver, or -1 if it has none.
func (e *Env) driverMajor(ctx context.Context, name string, mode uint32) (int32, error) {
	ds, err := e.drivers(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range ds {
		switch {
		case d.Name != name:
		case mode&netbsd.S_IFMT == netbsd.S_IFCHR:
			return d.Cmajor, nil
		default:
			return d.Bmajor, nil
		}
	}
	return -1, nil
}

// listDrivers prints drivers and their major numbers.
func (e *Env) listDrivers(ctx context.Context, names []string) error {
	ds, err := e.drivers(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		for _, d := range ds {
			if name != "" && d.Name != name {
				continue
			}
			e.printf("%s", d.Name)
			if d.Cmajor != -1 {
				e.printf(" character major %d", d.Cmajor)
			}
			if d.Bmajor != -1 {
				e.printf(" block major %d", d.Bmajor)
			}
			e.printf("\n")
		}
	}
	return nil
}
