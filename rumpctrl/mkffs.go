package rumpctrl

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Facts of the fast file system, from <ufs/ffs/fs.h> and <ufs/ufs/dinode.h>.
const (
	ffsSuperSize  = 8192 // SBLOCKSIZE
	ffsSuperUFS1  = 8192
	ffsSuperUFS2  = 65536
	ffsSuperPiggy = 262144
	ffsMagicUFS1  = 0x011954
	ffsMagicUFS2  = 0x19540119
	ffsCgMagic    = 0x090255
	ffsMinBlock   = 4096  // MINBSIZE
	ffsMaxBlock   = 65536 // MAXBSIZE
	ffsMaxFrag    = 8     // fragments of a block
	ffsMaxContig  = 16
	ffsMinGroups  = 4
	ffsMinFree    = 5
	ffsUpdated    = 0x80 // FS_FLAGS_UPDATED
	ffsClean      = 1
	ffsRootInode  = 2
	ffsDirect     = 12 // UFS_NDADDR
	ffsIndirect   = 3  // UFS_NIADDR
	ffsSizeofFs   = 1376
	ffsSizeofCg   = 176
	ffsCgSpace    = 168 // where a cylinder group's maps begin
	ffsSizeofSum  = 16
	ffsDirBlock   = 512 // UFS_DIRBLKSIZ
)

// ffsParams is what newfs is told.
type ffsParams struct {
	format      int   // 0: 4.3BSD, 1: FFSv1, 2: FFSv2
	sectors     int64 // size of the file system
	sectorSize  int
	frag, block int
	maxExtent   int
	minFree     int
	optimize    int // 0: time, 1: space
	density     int // bytes for which there is an inode
	inodes      int // or how many there are
	maxContig   int
	maxBpg      int
	avgFileSize int
	avgFiles    int
	order       binary.ByteOrder
	now         time.Time
	verbosity   int
	dryRun      bool
}

// ffsMaker lays out a file system.
type ffsMaker struct {
	ffsParams
	dev interface {
		io.ReaderAt
		io.WriterAt
	}
	out io.Writer

	fs struct {
		sblkno, cblkno, iblkno, dblkno int64
		size, dsize, csaddr            int64
		ncg, fragsPerBlock             int64
		bshift, fshift, fragShift      int
		fsbtodb                        int
		contigSum                      int64
		maxBsize, cgsize, cssize       int64
		ipg, fpg                       int64
		nindir, inopb, inodeSize       int64
		superLoc                       int64
		maxFileSize                    uint64
		id                             [2]int32
		total                          ffsSum
	}
	sums []ffsSum
	cg0  []byte // the first cylinder group, until the end
	ino0 []byte // its first block of inodes
}

// ffsSum is a struct csum.
type ffsSum struct{ dirs, blocks, inodes, frags int64 }

// A ffsError is what newfs says on standard output, and its exit status.
type ffsError struct {
	status int
	msg    string
}

func (e *ffsError) Error() string { return e.msg }

func ffsErrorf(status int, format string, args ...any) error {
	return &ffsError{status, fmt.Sprintf(format, args...)}
}

func isPowerOf2(n int) bool { return n > 0 && n&(n-1) == 0 }

func roundUpTo(n, to int64) int64 { return (n + to - 1) / to * to }

// make writes the file system.
func (m *ffsMaker) make(name string) error {
	if err := m.plan(); err != nil {
		return err
	}
	f := &m.fs
	if m.verbosity > 0 {
		mb := func(frags int64) float64 { return float64(float32(frags)*float32(m.frag)) * (1 / (1024.0 * 1024.0)) }
		fmt.Fprintf(m.out, "%s: %.1fMB (%d sectors) block size %d, fragment size %d\n",
			name, mb(f.size), f.size<<f.fsbtodb, m.block, m.frag)
		fmt.Fprintf(m.out, "\tusing %d cylinder groups of %.2fMB, %d blks, %d inodes.\n",
			f.ncg, mb(f.fpg), f.fpg/f.fragsPerBlock, f.ipg)
	}
	if !m.dryRun {
		if err := m.clearOld(); err != nil {
			return err
		}
	}
	if err := m.groups(); err != nil {
		return err
	}
	if m.dryRun {
		return nil
	}
	if err := m.root(); err != nil {
		return err
	}
	return m.finish()
}

