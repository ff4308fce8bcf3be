package vfs

import (
	"encoding/binary"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// vnd is the driver of disks in files, vnd(4).
type vnd struct {
	fs    *FS
	mu    sync.Mutex
	units map[uint32]*diskUnit
}

const (
	vndUnits    = 4     // units that VNDIOCGET may ask for once one has been opened
	vndCompress = 0x400 // VNF_COMP
)

// AddVnd adds the driver for the two major numbers.
func (fs *FS) AddVnd(blockMajor, charMajor uint32) {
	d := &vnd{fs: fs, units: make(map[uint32]*diskUnit)}
	for _, k := range [...]struct {
		block bool
		major uint32
	}{{true, blockMajor}, {false, charMajor}} {
		fs.RegisterDriver(k.block, k.major, func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
			return d.open(minor, k.block)
		})
	}
}

func (d *vnd) unit(n uint32) *diskUnit {
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.units[n]
	if u == nil {
		u = &diskUnit{n: int32(n), dktype: netbsd.DKTYPE_VND, typname: "vnd", keep: true, opens: make(map[diskOpen]int)}
		d.units[n] = u
	}
	return u
}

func (d *vnd) open(minor uint32, block bool) (Device, netbsd.Errno) {
	v, errno := d.unit(minor/partsPerUnit).open(minor, block)
	if errno != 0 {
		return nil, errno
	}
	return &vndDevice{v, d}, 0
}

// vndFile is a file as a disk, in whole sectors.
type vndFile struct {
	fs   *FS
	file *kern.OpenFile
	on   *vnode // of file
	size int64
}

func (f *vndFile) length() int64 { return f.size }

func (f *vndFile) readAt(b []byte, off int64) (int, netbsd.Errno) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	n := f.on.n
	return n.mnt.fs.read(n, b[:min(int64(len(b)), max(f.size-off, 0))], off)
}

func (f *vndFile) writeAt(b []byte, off int64) netbsd.Errno {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	n := f.on.n
	if errno := n.mnt.fs.grow(n, off, int64(len(b))); errno != 0 {
		return errno
	}
	defer n.mnt.fs.wrote(n)
	return n.mnt.fs.write(n, b, off)
}

