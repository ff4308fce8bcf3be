package rumpctrl

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// putter writes fields at their offsets in the file system's byte order.
type putter struct {
	b     []byte
	order binary.ByteOrder
}

func (p putter) u16(off int, v int64) { p.order.PutUint16(p.b[off:], uint16(v)) }
func (p putter) u32(off int, v int64) { p.order.PutUint32(p.b[off:], uint32(v)) }
func (p putter) u64(off int, v int64) { p.order.PutUint64(p.b[off:], uint64(v)) }
func (p putter) sum(off int, s ffsSum) {
	p.u32(off, s.dirs)
	p.u32(off+4, s.blocks)
	p.u32(off+8, s.inodes)
	p.u32(off+12, s.frags)
}

// super returns the super block, a struct fs.
func (m *ffsMaker) super() []byte {
	f := &m.fs
	p := putter{make([]byte, ffsSizeofFs), m.order}
	now := m.now.Unix()
	for off, v := range map[int]int64{
		8: f.sblkno, 12: f.cblkno, 16: f.iblkno, 20: f.dblkno,
		44: f.ncg, 48: int64(m.block), 52: int64(m.frag), 56: f.fragsPerBlock,
		60: int64(m.minFree), 72: -int64(m.block), 76: -int64(m.frag),
		80: int64(f.bshift), 84: int64(f.fshift), 88: int64(m.maxContig), 92: int64(m.maxBpg),
		96: int64(f.fragShift), 100: int64(f.fsbtodb),
		104: min(roundUpTo(ffsSizeofFs, int64(m.frag)), ffsSuperSize),
		116: f.nindir, 120: f.inopb, 128: int64(m.optimize),
		144: int64(f.id[0]), 148: int64(f.id[1]), 156: f.cssize, 160: f.cgsize, 184: f.ipg, 188: f.fpg,
		860: f.maxBsize, 1196: int64(m.avgFileSize), 1200: int64(m.avgFiles), 1316: f.contigSum,
		1324: 2, // FS_44INODEFMT
		1372: ffsMagicUFS2,
	} {
		p.u32(off, v)
	}
	for off, v := range map[int]int64{
		1000: f.superLoc, 1008: f.total.dirs, 1016: f.total.blocks, 1024: f.total.inodes, 1032: f.total.frags,
		1072: now, 1080: f.size, 1088: f.dsize, 1096: f.csaddr, 1328: int64(f.maxFileSize),
		1336: int64(m.block - 1), 1344: int64(m.frag - 1),
	} {
		p.u64(off, v)
	}
	p.b[209] = ffsClean
	p.b[211] = ffsUpdated
	links := int64((ffsDirect + ffsIndirect) * 8) // bytes of a symbolic link in the inode
	if m.format <= 1 {
		links = (ffsDirect + ffsIndirect) * 4
		nspf := int64(m.frag / m.sectorSize)
		for off, v := range map[int]int64{
			28: -1, 32: now, 36: f.size, 40: f.dsize, 68: 60, 124: nspf,
			132: f.fpg * nspf, 136: 1, 152: f.csaddr, 168: f.fpg * nspf, 172: f.fpg * nspf,
			176: f.ncg, 180: 1, 1356: 1, 1360: 1, 1372: ffsMagicUFS1,
		} {
			p.u32(off, v)
		}
		p.sum(192, f.total)
	}
	p.u32(1320, links)
	if m.format == 0 {
		p.b[211] = 0
		p.u32(1320, 0)
		p.u32(1324, -1)
		for i := range 256 {
			p.b[860+i] = 0xff
		}
	}
	return p.b
}

// ioError is a failed access, as newfs says it.
func ioError(status int, what string, sector int64, err error) error {
	return ffsErrorf(status, "%s error for sector %d: %s\n", what, sector, reason(err))
}

func (m *ffsMaker) read(off int64, b []byte) error {
	if n, err := m.dev.ReadAt(b, off); n < len(b) {
		return ioError(34, "rdfs: read", off/int64(m.sectorSize), err)
	}
	return nil
}

func (m *ffsMaker) write(off int64, b []byte) error {
	if m.dryRun {
		return nil
	}
	if n, err := m.dev.WriteAt(b, off); n < len(b) {
		return ioError(36, "wtfs: write", off/int64(m.sectorSize), err)
	}
	return nil
}

func (m *ffsMaker) writeFrag(frag int64, b []byte) error { return m.write(frag*int64(m.frag), b) }

// groupBuffer is how many bytes are written of each cylinder group at once: a
// copy of the super block, the group and two blocks of inodes.
func (m *ffsMaker) groupBuffer() int64 {
	return max(ffsSuperSize, int64(m.block)) + 3*int64(m.block)
}

// clearOld sees to it that the last sector can be written, and that nothing is
// left where a super block of an older file system might be found.
func (m *ffsMaker) clearOld() error {
	sector := int64(m.sectorSize)
	if err := m.write((m.sectors-1)*sector, make([]byte, sector)); err != nil {
		return err
	}
	for _, at := range []int64{ffsSuperUFS2, ffsSuperUFS1, 0, ffsSuperPiggy} {
		if err := m.clearSuper(at); err != nil {
			return err
		}
		at += ffsSuperSize
		for align := int64(ffsSuperSize); align <= 0x10000; align <<= 1 {
			if err := m.clearSuper(roundUpTo(at, align)); err != nil {
				return err
			}
		}
	}
	return m.clearSuper(1024) // where ext2fs has its own
}

