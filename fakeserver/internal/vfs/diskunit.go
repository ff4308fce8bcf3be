package vfs

import (
	"encoding/binary"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// diskUnit is a disk of a pseudo device, vnd(4) or cgd(4), which is nothing until
// it is given something to keep its bytes on: what both have in common, labels and
// partitions above all. Its lock is taken before the FS's, and that of what is
// below.
type diskUnit struct {
	n       int32
	dktype  uint16
	typname string

	mu       sync.Mutex
	on       blocks // nil if there is nothing
	geom     netbsd.Vndgeom
	readonly bool
	label    netbsd.Disklabel
	labelled bool // label has been made
	keep     bool // it stays when the disk is closed
	writable bool // the label's sector may be written
	opens    map[diskOpen]int
}

// diskOpen is one way to a disk: a partition of one of its two devices.
type diskOpen struct {
	part  uint32
	block bool
}

const (
	partsPerUnit = 8 // minor numbers of a unit (OLDMAXPARTITIONS)
	labelSector  = 1 // LABELSECTOR on amd64
)

// open begins to use a partition; all but the raw one must be on the label.
func (u *diskUnit) open(minor uint32, block bool) (unitDevice, netbsd.Errno) {
	way := diskOpen{minor % partsPerUnit, block}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.on != nil && !u.labelled {
		u.readLabel()
	}
	if way.part != netbsd.RAW_PART {
		if u.on == nil || way.part >= uint32(u.label.Npartitions) || u.label.Partitions[way.part].Fstype == netbsd.FS_UNUSED {
			return unitDevice{}, netbsd.ENXIO
		}
	}
	u.opens[way]++
	return unitDevice{diskDevice: diskDevice{data: &unitData{u, way.part}, block: block}, u: u, way: way}, 0
}

// size is how many bytes the disk has. The lock is held.
func (u *diskUnit) size() int64 {
	if u.on == nil {
		return 0
	}
	return u.on.length()
}

// readLabel takes the disk's own label, or else makes one up, with the whole disk
// as its first partition. The lock is held.
func (u *diskUnit) readLabel() {
	u.labelled = true
	u.label = u.defaultLabel()
	b := make([]byte, sectorSize)
	if n, errno := u.on.readAt(b, labelSector*sectorSize); errno == 0 && n == len(b) {
		l, err := netbsd.ParseDisklabel(b)
		if err == nil && l.Magic == netbsd.DISKMAGIC && l.Magic2 == netbsd.DISKMAGIC && l.Npartitions <= netbsd.MAXPARTITIONS && l.Sum() == l.Checksum {
			u.label = l
			return
		}
	}
	// The rest is of the label that a rump kernel makes up, checksum included.
	u.label.Partitions[0] = netbsd.Partition{Size: u.label.Secperunit, Fstype: netbsd.FS_BSDFFS}
}

// defaultLabel is what the geometry says.
func (u *diskUnit) defaultLabel() netbsd.Disklabel {
	g := u.geom
	l := netbsd.Disklabel{
		Magic: netbsd.DISKMAGIC, Magic2: netbsd.DISKMAGIC, Type: u.dktype, Typename: u.typname, Packname: "fictitious",
		Secperunit: uint32(min(u.size()/int64(g.Secsize), 1<<32-1)), Secsize: g.Secsize, Nsectors: g.Nsectors, Ntracks: g.Ntracks,
		Ncylinders: g.Ncylinders, Secpercyl: g.Ntracks * g.Nsectors, Rpm: 3600, Interleave: 1, Npartitions: netbsd.RAW_PART + 1,
	}
	l.Partitions[netbsd.RAW_PART].Size = l.Secperunit
	l.Checksum = l.Sum()
	return l
}

// setLabel replaces the label in memory (setdisklabel).
func (u *diskUnit) setLabel(data []byte) netbsd.Errno {
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

// busy reports whether others than one way have the disk open.
func (u *diskUnit) busy(own diskOpen) bool {
	for way, n := range u.opens {
		other := diskOpen{own.part, !own.block}
		if n > 0 && (way.part != own.part || way == other) {
			return true
		}
	}
	return false
}

// unitData is the bytes of a partition.
type unitData struct {
	u    *diskUnit
	part uint32
}

// extent returns where the partition is. The unit's lock is held.
func (p *unitData) extent() (off, size int64) {
	whole := p.u.size()
	if p.part == netbsd.RAW_PART {
		return 0, whole
	}
	part := p.u.label.Partitions[p.part]
	secsize := int64(p.u.geom.Secsize)
	off = min(int64(part.Offset)*secsize, whole)
	return off, min(int64(part.Size)*secsize, whole-off)
}

func (p *unitData) length() int64 {
	p.u.mu.Lock()
	defer p.u.mu.Unlock()
	_, size := p.extent()
	return size
}

func (p *unitData) readAt(b []byte, off int64) (int, netbsd.Errno) {
	p.u.mu.Lock()
	defer p.u.mu.Unlock()
	if p.u.on == nil {
		return 0, netbsd.ENXIO
	}
	begin, size := p.extent()
	return p.u.on.readAt(b[:min(int64(len(b)), max(size-off, 0))], begin+off)
}

func (p *unitData) writeAt(b []byte, off int64) netbsd.Errno {
	p.u.mu.Lock()
	defer p.u.mu.Unlock()
	u := p.u
	begin, _ := p.extent()
	off += begin
	switch {
	case u.on == nil:
		return netbsd.ENXIO
	case u.readonly:
		return netbsd.EACCES
	case p.part != netbsd.RAW_PART && !u.writable && off <= labelSector*sectorSize && off+int64(len(b)) > labelSector*sectorSize:
		return netbsd.EROFS
	}
	return u.on.writeAt(b, off)
}

// unitDevice is an open partition.
type unitDevice struct {
	diskDevice
	u   *diskUnit
	way diskOpen
}

func (v *unitDevice) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if !v.configured() {
		return netbsd.ENXIO
	}
	return v.diskDevice.Read(c, f, u, pos)
}

func (v *unitDevice) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if !v.configured() {
		return netbsd.ENXIO
	}
	return v.diskDevice.Write(c, f, u, pos)
}

func (v *unitDevice) configured() bool {
	v.u.mu.Lock()
	defer v.u.mu.Unlock()
	return v.u.on != nil
}

func (v *unitDevice) Close(f *kern.OpenFile) netbsd.Errno {
	u := v.u
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.opens[v.way]--; u.opens[v.way] == 0 {
		delete(u.opens, v.way)
	}
	if len(u.opens) == 0 && !u.keep {
		u.labelled = false
	}
	return 0
}

// ioctl carries out what any disk knows. The lock is held.
func (u *diskUnit) ioctl(cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.DIOCGSECTORSIZE:
		binary.LittleEndian.PutUint32(data, u.geom.Secsize)
		return 0
	case netbsd.DIOCGMEDIASIZE:
		binary.LittleEndian.PutUint64(data, uint64(u.size()))
		return 0
	case netbsd.DIOCGDINFO, netbsd.DIOCSDINFO, netbsd.DIOCWDINFO, netbsd.DIOCKLABEL, netbsd.DIOCWLABEL, netbsd.DIOCGDEFLABEL,
		netbsd.DIOCCACHESYNC:
		if u.on == nil {
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
		return u.on.writeAt(u.label.Append(nil), labelSector*sectorSize)
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