// plan computes the layout.
func (m *ffsMaker) plan() error {
	f := &m.fs
	block, frag := m.block, m.frag
	switch {
	case m.avgFileSize <= 0:
		return ffsErrorf(14, "illegal expected average file size %d\n", m.avgFileSize)
	case m.avgFiles <= 0:
		return ffsErrorf(15, "illegal expected number of files per directory %d\n", m.avgFiles)
	case !isPowerOf2(block):
		return ffsErrorf(16, "block size must be a power of 2, not %d\n", block)
	case !isPowerOf2(frag):
		return ffsErrorf(17, "fragment size must be a power of 2, not %d\n", frag)
	case frag < m.sectorSize:
		return ffsErrorf(18, "fragment size %d is too small, minimum is %d\n", frag, m.sectorSize)
	case block < ffsMinBlock:
		return ffsErrorf(19, "block size %d is too small, minimum is %d\n", block, ffsMinBlock)
	case block > ffsMaxBlock:
		return ffsErrorf(19, "block size %d is too large, maximum is %d\n", block, ffsMaxBlock)
	case block < frag:
		return ffsErrorf(20, "block size (%d) cannot be smaller than fragment size (%d)\n", block, frag)
	case block/frag > ffsMaxFrag:
		return ffsErrorf(21, "fragment size %d is too small, minimum with block size %d is %d\n", frag, block, block/ffsMaxFrag)
	}
	f.maxBsize = int64(m.maxExtent)
	if m.maxExtent < block || !isPowerOf2(m.maxExtent) {
		f.maxBsize = int64(block)
	}
	contig := int64(m.maxContig)
	if least := f.maxBsize / int64(block); contig < least {
		contig = least
		if m.verbosity > 0 {
			fmt.Fprintf(m.out, "Maxcontig raised to %d\n", f.maxBsize)
		}
	}
	if contig > 1 {
		f.contigSum = min(contig, ffsMaxContig)
	}
	f.bshift, f.fshift = bits.TrailingZeros(uint(block)), bits.TrailingZeros(uint(frag))
	f.fragsPerBlock = int64(block / frag)
	f.fragShift = f.bshift - f.fshift
	f.fsbtodb = bits.TrailingZeros(uint(frag / m.sectorSize))
	f.size = m.sectors >> f.fsbtodb
	if m.format <= 1 {
		if f.size >= 1<<31 {
			return ffsErrorf(22, "Too many fragments (%#x) for a FFSv1 filesystem\n", f.size)
		}
		f.superLoc, f.inodeSize, f.nindir = ffsSuperUFS1, 128, int64(block/4)
	} else {
		f.superLoc, f.inodeSize, f.nindir = ffsSuperUFS2, 256, int64(block/8)
	}
	f.inopb = int64(block) / f.inodeSize
	super := roundUpTo(howMany(ffsSuperSize, int64(frag)), f.fragsPerBlock)
	f.sblkno = roundUpTo(howMany(f.superLoc+ffsSuperSize, int64(frag)), f.fragsPerBlock)
	f.cblkno = f.sblkno + super
	f.iblkno = f.cblkno + f.fragsPerBlock
	// As in C, the first product is of 32 bits.
	f.maxFileSize = uint64(int64(int32(block*ffsDirect - 1)))
	size := uint64(block)
	for range ffsIndirect {
		size *= uint64(f.nindir)
		f.maxFileSize += size
	}
	return m.planGroups()
}

