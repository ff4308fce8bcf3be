package rumpctrl

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// diskTarget says how a program that makes a file system opens its disk.
type diskTarget struct {
	image      bool // a regular file, not a device
	dryRun     bool // do not write
	create     bool // make the image if there is none
	diskType   string
	sectorSize int // 0 for that of the device
}

// disk is an open disk or image.
type disk struct {
	name       string
	in, out    *rump.File // out is nil in a dry run
	size       int64
	sectorSize int
	label      netbsd.Disklabel
	labelled   bool
	part       *netbsd.Partition // which the name's last letter says, if it is one
}

func (d *disk) ReadAt(p []byte, off int64) (int, error)  { return d.in.ReadAt(p, off) }
func (d *disk) WriteAt(p []byte, off int64) (int, error) { return d.out.WriteAt(p, off) }

func (d *disk) close() {
	d.in.Close()
	if d.out != nil && d.out != d.in {
		d.out.Close()
	}
}

// openDisk opens a disk or an image and finds out how large it is.
func (e *Env) openDisk(ctx context.Context, name string, t diskTarget) (*disk, error) {
	k := e.Kernel
	d := &disk{name: name, sectorSize: t.sectorSize}
	if t.image {
		if d.sectorSize == 0 {
			d.sectorSize = 512
		}
		flags := netbsd.O_RDWR
		if t.dryRun {
			flags = netbsd.O_RDONLY
		} else if t.create {
			flags |= netbsd.O_CREAT
		}
		f, err := k.Open(ctx, name, flags, 0o777)
		if err != nil {
			return nil, errc(1, err, "can't open file %s", name)
		}
		d.in = f
		if !t.dryRun {
			d.out = f
		}
		st, err := f.Fstat()
		if err != nil {
			d.close()
			return nil, errc(1, err, "can't fstat opened %s", name)
		}
		d.size = st.Size
		return d, nil
	}
	// Of a block device the raw one is used, whose name has an "r" before it.
	if st, err := k.Stat(ctx, name); err == nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFBLK {
		i := strings.LastIndexByte(name, '/') + 1
		if raw := name[:i] + "r" + name[i:]; true {
			if st, err := k.Stat(ctx, raw); err == nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFCHR {
				d.name = raw
			}
		}
	}
	f, path, err := e.openDiskNode(ctx, d.name, netbsd.O_RDONLY, false)
	d.name = path
	if err != nil {
		return nil, errc(1, err, "%s: open for read", d.name)
	}
	d.in = f
	if err := e.examineDisk(ctx, d, t); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// examineDisk checks that a device can be used.
func (e *Env) examineDisk(ctx context.Context, d *disk, t diskTarget) error {
	st, err := d.in.Fstat()
	if err != nil {
		return errc(1, err, "%s: open for read", d.name)
	}
	if st.Mode&netbsd.S_IFMT == netbsd.S_IFBLK {
		return errx(1, "%s is a block device. use raw device", d.name)
	}
	if !t.dryRun {
		if d.out, err = e.Kernel.Open(ctx, d.name, netbsd.O_WRONLY, 0); err != nil {
			return errc(1, err, "%s: open for write", d.name)
		}
		mounts, err := e.Kernel.Mounts(ctx, netbsd.MNT_NOWAIT)
		if err != nil {
			return errc(1, err, "%s: getmntinfo", d.name)
		}
		for _, s := range mounts {
			from := s.Mntfromname
			if dev, ok := strings.CutPrefix(from, "/dev/"); ok {
				from = "r" + dev
			}
			if printableDevice(d.name) == from {
				return errx(1, "%s is mounted on %s", d.name, s.Mntonname)
			}
		}
	}
	if t.diskType != "" {
		return errx(1, "unknown disk type `%s'", t.diskType)
	}
	d.label, err = d.in.Disklabel()
	d.labelled = err == nil
	if err != nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFCHR {
		e.warn(err, "DIOCGDINFO on %s failed", d.name)
		return errx(1, "%s: can't read disk label; disk type must be specified", d.name)
	}
	if d.sectorSize == 0 {
		d.sectorSize = 512
		if d.labelled && d.label.Secsize > 0 {
			d.sectorSize = int(d.label.Secsize)
		}
	}
	d.size = st.Size
	if !d.labelled {
		return nil
	}
	part := int(d.name[len(d.name)-1]) - 'a'
	if part < 0 || part >= min(int(d.label.Npartitions), len(d.label.Partitions)) || part != int(netbsd.Minor(st.Rdev)%netbsd.MAXPARTITIONS) {
		return nil
	}
	d.part = &d.label.Partitions[part]
	if part == netbsd.RAW_PART {
		d.part.Size = d.label.Secperunit
	}
	if d.size == 0 {
		d.size = int64(d.part.Size) * int64(d.sectorSize)
	}
	return nil
}
