package rumpctrl

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func fatLabelOK(s string) bool {
	if s == "" || len(s) > 11 || s[0] == ' ' {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || strings.IndexByte("\"*+,./:;<=>?[\\]|", s[i]) >= 0 {
			return false
		}
	}
	return true
}

func ceilDiv(n, by uint64) uint64 { return (n + by - 1) / by }

// layout computes the boot sector.
func (m *fatMaker) layout() error {
	g := &m.given
	if m.labelSet && !fatLabelOK(m.label) {
		return m.fail("%s: bad volume label", m.label)
	}
	switch m.bits {
	case 0:
		if m.floppy != "" {
			m.bits = 12
		} else if g.rde == 0 && (g.infs != 0 || g.bkbs != 0) {
			m.bits = 32
		}
	case 12, 16:
		if g.infs != 0 {
			return m.fail("Cannot specify info sector with FAT%d", m.bits)
		}
		if g.bkbs != 0 {
			return m.fail("Cannot specify backup sector with FAT%d", m.bits)
		}
	case 32:
		if g.rde != 0 {
			return m.fail("Cannot specify directory entries with FAT32")
		}
	default:
		return m.fail("%d: bad FAT type", m.bits)
	}
	if bits.OnesCount64(m.bps) != 1 {
		return m.fail("bytes/sector (%d) is not a power of 2", m.bps)
	}
	if m.bps < fatMinSector {
		return m.fail("bytes/sector (%d) is too small; minimum is %d", m.bps, fatMinSector)
	}
	if m.floppy != "" && m.bits == 32 {
		m.rde = 0
	}
	if b := m.block; b != 0 {
		switch {
		case bits.OnesCount64(b) != 1:
			return m.fail("block size (%d) is not a power of 2", b)
		case b < m.bps:
			return m.fail("block size (%d) is too small; minimum is %d", b, m.bps)
		case b > m.bps*fatMaxSpc:
			return m.fail("block size (%d) is too large; maximum is %d", b, m.bps*fatMaxSpc)
		}
		m.spc = b / m.bps
	}
	if g.spc != 0 {
		if bits.OnesCount64(g.spc) != 1 {
			return m.fail("sectors/cluster (%d) is not a power of 2", g.spc)
		}
		m.spc = g.spc
	}
	if g.nft > fatMaxCopies {
		return m.fail("number of FATs (%d) is too large; maximum is %d", g.nft, fatMaxCopies)
	}
	if m.mediaSet {
		if g.mid < 0xf0 {
			return m.fail("illegal media descriptor (%#x)", g.mid)
		}
		m.mid = g.mid
	}
	for _, v := range []struct{ p, given *uint64 }{
		{&m.res, &g.res}, {&m.nft, &g.nft}, {&m.rde, &g.rde}, {&m.bspf, &g.bspf}, {&m.infs, &g.infs}, {&m.bkbs, &g.bkbs},
	} {
		if *v.given != 0 {
			*v.p = *v.given
		}
	}
	if err := m.readBoot(); err != nil {
		return err
	}
	if m.nft == 0 {
		m.nft = 2
	}
	m.chooseType()
	if err := m.reserve(); err != nil {
		return err
	}
	return m.clusters()
}

// readBoot reads the boot program.
func (m *fatMaker) readBoot() error {
	m.bootSectors = 1
	if m.bootFile == "" {
		return nil
	}
	name := m.bootFile
	if !strings.Contains(name, "/") {
		name = "/boot/" + name
	}
	k := m.e.Kernel
	st, err := k.Stat(m.ctx, name)
	if err != nil {
		return errc(255, err, "%s", name)
	}
	size := uint64(st.Size)
	if st.Mode&netbsd.S_IFMT != netbsd.S_IFREG || size%m.bps != 0 || size < m.bps || size > m.bps*0xffff {
		return m.fail("%s: inappropriate file type or format", name)
	}
	if m.boot, err = k.ReadFile(m.ctx, name); err != nil {
		return errc(255, err, "%s", name)
	}
	if uint64(len(m.boot)) < size {
		return m.fail("%s: can't read sector %d", name, uint64(len(m.boot))/m.bps)
	}
	m.bootSectors = size / m.bps
	return nil
}