// cgSize is the size of a cylinder group of so many inodes and fragments:
// CGSIZE_IF.
func (m *ffsMaker) cgSize(ipg, fpg int64) int64 {
	oldCpg := int64(0)
	if m.format <= 1 {
		oldCpg = 1
	}
	n := ffsSizeofCg + 4 + oldCpg*4 + oldCpg*2 + howMany(ipg, 8) + howMany(fpg, 8)
	if m.fs.contigSum > 0 {
		n += m.fs.contigSum*4 + howMany(fpg>>m.fs.fragShift, 8)
	}
	return n
}

// planGroups divides the file system into cylinder groups, as few as their maps,
// which must fit into a block each, allow.
func (m *ffsMaker) planGroups() error {
	f := &m.fs
	frag := f.fragsPerBlock
	if f.size < f.iblkno+3*frag {
		return ffsErrorf(23, "Filesystem size %d < minimum size of %d\n", f.size, f.iblkno+3*frag)
	}
	var inodeBlocks int64
	if m.inodes != 0 {
		inodeBlocks = howMany(int64(m.inodes), f.inopb)
	} else {
		perBlock := max(int64(m.density)*f.inopb>>f.fshift, 1)
		inodeBlocks = (f.size - f.iblkno) / (frag + perBlock)
	}
	inodeBlocks = max(inodeBlocks, 1)
	inodeBlocks = min(inodeBlocks, (f.size-f.iblkno)/frag-2)
	if inodeBlocks*f.inopb >= 1<<31 {
		inodeBlocks = (1<<31 - 8) / f.inopb
	}
	block := int64(m.block)
	none := m.cgSize(0, 0)
	ncg := howMany(m.cgSize(inodeBlocks*f.inopb, f.size)-none, block-none)
	if ncg < ffsMinGroups {
		ncg = max(ncg, f.size/2/(f.iblkno+inodeBlocks*frag))
		ncg = min(ncg, ffsMinGroups, inodeBlocks)
	}
	f.fpg = roundUpTo(roundUpTo(howMany(f.size, ncg), frag), 8)
	f.ipg = ((inodeBlocks-1)/ncg + 1) * f.inopb
	if n := m.cgSize(f.ipg, f.fpg); n > block {
		f.fpg -= (n - block) * 8
		ncg = howMany(f.size, f.fpg)
		f.ipg = ((inodeBlocks-1)/ncg + 1) * f.inopb
	}
	if n := m.cgSize(f.ipg, f.fpg); n > block {
		return ffsErrorf(24, "CGSIZE miscalculated %d > %d\n", n, block)
	}
	f.dblkno = f.iblkno + f.ipg/(f.inopb>>f.fragShift)
	// The last group may be too small for its own inodes.
	if last := f.size - f.fpg*(ncg-1); last < f.dblkno {
		ncg--
		f.size -= last
	}
	f.ncg = ncg
	roundFrag := func(n int64) int64 { return roundUpTo(n, int64(m.frag)) }
	f.cgsize = roundFrag(m.cgSize(f.ipg, f.fpg))
	f.csaddr = f.dblkno
	f.cssize = roundFrag(ncg * ffsSizeofSum)
	csFrags := f.cssize >> f.fshift
	f.id = [2]int32{int32(m.now.Unix()), rand.Int32()}
	f.dsize = f.size - f.sblkno - ncg*(f.dblkno-f.sblkno)
	f.total.blocks = f.dsize>>f.fragShift - howMany(csFrags, frag)
	f.total.frags = f.size % frag
	if rest := csFrags % frag; rest > 0 {
		f.total.frags += frag - rest
	}
	f.total.inodes = ncg*f.ipg - ffsRootInode
	f.dsize -= csFrags
	return nil
}

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

