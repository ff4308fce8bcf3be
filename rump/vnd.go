package rump

import (
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// ConfigureVnd makes a file a disk: VNDIOCSET on an open vnd. It returns the
// request as the kernel has completed it, with the size of the disk.
//
// Close the vnd afterwards and open it anew: a kernel makes the label of a disk when
// it is opened, and NetBSD's divides by zero, and dies, if a vnd is written to that
// has been open since before.
func (f *File) ConfigureVnd(path string, flags int32, geom netbsd.Vndgeom) (netbsd.VndIoctl, error) {
	if err := f.k.badPath("VNDIOCSET", path); err != nil {
		return netbsd.VndIoctl{}, err
	}
	if err := f.check("ioctl"); err != nil {
		return netbsd.VndIoctl{}, err
	}
	var arg []byte
	err := f.k.ioctlWith(f.ctx, f.open.fd, netbsd.VNDIOCSET, f.name, func(c *sysproxy.Call) []byte {
		arg = netbsd.VndIoctl{File: lendString(c, path), Flags: flags, Geom: geom}.Append(nil)
		return arg
	})
	if err != nil {
		return netbsd.VndIoctl{}, err
	}
	return netbsd.ParseVndIoctl(arg)
}

// UnconfigureVnd frees the disk from its file: VNDIOCCLR.
func (f *File) UnconfigureVnd(flags int32) error {
	return f.Ioctl(netbsd.VNDIOCCLR, netbsd.VndIoctl{Flags: flags}.Append(nil))
}

// VndUser describes a vnd, by its number or with -1 the one that is open, and the
// file that it is a disk of: VNDIOCGET. An inode of 0 means that it is free.
func (f *File) VndUser(unit int) (netbsd.VndUser, error) {
	arg := netbsd.VndUser{Unit: int32(unit)}.Append(nil)
	if err := f.Ioctl(netbsd.VNDIOCGET, arg); err != nil {
		return netbsd.VndUser{}, err
	}
	return netbsd.ParseVndUser(arg)
}