// chooseType chooses how many bits an entry of the FAT has.
func (m *fatMaker) chooseType() {
	if m.bits != 0 {
		return
	}
	or := func(v, d uint64) uint64 {
		if v != 0 {
			return v
		}
		return d
	}
	res := or(m.res, m.bootSectors)
	clusters, nibbles := uint64(0xff5), uint64(3)
	if m.spc != 0 {
		clusters, nibbles = 0xff5, 4
	}
	switch {
	case m.bsec < res+ceilDiv((fatReserved+clusters)*nibbles, m.bps*2)*m.nft+
		ceilDiv(or(m.rde, fatDefaultRoot), m.bps/fatEntrySize)+
		clusters*or(m.spc, ceilDiv(4096, m.bps)):
		m.bits = 12
	case m.rde != 0 || m.bsec < res+ceilDiv((fatReserved+0xfff4)*2, m.bps)*m.nft+
		ceilDiv(fatDefaultRoot, m.bps/fatEntrySize)+
		(0xfff4+1)*or(m.spc, ceilDiv(8192, m.bps)):
		m.bits = 16
	default:
		m.bits = 32
	}
}

// reserve finds room for what is before the FATs.
func (m *fatMaker) reserve() error {
	const none = 0xffff
	x := m.bootSectors
	if m.bits == 32 {
		if m.infs == 0 {
			if x == none || x == m.bkbs {
				return m.fail("no room for info sector")
			}
			m.infs = x
		}
		if m.infs != none && x <= m.infs {
			x = m.infs + 1
		}
		if m.bkbs == 0 {
			if x == none {
				return m.fail("no room for backup sector")
			}
			m.bkbs = x
		} else if m.bkbs != none && m.bkbs == m.infs {
			return m.fail("backup sector would overwrite info sector")
		}
		if m.bkbs != none && x <= m.bkbs {
			x = m.bkbs + 1
		}
	}
	if m.res == 0 {
		m.res = x
		if m.bits == 32 {
			m.res = max(x, 16384/m.bps, 4)
		}
	} else if m.res < x {
		return m.fail("too few reserved sectors (need %d have %d)", x, m.res)
	}
	if m.bits != 32 && m.rde == 0 {
		m.rde = fatDefaultRoot
	}
	m.rootSectors = ceilDiv(m.rde, m.bps/fatEntrySize)
	return nil
}

// clusters computes the size of the FATs.
func (m *fatMaker) clusters() error {
	nibbles := m.bits / 4
	most := fatMaxClusters(m.bits)
	if m.spc == 0 {
		m.spc = ceilDiv(4096, m.bps)
		if m.bits == 16 {
			m.spc = ceilDiv(2048, m.bps)
		}
		for m.spc < fatMaxSpc && m.res+ceilDiv((fatReserved+most)*nibbles, m.bps*2)*m.nft+m.rootSectors+(most+1)*m.spc <= m.bsec {
			m.spc <<= 1
		}
	}
	if m.bits != 32 && m.bspf > 0xffff {
		return m.fail("too many sectors/FAT for FAT12/16")
	}
	meta := m.res + m.rootSectors
	fat := max(m.bspf, 1)
	if meta+fat*m.nft > m.bsec {
		return m.fail("meta data exceeds file system size")
	}
	meta += fat * m.nft
	room := (m.bsec - meta) * m.bps * 2 / (m.spc*m.bps*2 + nibbles*m.nft)
	need := ceilDiv((fatReserved+min(room, most))*nibbles, m.bps*2)
	if m.bspf == 0 {
		m.bspf = need
		meta += (m.bspf - 1) * m.nft
	}
	count := (m.bsec - meta) / m.spc
	count = min(count, m.bspf*m.bps*2/nibbles-fatReserved)
	switch {
	case m.bspf < need:
		return m.fail("warning: sectors/FAT limits file system to %d clusters", count)
	case count < fatMinClusters(m.bits):
		return m.fail("%d clusters too few clusters for FAT%d, need %d", count, m.bits, fatMinClusters(m.bits))
	case count > most:
		return m.fail("warning: FAT type limits file system to %d sectors", meta+(most+1)*m.spc-1)
	}
	plural := func(n uint64) string {
		if n == 1 {
			return ""
		}
		return "s"
	}
	m.e.printf("%s: %d sector%s in %d FAT%d cluster%s (%d bytes/cluster)\n", m.name, count*m.spc, plural(count*m.spc),
		count, m.bits, plural(count), m.bps*m.spc)
	if m.mid == 0 {
		if m.mid = 0xf8; m.hid == 0 {
			m.mid = 0xf0
		}
	}
	if m.bits == 32 {
		m.rdcl = fatReserved
	}
	if m.hid+m.bsec <= 0xffff {
		m.sec, m.bsec = m.bsec, 0
	}
	if m.bits != 32 {
		m.spf, m.bspf = m.bspf, 0
	}
	kind := map[uint64]int{12: 1, 16: 6, 32: 11}[m.bits]
	if m.bits == 16 && m.bsec == 0 {
		kind = 4
	}
	m.e.printf("MBR type: %d\n", kind)
	m.print()
	return nil
}