// groups writes the cylinder groups, and lists where the copies of the super
// block are.
func (m *ffsMaker) groups() error {
	f := &m.fs
	columns := 80
	if m.verbosity >= 3 {
		fmt.Fprintf(m.out, "super-block backups (for fsck_ffs -b #) at:\n")
	}
	sectorOf := func(cg int64) int64 { return (cg*f.fpg + f.sblkno) << f.fsbtodb }
	width := 1
	if m.verbosity >= 4 {
		width = len(fmt.Sprint(sectorOf(f.ncg - 1)))
	}
	if m.dryRun && m.verbosity == 3 {
		columns -= 4
	}
	const unit = 0x10000 // dots are counted in fractions of a column
	col, delta := 0, 0
	if m.verbosity <= 2 {
		delta = columns * unit / int(f.ncg)
	}
	super := m.super()
	for cg := range f.ncg {
		if err := m.group(cg, super); err != nil {
			return err
		}
		if m.verbosity < 2 {
			continue
		}
		if delta > 0 {
			if m.dryRun {
				break
			}
			for col += delta; col > unit; col -= unit {
				io.WriteString(m.out, ".")
			}
			continue
		}
		sep := ""
		if col > 0 {
			sep = " "
		}
		n, _ := fmt.Fprintf(m.out, "%s%*d,", sep, width, sectorOf(cg))
		if col += n; col+n < columns {
			continue
		}
		if m.verbosity <= 3 {
			if left := int(f.ncg - cg - 1); left != 0 {
				if m.dryRun {
					io.WriteString(m.out, " ...")
					break
				}
				delta = columns * unit / left
			}
		}
		col = 0
		io.WriteString(m.out, "\n")
	}
	if col > 0 {
		io.WriteString(m.out, "\n")
	}
	return nil
}

func setBit(b []byte, i int64)       { b[i>>3] |= 1 << (i & 7) }
func clearBit(b []byte, i int64)     { b[i>>3] &^= 1 << (i & 7) }
func testBit(b []byte, i int64) bool { return b[i>>3]&(1<<(i&7)) != 0 }

// ffsMaps are the maps of a cylinder group.
type ffsMaps struct{ oldTotals, oldPositions, inodes, frags, clusterSums, clusters, end int64 }

func (m *ffsMaker) maps() ffsMaps {
	f := &m.fs
	var p ffsMaps
	p.inodes = ffsCgSpace
	if m.format <= 1 {
		p.oldTotals = ffsCgSpace
		p.oldPositions = p.oldTotals + 4
		p.inodes = p.oldPositions + 2
	}
	p.frags = p.inodes + howMany(f.ipg, 8)
	p.end = p.frags + howMany(f.fpg, 8)
	if f.contigSum > 0 {
		p.clusterSums = roundUpTo(p.end-4, 4)
		p.clusters = p.clusterSums + (f.contigSum+1)*4
		p.end = p.clusters + howMany(f.fpg>>f.fragShift, 8)
	}
	return p
}

