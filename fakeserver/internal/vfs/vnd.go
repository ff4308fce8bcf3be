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
	units map[uint32]*vndUnit
}

// vndUnit is a disk, which is nothing until it is given a file. Its lock is taken
// after the FS's.
type vndUnit struct {
	n int32

	mu       sync.Mutex
	file     *kern.OpenFile // nil if there is none
	on       *vnode         // of file
	size     int64          // bytes, in whole sectors
	geom     netbsd.Vndgeom
	readonly bool
	label    netbsd.Disklabel
	labelled bool // label has been made
	keep     bool // it stays when the disk is closed (VNF_KLABEL)
	writable bool // the label's sector may be written (VNF_WLABEL)
	opens    map[vndOpen]int
}

// vndOpen is one way to a disk: a partition of one of its two devices.
type vndOpen struct {
	part  uint32
	block bool
}

const (
	partsPerUnit = 8     // minor numbers of a unit (OLDMAXPARTITIONS)
	vndUnits     = 4     // units that VNDIOCGET may ask for once one has been opened
	vndCompress  = 0x400 // VNF_COMP
	labelSector  = 1     // LABELSECTOR on amd64
)

// AddVnd adds the driver for the two major numbers.
func (fs *FS) AddVnd(blockMajor, charMajor uint32) {
	d := &vnd{fs: fs, units: make(map[uint32]*vndUnit)}
	for _, k := range [...]struct {
		block bool
		major uint32
	}{{true, blockMajor}, {false, charMajor}} {
		fs.RegisterDriver(k.block, k.major, func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
			return d.open(minor, k.block)
		})
	}
}

func (d *vnd) unit(n uint32) *vndUnit {
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.units[n]
	if u == nil {
		u = &vndUnit{n: int32(n), keep: true, opens: make(map[vndOpen]int)}
		d.units[n] = u
	}
	return u
}

func (d *vnd) open(minor uint32, block bool) (Device, netbsd.Errno) {
	u := d.unit(minor / partsPerUnit)
	way := vndOpen{minor % partsPerUnit, block}
	d.fs.mu.Lock()
	defer d.fs.mu.Unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.file != nil && !u.labelled {
		u.readLabel()
	}
	if way.part != netbsd.RAW_PART {
		if u.file == nil || way.part >= uint32(u.label.Npartitions) || u.label.Partitions[way.part].Fstype == netbsd.FS_UNUSED {
			return nil, netbsd.ENXIO
		}
	}
	u.opens[way]++
	return &vndDevice{diskDevice: diskDevice{data: &vndData{d.fs, u, way.part}, block: block}, d: d, u: u, way: way}, 0
}

// readLabel takes the disk's own label, or else makes one up, with the whole disk
// as its first partition. The locks are held.
func (u *vndUnit) readLabel() {
	u.labelled = true
	u.label = u.defaultLabel()
	b := make([]byte, sectorSize)
	if n, errno := u.rawRead(b, labelSector*sectorSize); errno == 0 && n == len(b) {
		l, err := netbsd.ParseDisklabel(b)
		if err == nil && l.Magic == netbsd.DISKMAGIC && l.Magic2 == netbsd.DISKMAGIC && l.Npartitions <= netbsd.MAXPARTITIONS && l.Sum() == l.Checksum {
			u.label = l
			return
		}
	}
	// The rest is of the label that a rump kernel makes up, checksum included.
	u.label.Partitions[0] = netbsd.Partition{Size: u.label.Secperunit, Fstype: netbsd.FS_BSDFFS}
}