func (m *ffsMaker) clearSuper(at int64) error {
	sector := int64(m.sectorSize)
	if at == 0 || (at+ffsSuperSize)/sector >= m.sectors {
		return nil
	}
	if at >= m.fs.superLoc {
		if at < m.fs.sblkno*int64(m.frag)+m.groupBuffer() {
			return nil // will be written anyway
		}
		return m.write(at, make([]byte, roundUpTo(ffsSizeofFs, sector)))
	}
	// There may be boot code here: only a magic number is cleared.
	b := make([]byte, ffsSuperSize)
	if err := m.read(at, b); err != nil {
		return err
	}
	for _, magic := range []struct {
		off         int
		value, mask uint32
	}{
		{1372, ffsMagicUFS1, ^uint32(0)}, {1372, ffsMagicUFS2, ^uint32(0)}, {0, 0x70162, ^uint32(0)},
		{56, 0xef53, 0xffff}, {56, 0xef530000, 0xffff0000},
	} {
		le, be := binary.LittleEndian.Uint32(b[magic.off:]), binary.BigEndian.Uint32(b[magic.off:])
		if le&magic.mask == magic.value || be&magic.mask == magic.value {
			clear(b[magic.off : magic.off+4])
			return m.write(at, b)
		}
	}
	return nil
}

// root makes the root folder.
func (m *ffsMaker) root() error {
	f := &m.fs
	at := m.maps()
	frag := f.fragsPerBlock
	free := m.cg0[at.frags:]
	p := putter{m.cg0, m.order}
	// The first free block gives its first fragment.
	d := int64(-1)
	count := min(f.fpg, f.size)
search:
	for b := int64(0); b+frag <= count; b += frag {
		for i := range frag {
			if !testBit(free, b+i) {
				continue search
			}
		}
		d = b
		break
	}
	if d < 0 {
		return ffsErrorf(31, "first cylinder group ran out of space\n")
	}
	sum := &m.sums[0]
	for _, s := range []*ffsSum{sum, &f.total} {
		s.blocks--
		s.dirs++
		s.inodes--
		s.frags += frag - 1
	}
	clearBit(free, d)
	if f.contigSum > 0 {
		// The counts of clusters stay as they are, as newfs leaves them.
		clearBit(m.cg0[at.clusters:], d>>f.fragShift)
	}
	if frag > 1 {
		n := 52 + 4*int(frag-1)
		p.u32(n, int64(m.order.Uint32(m.cg0[n:]))+1)
	}
	if m.format <= 1 {
		p.u32(int(at.oldTotals), sum.blocks)
		p.u16(int(at.oldPositions), sum.blocks)
	}
	setBit(m.cg0[at.inodes:], ffsRootInode)
	p.sum(24, *sum)
	if err := m.writeFrag(f.cblkno, m.cg0); err != nil {
		return err
	}

	dir := make([]byte, m.frag)
	m.dirEntry(dir, 12, ".")
	m.dirEntry(dir[12:], ffsDirBlock-12, "..")
	if err := m.writeFrag(d, dir); err != nil {
		return err
	}
	ino := m.ino0[ffsRootInode*f.inodeSize:][:f.inodeSize]
	gen := [4]byte{}
	q := putter{ino, m.order}
	mode := int64(netbsd.S_IFDIR | 0o755)
	sec, nsec := m.now.Unix(), int64(m.now.Nanosecond()/1000*1000)
	if m.format <= 1 {
		copy(gen[:], ino[108:])
		clear(ino)
		copy(ino[108:], gen[:])
		q.u64(8, ffsDirBlock)
		q.u32(40, d)
		q.u32(104, int64(m.frag/512))
	} else {
		copy(gen[:], ino[80:])
		clear(ino)
		copy(ino[80:], gen[:])
		q.u64(16, ffsDirBlock)
		q.u64(24, int64(m.frag/512))
		for _, off := range []int{32, 40, 48, 56} {
			q.u64(off, sec)
		}
		for _, off := range []int{64, 68, 72, 76} {
			q.u32(off, nsec)
		}
		q.u64(112, d)
	}
	q.u16(0, mode)
	q.u16(2, 2)
	return m.writeFrag(f.iblkno, m.ino0)
}

// dirEntry writes an entry for the root folder.
func (m *ffsMaker) dirEntry(b []byte, length int64, name string) {
	p := putter{b, m.order}
	p.u32(0, ffsRootInode)
	p.u16(4, length)
	if m.format == 0 {
		p.u16(6, int64(len(name)))
	} else {
		b[6], b[7] = netbsd.DT_DIR, byte(len(name))
	}
	copy(b[8:], name)
}

// finish writes the super block and the summary of the groups.
func (m *ffsMaker) finish() error {
	f := &m.fs
	b := make([]byte, f.sblkno*int64(m.frag)-f.superLoc)
	copy(b, m.super())
	if err := m.write(f.superLoc, b); err != nil {
		return err
	}
	sums := putter{make([]byte, f.cssize), m.order}
	for i, s := range m.sums {
		sums.sum(i*ffsSizeofSum, s)
	}
	return m.writeFrag(f.csaddr, sums.b)
}