// group makes a cylinder group and writes it with its copy of the super block and
// its inodes.
func (m *ffsMaker) group(cg int64, super []byte) error {
	f := &m.fs
	frag := f.fragsPerBlock
	base := cg * f.fpg
	count := min(base+f.fpg, f.size) - base // fragments in this group
	low, high := f.sblkno, f.dblkno         // what is between belongs to the group itself
	if cg == 0 {
		high += f.cssize >> f.fshift
		if high >= f.fpg {
			return ffsErrorf(40, "\rToo many cylinder groups to fit summary information into first cylinder group\n")
		}
	}
	at := m.maps()
	if at.end > f.cgsize {
		return ffsErrorf(37, "Panic: cylinder group too big\n")
	}
	b := make([]byte, m.block)
	p := putter{b, m.order}
	inodes, free := b[at.inodes:], b[at.frags:]
	sum := ffsSum{inodes: f.ipg}
	if cg == 0 {
		for i := range int64(ffsRootInode) {
			setBit(inodes, i)
			sum.inodes--
		}
	}
	freeBlock := func(first int64) {
		for i := range frag {
			setBit(free, first+i)
		}
		if f.contigSum > 0 {
			setBit(b[at.clusters:], first>>f.fragShift)
		}
		sum.blocks++
	}
	var frsum [ffsMaxFrag]int64
	freeFrags := func(first, n int64) {
		frsum[n]++
		for i := range n {
			setBit(free, first+i)
		}
		sum.frags += n
	}
	if cg > 0 {
		// In the first group the beginning is for boot code and the super block.
		for d := int64(0); d < low; d += frag {
			freeBlock(d)
		}
	}
	if rest := high & (frag - 1); rest != 0 {
		freeFrags(high, frag-rest)
		high += frag - rest
	}
	d := high
	for ; d+frag <= count; d += frag {
		freeBlock(d)
	}
	if d < count {
		freeFrags(d, count-d)
	}
	for i, n := range frsum {
		p.u32(52+4*i, n)
	}
	for off, v := range map[int]int64{
		4: ffsCgMagic, 12: cg, 20: count, 92: at.inodes, 96: at.frags, 100: at.end,
		104: at.clusterSums, 108: at.clusters,
	} {
		p.u32(off, v)
	}
	if f.contigSum > 0 {
		p.u32(112, count>>f.fragShift)
		m.countClusters(b, at, count>>f.fragShift)
	}
	if m.format == 2 {
		p.u64(136, m.now.Unix())
		p.u32(116, f.ipg)
		p.u32(120, min(f.ipg, 2*f.inopb))
	} else {
		ncyl := int64(1)
		if m.format == 0 && cg == f.ncg-1 {
			ncyl = 0
		}
		p.u16(16, ncyl)
		p.u32(8, m.now.Unix())
		p.u16(18, f.ipg)
		p.u32(84, at.oldTotals)
		p.u32(88, at.oldPositions)
		p.u32(int(at.oldTotals), sum.blocks)
		p.u16(int(at.oldPositions), sum.blocks)
	}
	p.sum(24, sum)
	m.sums = append(m.sums, sum)

	start := max(ffsSuperSize, int64(m.block))
	buf := make([]byte, m.groupBuffer())
	copy(buf, super)
	copy(buf[start:], b[:f.cgsize])
	m.randomGenerations(buf[start+int64(m.block):])
	if cg == 0 {
		m.cg0 = b[:f.cgsize]
		m.ino0 = buf[start+int64(m.block):][:m.block]
	}
	if err := m.writeFrag(base+f.sblkno, buf); err != nil {
		return err
	}
	if m.format == 2 {
		return nil // the kernel makes the other inodes when it needs them
	}
	const atOnce = 16
	many := make([]byte, atOnce*m.block)
	all := f.ipg / (f.inopb >> f.fragShift)
	for i := 2 * frag; i < all; i += atOnce * frag {
		n := min(atOnce*frag, all-i)
		m.randomGenerations(many)
		if err := m.writeFrag(base+f.iblkno+i, many[:n*int64(m.frag)]); err != nil {
			return err
		}
	}
	return nil
}

// countClusters counts runs of free blocks by their length.
func (m *ffsMaker) countClusters(b []byte, at ffsMaps, blocks int64) {
	p := putter{b, m.order}
	counts := make([]int64, m.fs.contigSum+1)
	run := int64(0)
	end := func() {
		if run > 0 {
			counts[min(run, m.fs.contigSum)]++
		}
		run = 0
	}
	for i := range blocks {
		if testBit(b[at.clusters:], i) {
			run++
		} else {
			end()
		}
	}
	end()
	for i, n := range counts {
		if i > 0 {
			p.u32(int(at.clusterSums)+4*i, n)
		}
	}
}

// randomGenerations gives the inodes in b random generation numbers, so that a
// file handle of an older file system is not taken for one of this.
func (m *ffsMaker) randomGenerations(b []byte) {
	gen := 108
	if m.format == 2 {
		gen = 80
	}
	for off := 0; off+int(m.fs.inodeSize) <= len(b); off += int(m.fs.inodeSize) {
		binary.LittleEndian.PutUint32(b[off+gen:], uint32(rand.Int32()))
	}
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

// printableDevice is a device's name without the folder of devices.
func printableDevice(name string) string { return strings.TrimPrefix(name, "/dev/") }
