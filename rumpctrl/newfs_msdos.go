package rumpctrl

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// Facts of FAT file systems.
const (
	fatMinSector   = 512
	fatMaxSpc      = 128 // sectors of a cluster
	fatMaxCopies   = 16
	fatReserved    = 2 // entries of a FAT that are no cluster's
	fatEntrySize   = 32
	fatDefaultRoot = 512 // entries of the root folder
	fatBoot        = 0xaa55
)

func fatMinClusters(bits uint64) uint64 { return map[uint64]uint64{12: 1, 16: 0xff5, 32: 0xfff5}[bits] }
func fatMaxClusters(bits uint64) uint64 {
	return map[uint64]uint64{12: 0xff4, 16: 0xfff4, 32: 0xffffff4}[bits]
}

// fatParams are the fields of a FAT's boot sector.
type fatParams struct {
	bps, spc, res, nft, rde, sec, mid, spf uint64
	spt, hds, hid, bsec, bspf, rdcl        uint64
	infs, bkbs                             uint64
}

// fatFloppies are the standard formats.
func fatFloppies(name string) (fatParams, bool) {
	p := func(bps, spc, res, nft, rde, sec, mid, spf, spt, hds uint64) fatParams {
		return fatParams{bps: bps, spc: spc, res: res, nft: nft, rde: rde, bsec: sec, mid: mid, bspf: spf, spt: spt, hds: hds}
	}
	f, ok := map[string]fatParams{
		"160": p(512, 1, 1, 2, 64, 320, 0xfe, 1, 8, 1), "180": p(512, 1, 1, 2, 64, 360, 0xfc, 2, 9, 1),
		"320": p(512, 2, 1, 2, 112, 640, 0xff, 1, 8, 2), "360": p(512, 2, 1, 2, 112, 720, 0xfd, 2, 9, 2),
		"640": p(512, 2, 1, 2, 112, 1280, 0xfb, 2, 8, 2), "720": p(512, 2, 1, 2, 112, 1440, 0xf9, 3, 9, 2),
		"1200": p(512, 1, 1, 2, 224, 2400, 0xf9, 7, 15, 2), "1232": p(1024, 1, 1, 2, 192, 1232, 0xfe, 2, 8, 2),
		"1440": p(512, 1, 1, 2, 224, 2880, 0xf0, 9, 18, 2), "2880": p(512, 2, 1, 2, 240, 5760, 0xf0, 9, 36, 2),
	}[name]
	return f, ok
}

// fatMaker is one run of newfs_msdos.
type fatMaker struct {
	e    *Env
	ctx  context.Context
	name string
	f    *rump.File

	// What was given.
	offset, create         int64
	dryRun                 bool
	bootFile, label, oem   string
	labelSet               bool
	floppy                 string
	bits                   uint64 // of a FAT's entry
	volumeID               uint64
	volumeIDSet, hiddenSet bool
	mediaSet               bool
	block                  uint64
	given                  fatParams

	fatParams
	boot        []byte
	bootSectors uint64
	rootSectors uint64
}