// defaultLabel is what the geometry says (vndgetdefaultlabel).
func (u *vndUnit) defaultLabel() netbsd.Disklabel {
	g := u.geom
	l := netbsd.Disklabel{
		Magic: netbsd.DISKMAGIC, Magic2: netbsd.DISKMAGIC, Type: netbsd.DKTYPE_VND, Typename: "vnd", Packname: "fictitious",
		Secperunit: uint32(min(u.size/int64(g.Secsize), 1<<32-1)), Secsize: g.Secsize, Nsectors: g.Nsectors, Ntracks: g.Ntracks,
		Ncylinders: g.Ncylinders, Secpercyl: g.Ntracks * g.Nsectors, Rpm: 3600, Interleave: 1, Npartitions: netbsd.RAW_PART + 1,
	}
	l.Partitions[netbsd.RAW_PART].Size = l.Secperunit
	l.Checksum = l.Sum()
	return l
}

// setLabel replaces the label in memory (setdisklabel).
func (u *vndUnit) setLabel(data []byte) netbsd.Errno {
	l, err := netbsd.ParseDisklabel(data)
	switch {
	case err != nil || l.Secpercyl == 0 || l.Secsize == 0 || l.Npartitions == 0:
		return netbsd.EINVAL
	case l.Npartitions > netbsd.MAXPARTITIONS || l.Magic != netbsd.DISKMAGIC || l.Magic2 != netbsd.DISKMAGIC || l.Sum() != l.Checksum:
		return netbsd.EINVAL
	}
	u.label = l
	return 0
}

func (u *vndUnit) rawRead(b []byte, off int64) (int, netbsd.Errno) {
	n := u.on.n
	return n.mnt.fs.read(n, b[:min(int64(len(b)), max(u.size-off, 0))], off)
}

// configure gives the disk a file (VNDIOCSET).
func (d *vnd) configure(c *kern.Call, u *vndUnit, data []byte) netbsd.Errno {
	req, err := netbsd.ParseVndIoctl(data)
	if err != nil {
		return netbsd.EINVAL
	}
	u.mu.Lock()
	busy := u.file != nil
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
	if u.file != nil { // somebody else was faster
		file.Release()
		return netbsd.EBUSY
	}
	u.file, u.on, u.size, u.geom, u.readonly, u.labelled = file, v, size, geom, readonly, false
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
func (u *vndUnit) clear(own vndOpen, force bool) netbsd.Errno {
	u.mu.Lock()
	if u.file == nil {
		u.mu.Unlock()
		return netbsd.ENXIO
	}
	for way, n := range u.opens {
		other := vndOpen{own.part, !own.block}
		if n > 0 && (way.part != own.part || way == other) && !force {
			u.mu.Unlock()
			return netbsd.EBUSY
		}
	}
	file := u.file
	u.file, u.on, u.size, u.labelled, u.readonly, u.keep = nil, nil, 0, false, false, false
	u.mu.Unlock()
	file.Release()
	return 0
}

// vndData is the bytes of a partition.
type vndData struct {
	fs   *FS
	u    *vndUnit
	part uint32
}

// extent returns where the partition is. The unit's lock is held.
func (p *vndData) extent() (off, size int64) {
	if p.part == netbsd.RAW_PART {
		return 0, p.u.size
	}
	part := p.u.label.Partitions[p.part]
	secsize := int64(p.u.geom.Secsize)
	off = min(int64(part.Offset)*secsize, p.u.size)
	return off, min(int64(part.Size)*secsize, p.u.size-off)
}

func (p *vndData) length() int64 {
	p.u.mu.Lock()
	defer p.u.mu.Unlock()
	_, size := p.extent()
	return size
}

func (p *vndData) readAt(b []byte, off int64) (int, netbsd.Errno) {
	p.fs.mu.Lock()
	defer p.fs.mu.Unlock()
	p.u.mu.Lock()
	defer p.u.mu.Unlock()
	if p.u.file == nil {
		return 0, netbsd.ENXIO
	}
	begin, size := p.extent()
	return p.u.rawRead(b[:min(int64(len(b)), max(size-off, 0))], begin+off)
}

func (p *vndData) writeAt(b []byte, off int64) netbsd.Errno {
	p.fs.mu.Lock()
	defer p.fs.mu.Unlock()
	p.u.mu.Lock()
	defer p.u.mu.Unlock()
	u := p.u
	begin, _ := p.extent()
	off += begin
	switch {
	case u.file == nil:
		return netbsd.ENXIO
	case u.readonly:
		return netbsd.EACCES
	case p.part != netbsd.RAW_PART && !u.writable && off <= labelSector*sectorSize && off+int64(len(b)) > labelSector*sectorSize:
		return netbsd.EROFS
	}
	return u.rawWrite(b, off)
}

func (u *vndUnit) rawWrite(b []byte, off int64) netbsd.Errno {
	n := u.on.n
	if errno := n.mnt.fs.grow(n, off, int64(len(b))); errno != 0 {
		return errno
	}
	defer n.mnt.fs.wrote(n)
	return n.mnt.fs.write(n, b, off)
}

// vndDevice is an open vnd.
type vndDevice struct {
	diskDevice
	d   *vnd
	u   *vndUnit
	way vndOpen
}

func (v *vndDevice) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if !v.configured() {
		return netbsd.ENXIO
	}
	return v.diskDevice.Read(c, f, u, pos)
}