// print prints the fields of the boot sector.
func (m *fatMaker) print() {
	m.e.printf("bps=%d spc=%d res=%d nft=%d", m.bps, m.spc, m.res, m.nft)
	if m.rde != 0 {
		m.e.printf(" rde=%d", m.rde)
	}
	if m.sec != 0 {
		m.e.printf(" sec=%d", m.sec)
	}
	m.e.printf(" mid=%#x", m.mid)
	if m.spf != 0 {
		m.e.printf(" spf=%d", m.spf)
	}
	m.e.printf(" spt=%d hds=%d hid=%d", m.spt, m.hds, m.hid)
	if m.bsec != 0 {
		m.e.printf(" bsec=%d", m.bsec)
	}
	if m.spf == 0 {
		sector := func(n uint64) string {
			if n == 0xffff {
				return "0xffff"
			}
			return strconv.FormatUint(n, 10)
		}
		m.e.printf(" bspf=%d rdcl=%d infs=%s bkbs=%s", m.bspf, m.rdcl, sector(m.infs), sector(m.bkbs))
	}
	m.e.printf("\n")
}

// write writes everything up to the first cluster.
func (m *fatMaker) write() error {
	if m.dryRun {
		return nil
	}
	now := time.Now().In(m.e.Location)
	fat := m.spf + m.bspf
	dir := m.res + fat*m.nft
	end := dir + m.rootSectors
	if m.bits == 32 {
		end = dir + m.spc
	}
	// Many sectors are written at once.
	const batch = 512
	buf := make([]byte, 0, batch*m.bps)
	at := m.offset
	for lsn := uint64(0); lsn < end; lsn++ {
		buf = append(buf, m.sector(lsn, fat, dir, now)...)
		if len(buf) == cap(buf) || lsn+1 == end {
			if _, err := m.f.WriteAt(buf, at); err != nil && err != io.ErrShortWrite {
				return errc(255, err, "%s", m.name)
			} else if err != nil {
				return m.fail("%s: can't write sector %d", m.name, lsn)
			}
			at += int64(len(buf))
			buf = buf[:0]
		}
	}
	return nil
}