func runNewfsMsdos(ctx context.Context, e *Env) error {
	m := &fatMaker{e: e, ctx: ctx}
	args, err := e.getopt(e.Args[1:], "@:NB:C:F:I:L:O:S:a:b:c:e:f:h:i:k:m:n:o:r:s:u:", m.option)
	if err != nil && err != errBadOption {
		return err
	}
	if err != nil || len(args) < 1 || len(args) > 2 {
		fmt.Fprint(e.Stderr, newfsMsdosHelp)
		return silent(1)
	}
	m.name = args[0]
	if !strings.Contains(m.name, "/") && m.create == 0 {
		m.name = "/dev/r" + m.name
	}
	defer func() {
		if m.f != nil {
			m.f.Close()
		}
	}()
	for _, step := range []func() error{m.open, m.geometry, m.layout, m.write} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

const newfsMsdosHelp = `usage: newfs_msdos [ -options ] special [disktype]
where the options are:
	-@ Offset in device
	-B Bootstrap file
	-C Create file
	-F FAT type (12, 16, or 32)
	-I Volume ID
	-L Volume Label
	-N Don't create filesystem, print params only
	-O OEM string
	-S Bytes per sector
	-a Sectors per FAT
	-b Block size
	-c Sectors per cluster
	-e Directory entries
	-f Standard format floppies (160,180,320,360,640,720,1200,1232,1440,2880)
	-h Drive heads
	-i Info sector
	-k Backup sector
	-m Media descriptor
	-n Number of FATs
	-o Hidden sectors
	-r Reserved sectors
	-s File System size
	-u Sectors per track
`

// fail ends the program: its status is that of exit(-1).
func (m *fatMaker) fail(format string, args ...any) error { return errx(255, format, args...) }

// number parses a number with a suffix s, k, m or g.
func (m *fatMaker) number(arg, what string, least, most int64) (int64, error) {
	bad := errx(1, "%s: bad %s", arg, what)
	digits, shift := arg, 0
	if arg != "" {
		last := arg[len(arg)-1] | 0x20
		hex := strings.HasPrefix(arg, "0x") || strings.HasPrefix(arg, "0X")
		if i := strings.IndexByte("skmg", last); i >= 0 && !(hex && last <= 'f') {
			shift = []int{9, 10, 20, 30}[i]
			digits = arg[:len(arg)-1]
		} else if strings.IndexByte("pl", last) >= 0 {
			return 0, errx(1, "%s: not supported yet %s", arg, what)
		}
	}
	n, err := strconv.ParseInt(digits, 0, 64)
	if err != nil || n < 0 || n<<shift>>shift != n {
		return 0, bad
	}
	if n <<= shift; n < least || n > most {
		return 0, bad
	}
	return n, nil
}

func (m *fatMaker) option(opt byte, arg string) (err error) {
	set := func(p *uint64, what string, least, most int64) {
		var n int64
		n, err = m.number(arg, what, least, most)
		*p = uint64(n)
	}
	const u8, u16, u32 = 0xff, 0xffff, 0xffffffff
	g := &m.given
	switch opt {
	case '@':
		m.offset, err = m.number(arg, "offset", 0, math.MaxInt64)
	case 'N':
		m.dryRun = true
	case 'B':
		m.bootFile = arg
	case 'C':
		m.create, err = m.number(arg, "create size", 0, math.MaxInt64)
	case 'F':
		n, _ := strconv.Atoi(arg)
		m.bits = uint64(uint8(n))
	case 'I':
		m.volumeIDSet = true
		set(&m.volumeID, "volume ID", 0, u32)
	case 'L':
		m.label, m.labelSet = arg, true
	case 'O':
		m.oem = arg
	case 'S':
		set(&g.bps, "bytes/sector", 1, u16)
	case 'a':
		set(&g.bspf, "sectors/FAT", 1, u32)
	case 'b':
		set(&m.block, "block size", 1, u32)
	case 'c':
		set(&g.spc, "sectors/cluster", 1, u8)
	case 'e':
		set(&g.rde, "directory entries", 1, u16)
	case 'f':
		m.floppy = arg
	case 'h':
		set(&g.hds, "drive heads", 1, u16)
	case 'i':
		set(&g.infs, "info sector", 1, u16)
	case 'k':
		set(&g.bkbs, "backup sector", 1, u16)
	case 'm':
		m.mediaSet = true
		set(&g.mid, "media descriptor", 0, u8)
	case 'n':
		set(&g.nft, "number of FATs", 1, u8)
	case 'o':
		m.hiddenSet = true
		set(&g.hid, "hidden sectors", 0, u32)
	case 'r':
		set(&g.res, "reserved sectors", 1, u16)
	case 's':
		set(&g.bsec, "file system size", 1, u32)
	case 'u':
		set(&g.spt, "sectors/track", 1, u16)
	}
	return err
}

// open opens the device, or makes the file that is to hold the file system.
func (m *fatMaker) open() error {
	k := m.e.Kernel
	switch {
	case m.block != 0 && m.given.spc != 0:
		return m.fail("Cannot specify both block size and sectors per cluster")
	case len(m.oem) > 8:
		return m.fail("%s: bad OEM string", m.oem)
	case m.create != 0 && m.dryRun:
		return m.fail("create (-C) is incompatible with -N")
	}
	flags := netbsd.O_RDWR
	if m.create != 0 {
		if flags |= netbsd.O_CREAT; m.offset == 0 {
			flags |= netbsd.O_TRUNC
		}
	} else if m.dryRun {
		flags = netbsd.O_RDONLY
	}
	f, err := k.Open(m.ctx, m.name, flags, 0o644)
	if err != nil {
		if m.create != 0 {
			return m.fail("failed to create %s", m.name)
		}
		return errc(255, err, "%s", m.name)
	}
	m.f = f
	if m.create != 0 {
		if _, err := f.WriteAt([]byte{0}, m.create-1); err != nil {
			return errc(255, err, "failed to set file size")
		}
		return nil
	}
	st, err := f.Fstat()
	if err != nil {
		return errc(255, err, "%s", m.name)
	}
	if !m.dryRun {
		mounts, err := k.Mounts(m.ctx, netbsd.MNT_NOWAIT)
		if err != nil {
			return errc(255, err, "getmntinfo")
		}
		for _, s := range mounts {
			dev, inDev := strings.CutPrefix(s.Mntfromname, "/dev/")
			if printableDevice(m.name) == dev || inDev && printableDevice(m.name) == "r"+dev {
				return m.fail("%s is mounted on %s", m.name, s.Mntonname)
			}
		}
	}
	if st.Mode&netbsd.S_IFMT != netbsd.S_IFCHR {
		return m.fail("warning, %s is not a character device", m.name)
	}
	return nil
}

// geometry finds out what was not given.
func (m *fatMaker) geometry() error {
	g := m.given
	if m.floppy != "" {
		p, ok := fatFloppies(m.floppy)
		if !ok {
			return m.fail("%s: unknown standard format", m.floppy)
		}
		m.fatParams = p
	}
	for _, v := range []struct{ p, given *uint64 }{{&m.hds, &g.hds}, {&m.spt, &g.spt}, {&m.bps, &g.bps}, {&m.bsec, &g.bsec}} {
		if *v.given != 0 {
			*v.p = *v.given
		}
	}
	if m.hiddenSet {
		m.hid = g.hid
	}
	if m.floppy != "" || g.hds != 0 && g.spt != 0 && g.bps != 0 && g.bsec != 0 && m.hiddenSet {
		return nil
	}
	if m.bps == 0 || m.spt == 0 || m.hds == 0 {
		size, err := m.deviceSize()
		if err != nil {
			return err
		}
		m.hds = 255
		if m.bps == 0 {
			m.bps = 512
		}
		if m.spt == 0 {
			m.spt = 63
		}
		if m.bsec == 0 {
			m.bsec = uint64(size / 512)
		}
	}
	m.bsec = uint64(uint32(m.bsec - uint64(m.offset)/m.bps))
	if m.spc == 0 {
		limit := uint64(8192) // megabytes for which this will do
		m.spc = 8
		switch m.bits {
		case 12:
			m.spc, limit = 1, 2
		case 16:
			m.spc, limit = 1, 32
		}
		for mb := (m.bsec + 2047) / 2048; m.spc < 128 && limit < mb; limit *= 2 {
			m.spc *= 2
		}
	}
	return nil
}

// deviceSize is the size of the partition, or where there is none of the device or
// file.
func (m *fatMaker) deviceSize() (int64, error) {
	st, err := m.f.Fstat()
	if err != nil {
		return 0, m.fail("Can't get disk size for `%s'", m.name)
	}
	if m.create == 0 {
		if label, err := m.f.Disklabel(); err == nil {
			part := int(m.name[len(m.name)-1]) - 'a'
			if part >= 0 && part < min(int(label.Npartitions), len(label.Partitions)) && part == int(netbsd.Minor(st.Rdev)%netbsd.MAXPARTITIONS) {
				if part == netbsd.RAW_PART {
					return int64(label.Secperunit) * 512, nil
				}
				return int64(label.Partitions[part].Size) * 512, nil
			}
		}
	}
	return st.Size, nil
}
