package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Major and minor numbers of devices, as a rump kernel has them.
const (
	nullMajor   = 2
	nullMinor   = 2
	zeroMinor   = 12
	randomMajor = 255
	diskMajor   = 197
)

func (fs *FS) makeBasicDevices() {
	fs.RegisterDriver(false, nullMajor, func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
		switch minor {
		case nullMinor:
			return nullDevice{}, 0
		case zeroMinor:
			return zeroDevice{}, 0
		}
		return nil, netbsd.ENXIO
	})
	fs.MakeDevice("/dev/null", false, nullMajor, nullMinor)
	fs.MakeDevice("/dev/zero", false, nullMajor, zeroMinor)
}

func keyOf(n *node) deviceKey {
	return deviceKey{n.kind == netbsd.S_IFBLK, netbsd.Major(n.rdev), netbsd.Minor(n.rdev)}
}

// pathconf is what pathconf(2) says of a file, which for a device is the same on
// all file systems.
func (n *node) pathconf(name int) (int64, netbsd.Errno) {
	if n.kind == netbsd.S_IFIFO && !n.onRumpfs() {
		return 0, netbsd.EOPNOTSUPP // without fifofs
	}
	if !n.isDevice() {
		return n.mnt.fs.pathconf(n, name)
	}
	switch name {
	case netbsd.PC_MAX_CANON, netbsd.PC_MAX_INPUT, netbsd.PC_VDISABLE:
		return 255, 0
	case netbsd.PC_LINK_MAX, netbsd.PC_PIPE_BUF, netbsd.PC_CHOWN_RESTRICTED, netbsd.PC_SYNC_IO:
		return commonPathconf(name, maxName)
	}
	return 0, netbsd.EINVAL
}

// openDevice opens what is behind a device node. The FS's lock is not held.
func (fs *FS) openDevice(c *kern.Call, n *node, flags uint32) (Device, netbsd.Errno) {
	fs.mu.Lock()
	if n.mnt.flags&netbsd.MNT_NODEV != 0 {
		fs.mu.Unlock()
		return nil, netbsd.ENXIO
	}
	key := keyOf(n)
	driver := fs.drivers[deviceKey{block: key.block, major: key.major}]
	if key.block {
		if fs.opens[key] > 0 {
			fs.mu.Unlock()
			return nil, netbsd.EBUSY
		}
		fs.opens[key]++
	}
	fs.mu.Unlock()
	if driver == nil {
		driver = func(*kern.Call, uint32, uint32) (Device, netbsd.Errno) { return nil, netbsd.ENXIO }
	}
	dev, errno := driver(c, key.minor, flags)
	if errno != 0 && key.block {
		fs.mu.Lock()
		delete(fs.opens, key)
		fs.mu.Unlock()
	}
	return dev, errno
}

// Inert returns a driver of devices with nothing behind them: reading and writing
// fail, or find nothing, and so do ioctls.
func Inert(read, ioctl netbsd.Errno) Driver {
	return func(*kern.Call, uint32, uint32) (Device, netbsd.Errno) {
		return &inertDevice{read: read, ioctl: ioctl}, 0
	}
}

// InertRaw is Inert for disks, of which only the raw partition can be opened.
func InertRaw(read, ioctl netbsd.Errno) Driver {
	open := Inert(read, ioctl)
	return func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
		if minor%partsPerUnit != netbsd.RAW_PART {
			return nil, netbsd.ENXIO
		}
		return open(c, minor, flags)
	}
}

type inertDevice struct {
	nullDevice
	read, ioctl netbsd.Errno
}

func (d *inertDevice) Read(*kern.Call, *kern.OpenFile, *kern.Uio, int64) netbsd.Errno { return d.read }

func (d *inertDevice) Write(*kern.Call, *kern.OpenFile, *kern.Uio, int64) netbsd.Errno {
	return d.read
}

func (d *inertDevice) Ioctl(*kern.Call, *kern.OpenFile, netbsd.Ioctl, []byte) netbsd.Errno {
	return d.ioctl
}

func (d *inertDevice) SetNonblock(*kern.Call, *kern.OpenFile, bool) netbsd.Errno { return d.ioctl }

// nullDevice is /dev/null.
type nullDevice struct{ kern.Unsupported }

func (nullDevice) Read(*kern.Call, *kern.OpenFile, *kern.Uio, int64) netbsd.Errno { return 0 }

func (nullDevice) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	u.Resid = 0
	return 0
}

func (nullDevice) Poll(c *kern.Call, f *kern.OpenFile, events int16) int16 {
	return events & (netbsd.POLLIN | netbsd.POLLOUT | netbsd.POLLRDNORM | netbsd.POLLWRNORM)
}

// Ioctl knows no command.
func (nullDevice) Ioctl(*kern.Call, *kern.OpenFile, netbsd.Ioctl, []byte) netbsd.Errno {
	return netbsd.ENODEV
}

// SetNonblock is refused, as every ioctl is.
func (nullDevice) SetNonblock(*kern.Call, *kern.OpenFile, bool) netbsd.Errno { return netbsd.ENODEV }

// zeroDevice is /dev/zero.
type zeroDevice struct{ nullDevice }

func (zeroDevice) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	b := make([]byte, u.Chunk(bufferSize))
	for u.Resid > 0 {
		if errno := u.Put(b[:u.Chunk(int64(len(b)))]); errno != 0 {
			return errno
		}
	}
	return 0
}