// sector returns the content of a sector.
func (m *fatMaker) sector(lsn, fat, dir uint64, now time.Time) []byte {
	const none = 0xffff
	b := make([]byte, m.bps)
	le := binary.LittleEndian
	big := m.bits == 32
	backup := big && m.bkbs != none
	if m.boot != nil {
		x := lsn
		if backup && m.bootSectors <= m.bkbs && x >= m.bkbs {
			x -= m.bkbs
		}
		if x < m.bootSectors {
			copy(b, m.boot[x*m.bps:])
		}
	}
	switch {
	case lsn == 0 || backup && lsn == m.bkbs:
		m.bootSector(b, now)
	case big && m.infs != none && (lsn == m.infs || m.bkbs != none && lsn == m.bkbs+m.infs):
		le.PutUint32(b, 0x41615252)
		le.PutUint32(b[fatMinSector-28:], 0x61417272)
		le.PutUint32(b[fatMinSector-24:], 0xffffffff)
		le.PutUint32(b[fatMinSector-20:], 0xffffffff)
		le.PutUint16(b[fatMinSector-2:], fatBoot)
	case lsn >= m.res && lsn < dir && (lsn-m.res)%fat == 0:
		b[0] = byte(m.mid)
		n := m.bits * 2 / 8
		if big {
			n = m.bits * 3 / 8
		}
		for i := uint64(1); i < n; i++ {
			if b[i] = 0xff; big && i%4 == 3 {
				b[i] = 0x0f
			}
		}
	case lsn == dir && m.labelSet:
		copy(b, fatLabel(m.label))
		b[11] = 0o50
		le.PutUint16(b[22:], uint16(now.Hour()<<11|now.Minute()<<5|now.Second()>>1))
		le.PutUint16(b[24:], uint16((now.Year()-1980)<<9|int(now.Month())<<5|now.Day()))
	}
	return b
}

// fatLabel is a volume's label as it is on the disk.
func fatLabel(s string) string {
	s = strings.ToUpper(s)
	if s != "" && s[0] == 0xe5 {
		s = "\x05" + s[1:]
	}
	return fmt.Sprintf("%-11.11s", s)
}

// bootSector writes the fields of the boot sector.
func (m *fatMaker) bootSector(b []byte, now time.Time) {
	le := binary.LittleEndian
	le.PutUint16(b[11:], uint16(m.bps))
	b[13] = byte(m.spc)
	le.PutUint16(b[14:], uint16(m.res))
	b[16] = byte(m.nft)
	le.PutUint16(b[17:], uint16(m.rde))
	le.PutUint16(b[19:], uint16(m.sec))
	b[21] = byte(m.mid)
	le.PutUint16(b[22:], uint16(m.spf))
	le.PutUint16(b[24:], uint16(m.spt))
	le.PutUint16(b[26:], uint16(m.hds))
	le.PutUint32(b[28:], uint32(m.hid))
	le.PutUint32(b[32:], uint32(m.bsec))
	at := 36
	if m.bits == 32 {
		le.PutUint32(b[36:], uint32(m.bspf))
		le.PutUint32(b[44:], uint32(m.rdcl))
		le.PutUint16(b[48:], uint16(m.infs))
		le.PutUint16(b[50:], uint16(m.bkbs))
		at = 64
	}
	b[at+2] = 0x29
	id := uint32(m.volumeID)
	if !m.volumeIDSet {
		id = (uint32(now.Month())<<8|uint32(now.Day())+(uint32(now.Second())<<8|uint32(now.Nanosecond()/10000)))<<16 |
			(uint32(now.Year()) + (uint32(now.Hour())<<8 | uint32(now.Minute())))
	}
	le.PutUint32(b[at+3:], id)
	label := m.label
	if !m.labelSet {
		label = "NO NAME"
	}
	copy(b[at+7:], fatLabel(label))
	copy(b[at+18:], fmt.Sprintf("%-8s", fmt.Sprintf("FAT%d", m.bits)))
	if m.boot == nil {
		code := at + 26
		b[0], b[1], b[2] = 0xeb, byte(code-2), 0x90
		oem := m.oem
		if oem == "" {
			oem = "NetBSD"
		}
		copy(b[3:11], fmt.Sprintf("%-8s", oem))
		copy(b[code:], fatBootCode)
		le.PutUint16(b[fatMinSector-2:], fatBoot)
	}
}

// fatBootCode says that one cannot boot from the disk.
const fatBootCode = "\xfa\x31\xc0\x8e\xd0\xbc\x00\x7c\xfb\x8e\xd8\xe8\x00\x00\x5e\x83\xc6\x19\xbb\x07\x00\xfc\xac" +
	"\x84\xc0\x74\x06\xb4\x0e\xcd\x10\xeb\xf5\x30\xe4\xcd\x16\xcd\x19" +
	"\r\nNon-system disk\r\nPress any key to reboot\r\n\x00"
