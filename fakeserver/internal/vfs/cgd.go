package vfs

import (
	"fmt"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// cgd is the driver of encrypted disks, cgd(4).
type cgd struct {
	fs    *FS
	mu    sync.Mutex
	units map[uint32]*diskUnit
}

// AddCgd adds the driver for the two major numbers.
func (fs *FS) AddCgd(blockMajor, charMajor uint32) {
	d := &cgd{fs: fs, units: make(map[uint32]*diskUnit)}
	for _, k := range [...]struct {
		block bool
		major uint32
	}{{true, blockMajor}, {false, charMajor}} {
		fs.RegisterDriver(k.block, k.major, func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
			v, errno := d.unit(minor/partsPerUnit).open(minor, k.block)
			if errno != 0 {
				return nil, errno
			}
			return &cgdDevice{v, d}, 0
		})
	}
}

func (d *cgd) unit(n uint32) *diskUnit {
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.units[n]
	if u == nil {
		u = &diskUnit{n: int32(n), dktype: netbsd.DKTYPE_CGD, typname: fmt.Sprintf("cgd%d", n), opens: make(map[diskOpen]int)}
		d.units[n] = u
	}
	return u
}

// cgdDisk is an encrypted disk as what is on it.
type cgdDisk struct {
	file   *kern.OpenFile
	below  blocks
	dev    uint64
	cipher cgdCipher
	alg    string
	mode   int32
	keylen uint64
}

func (d *cgdDisk) length() int64 { return d.below.length() }

// Reads and writes are of whole sectors; a block device is read and written in
// pieces by whoever has its buffers, which is readAt and writeAt here.

func (d *cgdDisk) readAt(b []byte, off int64) (int, netbsd.Errno) {
	first, last := off/sectorSize, (off+int64(len(b))+sectorSize-1)/sectorSize
	whole := make([]byte, (last-first)*sectorSize)
	n, errno := d.below.readAt(whole, first*sectorSize)
	if errno != 0 {
		return 0, errno
	}
	whole = whole[:n/sectorSize*sectorSize]
	for i := int64(0); i < int64(len(whole)); i += sectorSize {
		d.cipher.decrypt(whole[i:i+sectorSize], uint64(first+i/sectorSize))
	}
	return copy(b, whole[min(off-first*sectorSize, int64(len(whole))):]), 0
}

func (d *cgdDisk) writeAt(b []byte, off int64) netbsd.Errno {
	first, last := off/sectorSize, (off+int64(len(b))+sectorSize-1)/sectorSize
	whole := make([]byte, (last-first)*sectorSize)
	if off%sectorSize != 0 || len(b)%sectorSize != 0 {
		if _, errno := d.readAt(whole, first*sectorSize); errno != 0 {
			return errno
		}
	}
	copy(whole[off-first*sectorSize:], b)
	for i := int64(0); i < int64(len(whole)); i += sectorSize {
		d.cipher.encrypt(whole[i:i+sectorSize], uint64(first+i/sectorSize))
	}
	return d.below.writeAt(whole, first*sectorSize)
}

// cgdDevice is an open cgd.
type cgdDevice struct {
	unitDevice
	d *cgd
}