// configure gives the disk a file (VNDIOCSET).
func (d *vnd) configure(c *kern.Call, u *diskUnit, data []byte) netbsd.Errno {
	req, err := netbsd.ParseVndIoctl(data)
	if err != nil {
		return netbsd.EINVAL
	}
	u.mu.Lock()
	busy := u.on != nil
	u.mu.Unlock()
	if busy {
		return netbsd.EBUSY
	}
	readonly := req.Flags&netbsd.VNDIOF_READONLY != 0
	flags := uint32(kern.FREAD)
	if !readonly {
		flags |= kern.FWRITE
	}
	path, errno := c.CopyinString(req.File, netbsd.PATH_MAX)
	if errno != 0 {
		return errno
	}
	file, errno := d.fs.openPath(c, netbsd.AT_FDCWD, path, flags, 0)
	if errno != 0 {
		return errno
	}
	v, ok := file.File.(*vnode)
	if !ok || v.n.kind != netbsd.S_IFREG || req.Flags&vndCompress != 0 {
		file.Release()
		return netbsd.EOPNOTSUPP
	}
	d.fs.mu.Lock()
	size := v.n.mnt.fs.stat(v.n).Size / sectorSize * sectorSize
	d.fs.mu.Unlock()
	geom, errno := vndGeometry(req, size)
	if errno != 0 {
		file.Release()
		return errno
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.on != nil { // somebody else was faster
		file.Release()
		return netbsd.EBUSY
	}
	u.on, u.geom, u.readonly, u.labelled = &vndFile{d.fs, file, v, size}, geom, readonly, false
	req.Size, req.Osize = uint64(size), uint32(size)
	copy(data, req.Append(nil))
	return 0
}

// vndGeometry is the geometry of a disk of a size: that which was asked for, or
// one made up.
func vndGeometry(req netbsd.VndIoctl, size int64) (netbsd.Vndgeom, netbsd.Errno) {
	sectors := size / sectorSize
	if req.Flags&netbsd.VNDIOF_HASGEOM == 0 {
		if sectors >= 32*64 {
			return netbsd.Vndgeom{Secsize: sectorSize, Nsectors: 32, Ntracks: 64, Ncylinders: uint32(sectors / (32 * 64))}, 0
		}
		return netbsd.Vndgeom{Secsize: sectorSize, Nsectors: 1, Ntracks: 1, Ncylinders: uint32(sectors)}, 0
	}
	g := req.Geom
	if g.Secsize < sectorSize || g.Secsize&(g.Secsize-1) != 0 || g.Secsize > maxSector || g.Ncylinders == 0 || g.Ntracks == 0 || g.Nsectors == 0 {
		return g, netbsd.EINVAL
	}
	if want := uint64(g.Nsectors) * uint64(g.Ntracks) * uint64(g.Ncylinders) * uint64(g.Secsize/sectorSize); uint64(sectors) < want {
		return g, netbsd.EINVAL
	}
	return g, 0
}

// maxSector is the greatest size of a sector (MAXPHYS).
const maxSector = 64 << 10

// clear takes the disk's file away (VNDIOCCLR), unless others than the caller's
// own way have it open or force is set.
func (v *vndDevice) clear(force bool) netbsd.Errno {
	u := v.u
	u.mu.Lock()
	f, ok := u.on.(*vndFile)
	switch {
	case !ok:
		u.mu.Unlock()
		return netbsd.ENXIO
	case !force && u.busy(v.way):
		u.mu.Unlock()
		return netbsd.EBUSY
	}
	u.on, u.labelled, u.readonly, u.keep = nil, false, false, false
	u.mu.Unlock()
	f.file.Release()
	return 0
}

// vndDevice is an open vnd.
type vndDevice struct {
	unitDevice
	d *vnd
}

func (v *vndDevice) Close(f *kern.OpenFile) netbsd.Errno {
	v.unitDevice.Close(f)
	u := v.u
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.opens) == 0 && u.on == nil {
		u.keep = true // the unit is gone, and made anew when it is opened
	}
	return 0
}

func (v *vndDevice) Ioctl(c *kern.Call, f *kern.OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.VNDIOCGET:
		return v.get(data)
	case netbsd.VNDIOCSET, netbsd.VNDIOCCLR, netbsd.DIOCSDINFO, netbsd.DIOCWDINFO, netbsd.DIOCKLABEL, netbsd.DIOCWLABEL:
		if f.Flags()&kern.FWRITE == 0 {
			return netbsd.EBADF
		}
	}
	switch cmd {
	case netbsd.VNDIOCSET:
		return v.d.configure(c, v.u, data)
	case netbsd.VNDIOCCLR:
		return v.clear(binary.LittleEndian.Uint32(data[8:])&netbsd.VNDIOF_FORCE != 0)
	}
	v.u.mu.Lock()
	defer v.u.mu.Unlock()
	return v.u.ioctl(cmd, data)
}

// get tells of a unit and its file (VNDIOCGET).
func (v *vndDevice) get(data []byte) netbsd.Errno {
	req, err := netbsd.ParseVndUser(data)
	if err != nil {
		return netbsd.EINVAL
	}
	if req.Unit >= vndUnits {
		return netbsd.ENXIO
	}
	if req.Unit == -1 {
		req.Unit = v.u.n
	}
	if req.Unit < 0 {
		return netbsd.EINVAL
	}
	u := v.d.unit(uint32(req.Unit))
	u.mu.Lock()
	defer u.mu.Unlock()
	req.Dev, req.Ino = 0, 0
	if f, ok := u.on.(*vndFile); ok {
		v.d.fs.mu.Lock()
		st := f.on.n.mnt.fs.stat(f.on.n)
		v.d.fs.mu.Unlock()
		req.Dev, req.Ino = st.Dev, st.Ino
	}
	copy(data, req.Append(nil))
	return 0
}
