package rumpctrl

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"strings"
	"time"
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

// printableDevice is a device's name without the folder of devices.
func printableDevice(name string) string { return strings.TrimPrefix(name, "/dev/") }