func (v *vndDevice) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if !v.configured() {
		return netbsd.ENXIO
	}
	return v.diskDevice.Write(c, f, u, pos)
}

func (v *vndDevice) configured() bool {
	v.u.mu.Lock()
	defer v.u.mu.Unlock()
	return v.u.file != nil
}

func (v *vndDevice) Close(f *kern.OpenFile) netbsd.Errno {
	u := v.u
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.opens[v.way]--; u.opens[v.way] == 0 {
		delete(u.opens, v.way)
	}
	if len(u.opens) == 0 && !u.keep {
		u.labelled = false
	}
	if len(u.opens) == 0 && u.file == nil {
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
		return v.u.clear(v.way, binary.LittleEndian.Uint32(data[8:])&netbsd.VNDIOF_FORCE != 0)
	}
	v.d.fs.mu.Lock()
	defer v.d.fs.mu.Unlock()
	v.u.mu.Lock()
	defer v.u.mu.Unlock()
	return v.u.ioctl(cmd, data)
}

// ioctl carries out what any disk knows. The locks are held.
func (u *vndUnit) ioctl(cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.DIOCGSECTORSIZE:
		binary.LittleEndian.PutUint32(data, u.geom.Secsize)
		return 0
	case netbsd.DIOCGMEDIASIZE:
		binary.LittleEndian.PutUint64(data, uint64(u.size))
		return 0
	case netbsd.DIOCGDINFO, netbsd.DIOCSDINFO, netbsd.DIOCWDINFO, netbsd.DIOCKLABEL, netbsd.DIOCWLABEL, netbsd.DIOCGDEFLABEL,
		netbsd.DIOCCACHESYNC:
		if u.file == nil {
			return netbsd.ENXIO
		}
	}
	switch cmd {
	case netbsd.DIOCGDINFO:
		copy(data, u.label.Append(nil))
	case netbsd.DIOCGDEFLABEL:
		copy(data, u.defaultLabel().Append(nil))
	case netbsd.DIOCSDINFO, netbsd.DIOCWDINFO:
		if errno := u.setLabel(data); errno != 0 || cmd == netbsd.DIOCSDINFO {
			return errno
		}
		if u.readonly {
			return netbsd.EACCES
		}
		return u.rawWrite(u.label.Append(nil), labelSector*sectorSize)
	case netbsd.DIOCKLABEL:
		u.keep = binary.LittleEndian.Uint32(data) != 0
	case netbsd.DIOCWLABEL:
		u.writable = binary.LittleEndian.Uint32(data) != 0
	case netbsd.DIOCCACHESYNC:
	default:
		return netbsd.ENOTTY
	}
	return 0
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
	v.d.fs.mu.Lock()
	defer v.d.fs.mu.Unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	req.Dev, req.Ino = 0, 0
	if u.file != nil {
		st := u.on.n.mnt.fs.stat(u.on.n)
		req.Dev, req.Ino = st.Dev, st.Ino
	}
	copy(data, req.Append(nil))
	return 0
}
