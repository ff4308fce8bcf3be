package rumpctrl

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

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