func (v *cgdDevice) Ioctl(c *kern.Call, f *kern.OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	u := v.u
	switch cmd {
	case netbsd.CGDIOCGET:
		return v.get(data)
	case netbsd.CGDIOCSET, netbsd.CGDIOCCLR, netbsd.DIOCSDINFO, netbsd.DIOCWDINFO, netbsd.DIOCKLABEL, netbsd.DIOCWLABEL, netbsd.DIOCCACHESYNC:
		if f.Flags()&kern.FWRITE == 0 {
			return netbsd.EBADF
		}
	}
	if cmd == netbsd.CGDIOCSET {
		return v.configure(c, data)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if cmd != netbsd.CGDIOCCLR {
		return u.ioctl(cmd, data)
	}
	disk, ok := u.on.(*cgdDisk)
	switch {
	case u.busy(v.way):
		return netbsd.EBUSY
	case !ok:
		return netbsd.ENXIO
	}
	u.on, u.labelled = nil, false
	disk.file.Release()
	return 0
}

// configure makes the unit the other side of a disk (CGDIOCSET).
func (v *cgdDevice) configure(c *kern.Call, data []byte) netbsd.Errno {
	if v.configured() {
		return netbsd.EBUSY
	}
	req, err := netbsd.ParseCgdIoctl(data)
	if err != nil {
		return netbsd.EINVAL
	}
	disk, errno := v.d.openBelow(c, req.Disk)
	if errno != 0 {
		return errno
	}
	if errno = disk.setCipher(c, req); errno != 0 {
		disk.file.Release()
		return errno
	}
	u := v.u
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.on != nil { // somebody else was faster
		disk.file.Release()
		return netbsd.EBUSY
	}
	const cylinder = 1 << 20
	u.geom = netbsd.Vndgeom{Secsize: sectorSize, Ntracks: 1, Nsectors: cylinder / sectorSize, Ncylinders: uint32(disk.length() / cylinder)}
	u.on, u.labelled = disk, false
	return 0
}

// openBelow opens the disk to be encrypted, for itself alone.
func (d *cgd) openBelow(c *kern.Call, addr uint64) (*cgdDisk, netbsd.Errno) {
	path, errno := c.CopyinString(addr, netbsd.PATH_MAX)
	if errno != 0 {
		return nil, errno
	}
	file, errno := d.fs.openPath(c, netbsd.AT_FDCWD, path, kern.FREAD|kern.FWRITE, 0)
	if errno != 0 {
		return nil, errno
	}
	v, ok := file.File.(*vnode)
	if !ok || v.n.kind != netbsd.S_IFBLK {
		file.Release()
		return nil, netbsd.ENOTBLK
	}
	below, ok := v.dev.(interface{ contents() blocks })
	if !ok || below.contents().length() == 0 {
		file.Release()
		return nil, netbsd.ENODEV
	}
	return &cgdDisk{file: file, below: below.contents(), dev: v.n.rdev}, 0
}

// contents are the disk's bytes.
func (d *diskDevice) contents() blocks { return d.data }

// setCipher reads what the disk is to be encrypted with.
func (d *cgdDisk) setCipher(c *kern.Call, req netbsd.CgdIoctl) netbsd.Errno {
	const maxAlg, maxKey = 256, 1024
	alg, errno := c.CopyinString(req.Alg, maxAlg)
	if errno != 0 {
		return errno
	}
	with, ok := cgdBlocks[alg]
	if !ok {
		return netbsd.EINVAL
	}
	ivmethod, errno := c.CopyinString(req.Ivmethod, maxKey)
	if errno != 0 {
		return errno
	}
	mode, ok := cgdModes[ivmethod]
	if !ok || req.Keylen/8+1 > maxKey {
		return netbsd.EINVAL
	}
	key := make([]byte, req.Keylen/8+1) // with a byte more than it needs
	if errno := c.Copyin(req.Key, key); errno != 0 {
		return errno
	}
	const own = ^uint64(0)
	if !with.fits(req.Keylen) || req.Blocksize != own && req.Blocksize != with.bits {
		return netbsd.EINVAL
	}
	block, err := with.make(key[:req.Keylen/8])
	if err != nil {
		return netbsd.EINVAL
	}
	d.alg, d.mode, d.keylen = alg, mode.mode, req.Keylen
	d.cipher = cgdCipher{block, int(with.bits) / mode.divide}
	return 0
}

// get tells how the disk is encrypted (CGDIOCGET).
func (v *cgdDevice) get(data []byte) netbsd.Errno {
	req, err := netbsd.ParseCgdUser(data)
	if err != nil {
		return netbsd.EINVAL
	}
	if req.Unit == -1 {
		req.Unit = v.u.n
	}
	if req.Unit < 0 {
		return netbsd.EINVAL
	}
	told := netbsd.CgdUser{Unit: req.Unit}
	v.u.mu.Lock()
	if d, ok := v.u.on.(*cgdDisk); ok {
		told.Dev, told.Alg, told.Blocksize, told.Mode, told.Keylen = d.dev, d.alg, uint64(d.cipher.prefix), d.mode, int32(d.keylen)
	}
	v.u.mu.Unlock()
	copy(data, told.Append(nil))
	return 0
}
