package rumpctrl

import (
	"context"
	"fmt"
	"strconv"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// freeLister is one run of df.
type freeLister struct {
	e                                   *Env
	ctx                                 context.Context
	out                                 *printer
	all, local, stale                   bool // -a, -l, -n
	everything, human, inodes, portable bool // -G, -h, -i, -P
	unit                                int64
	types                               *typeList
}

func runDf(ctx context.Context, e *Env) error {
	d := &freeLister{e: e, ctx: ctx, out: e.buffered()}
	defer d.out.Flush()
	args, err := e.getopt(e.Args[1:], "aGghiklmnPt:", func(opt byte, arg string) error {
		switch opt {
		case 'a':
			d.all = true
		case 'g':
			d.human, d.unit = false, 1<<30
		case 'G':
			d.everything = true
		case 'h':
			d.human, d.unit = true, 0
		case 'i':
			d.inodes = true
		case 'k':
			d.human, d.unit = false, 1<<10
		case 'l':
			d.local = true
		case 'm':
			d.human, d.unit = false, 1<<20
		case 'n':
			d.stale = true
		case 'P':
			d.portable = true
		case 't':
			if d.types != nil {
				return errx(1, "only one -t option may be specified.")
			}
			if arg == "" {
				return errx(1, "empty type list")
			}
			d.types = parseTypeList(arg)
		}
		return nil
	})
	switch {
	case err == errBadOption:
		fmt.Fprintf(e.Stderr, "Usage: df [-aGgln] [-hkm|-ihkm|-Pk] [-t type] [file | file_system ...]\n")
		return silent(1)
	case err != nil:
		return err
	case d.everything && (d.portable || d.inodes):
		return errx(1, "only one of -G and -P or -i may be specified")
	case d.portable && d.inodes:
		return errx(1, "only one of -P and -i may be specified")
	}
	mounts, err := e.Kernel.Mounts(ctx, netbsd.MNT_NOWAIT)
	if err != nil {
		return errc(1, err, "retrieving information on mounted file systems")
	}
	if len(args) == 0 {
		mounts, err = d.refresh(mounts)
	} else {
		mounts = d.ofFiles(args, mounts)
	}
	if err != nil {
		return err
	}
	width := 12
	for _, s := range mounts {
		width = max(width, len(s.Mntfromname))
	}
	return d.print(mounts, width)
}

// refresh chooses from what is mounted, and asks for what has changed.
func (d *freeLister) refresh(mounts []netbsd.Statvfs) ([]netbsd.Statvfs, error) {
	k := d.e.Kernel
	if !d.local && d.types == nil && d.all {
		if d.stale {
			return mounts, nil
		}
		return k.Mounts(d.ctx, netbsd.MNT_WAIT)
	}
	var chosen []netbsd.Statvfs
	for _, s := range mounts {
		if !d.all && s.Flag&netbsd.MNT_IGNORE != 0 || d.local && s.Flag&netbsd.MNT_LOCAL == 0 || d.types.excludes(s.Fstypename) {
			continue
		}
		if !d.stale {
			// Another layer may cover this one.
			if now, err := k.Statvfs(d.ctx, s.Mntonname); err == nil && now.Mntfromname == s.Mntfromname {
				s = now
			}
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// ofFiles returns the file systems that files are on, or which devices hold.
func (d *freeLister) ofFiles(args []string, mounts []netbsd.Statvfs) []netbsd.Statvfs {
	k := d.e.Kernel
	var chosen []netbsd.Statvfs
	for _, name := range args {
		at := name
		st, err := k.Stat(d.ctx, name)
		if err != nil || st.Mode&netbsd.S_IFMT == netbsd.S_IFBLK {
			found := false
			for _, s := range mounts {
				if s.Mntfromname == name {
					at, found = s.Mntonname, true
					break
				}
			}
			if err != nil && !found {
				if _, ok := rump.Errno(err); ok {
					err = netbsd.Errno(0) // the search has reset the reason
				}
				d.warn(err, name)
				continue
			}
		}
		s, err := k.Statvfs(d.ctx, at)
		switch {
		case err != nil:
			d.warn(err, name)
		case d.local && s.Flag&netbsd.MNT_LOCAL == 0:
			d.e.warnx("Warning: %s is not a local file system", name)
		case d.types.excludes(s.Fstypename):
			d.e.warnx("Warning: %s mounted as a %s file system", name, s.Fstypename)
		default:
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func (d *freeLister) warn(err error, name string) {
	d.out.Flush()
	d.e.warn(err, "%s", name)
}

// percent is a percentage without decimals: strspct(3).
func percent(n, of int64) string {
	if of == 0 {
		return "100"
	}
	sign := ""
	if (n < 0) != (of < 0) {
		sign = "-"
	}
	u, v := uint64(max(n, -n)), uint64(max(of, -of))
	if u < ^uint64(0)/100 {
		u *= 100
	} else {
		v = max(v/100, 1)
	}
	return sign + strconv.FormatUint(u/v, 10)
}

// inUnits converts a number of blocks to another unit.
func inUnits(n int64, frsize, unit int64) int64 {
	if frsize != 0 && frsize < unit {
		return n / (unit / frsize)
	}
	return n * (frsize / unit)
}

func (d *freeLister) print(mounts []netbsd.Statvfs, width int) error {
	heading := "Size"
	unit := d.unit
	switch {
	case unit == 1<<10 && d.portable:
		heading = "1024-blocks"
	case unit == 1<<10:
		heading = "1K-blocks"
	case unit == 1<<20:
		heading = "1M-blocks"
	case unit == 1<<30:
		heading = "1G-blocks"
	case !d.human && !d.everything && len(mounts) > 0:
		heading, unit = d.e.blockSize()
	}
	for i, s := range mounts {
		if d.everything {
			d.printEverything(s)
			continue
		}
		if i == 0 {
			if d.portable {
				if unit != 1024 && unit != 512 {
					return errx(1, "non-standard block size incompatible with -P")
				}
				fmt.Fprintf(d.out, "Filesystem %s Used Available Capacity Mounted on\n", heading)
			} else {
				w := width - (len(heading) - 10)
				fmt.Fprintf(d.out, "%-*.*s %s       Used      Avail %%Cap", w, w, "Filesystem", heading)
				if d.inodes {
					fmt.Fprintf(d.out, "    iUsed   iAvail %%iCap")
				}
				fmt.Fprintf(d.out, " Mounted on\n")
			}
		}
		d.printOne(s, unit, width)
	}
	return nil
}

func (d *freeLister) printOne(s netbsd.Statvfs, unit int64, width int) {
	used := int64(s.Blocks - s.Bfree)
	avail := int64(s.Bfree - s.Bresvd)
	capacity := percent(used, avail+used)
	size := int64(s.Frsize)
	if d.portable {
		fmt.Fprintf(d.out, "%s %d %d %d %s%% %s\n", s.Mntfromname, inUnits(int64(s.Blocks), size, unit),
			inUnits(used, size, unit), inUnits(avail, size, unit), capacity, s.Mntonname)
		return
	}
	fmt.Fprintf(d.out, "%-*.*s ", width, width, s.Mntfromname)
	if d.human {
		for i, n := range []int64{int64(s.Blocks), used, avail} {
			pad := "    "
			if i == 0 {
				pad = "   "
			}
			n *= size
			room := 5
			if n < 0 {
				room = 6
			}
			fmt.Fprintf(d.out, "%s %6s", pad, humanizeNumber(room, n, "", humanB|humanNoSpace|humanDecimal))
		}
	} else {
		fmt.Fprintf(d.out, "%10d %10d %10d", inUnits(int64(s.Blocks), size, unit), inUnits(used, size, unit), inUnits(avail, size, unit))
	}
	fmt.Fprintf(d.out, " %3s%%", capacity)
	if d.inodes {
		all := int64(s.Files)
		used := all - int64(s.Ffree)
		p := percent(used, all)
		if all == 0 && used == 0 {
			p = "  0"
		}
		fmt.Fprintf(d.out, " %8d %8d %4s%%", used, int64(s.Ffree), p)
	}
	fmt.Fprintf(d.out, " %s\n", s.Mntonname)
}

func (d *freeLister) printEverything(s netbsd.Statvfs) {
	fmt.Fprintf(d.out, "%10s (%-12s): %7d block size %12d frag size\n", s.Mntonname, s.Mntfromname, s.Bsize, s.Frsize)
	fmt.Fprintf(d.out, "%10d total blocks %10d free blocks  %10d available\n", int64(s.Blocks), int64(s.Bfree), int64(s.Bavail))
	fmt.Fprintf(d.out, "%10d total files  %10d free files %12x filesys id\n", int64(s.Ffree), int64(s.Files), s.Fsid)
	flag := fmt.Sprintf("%#x", s.Flag)
	if s.Flag == 0 {
		flag = "0"
	}
	fmt.Fprintf(d.out, "%10s fstype  %15s flag  %17d filename length\n", s.Fstypename, flag, s.Namemax)
	fmt.Fprintf(d.out, "%10d owner %17d syncwrites %12d asyncwrites\n\n", s.Owner, int64(s.Syncwrites), int64(s.Asyncwrites))
}
