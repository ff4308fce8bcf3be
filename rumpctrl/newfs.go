package rumpctrl

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// newfsHelp lists the options.
const newfsHelp = `usage: newfs [ fsoptions ] special-device [disk-type]
where fsoptions are:
	-B byteorder	byte order (` + "`be' or `le'" + `)
	-F 		create file system image in regular file
	-G 		make sanity calculations non-fatal (testing only!)
	-I 		do not check that the file system type is '4.2BSD'
	-N 		do not create file system, just print out parameters
	-O N		filesystem format: 0 => 4.3BSD, 1 => FFSv1, 2 => FFSv2
	-S secsize	sector size
	-T disktype	disk type
	-V verbose	output verbosity: 0 ==> none, 4 ==> max
	-Z 		pre-zero the image file
	-a maxcontig	maximum contiguous blocks
	-b bsize	block size
	-d maxbsize	maximum extent size
	-e maxbpg	maximum blocks per file in a cylinder group
	-f fsize	frag size
	-g avgfilesize	average file size
	-h avgfpdir	average files per directory
	-i density	number of bytes per inode
	-m minfree	minimum free space %
	-n inodes	number of inodes (overrides -i density)
	-o optim	optimization preference (` + "`space' or `time'" + `)
	-q (user|group) enable specified quota
	-s fssize	file system size (sectors)
	-v volname	Apple UFS volume name
`

// newfsNumber parses a number with a suffix s, b, k, m, g or t. It reports whether
// the suffix makes it a number of bytes.
func newfsNumber(what, arg string, least, most int64) (n int64, bytes bool, err error) {
	end := 0
	if end < len(arg) && (arg[end] == '-' || arg[end] == '+') {
		end++
	}
	for end < len(arg) && arg[end] >= '0' && arg[end] <= '9' {
		end++
	}
	suffix := arg[end:]
	if len(suffix) > 1 {
		return 0, false, errx(1, "%s `%s' is not a valid number.", what, arg)
	}
	shift := 0
	switch strings.ToLower(suffix) {
	case "", "s":
	case "b":
		bytes = true
	case "k", "m", "g", "t":
		bytes = true
		shift = 10 * (1 + strings.Index("kmgt", strings.ToLower(suffix)))
	default:
		return 0, false, errx(1, "`%s' is not a valid suffix for %s.", suffix, what)
	}
	n, perr := strconv.ParseInt(arg[:end], 10, 64)
	if ne, ok := perr.(*strconv.NumError); ok && ne.Err == strconv.ErrRange || n<<shift>>shift != n {
		return 0, false, errx(1, "%s `%s' is too large to convert.", what, arg)
	}
	n <<= shift
	if n < least {
		return 0, false, errx(1, "%s `%s' (%d) is less than the minimum (%d).", what, arg, n, least)
	}
	if n > most {
		return 0, false, errx(1, "%s `%s' (%d) is greater than the maximum (%d).", what, arg, n, most)
	}
	return n, bytes, nil
}

func runNewfs(ctx context.Context, e *Env) error {
	out := e.buffered()
	defer out.Flush()
	m := &ffsMaker{out: out}
	m.ffsParams = ffsParams{
		format: 1, minFree: ffsMinFree, avgFileSize: 16384, avgFiles: 64,
		order: binary.LittleEndian, now: time.Now(), verbosity: -1,
	}
	var image, zero, byteSized, anyType bool
	diskType := ""
	args, err := e.getopt(e.Args[1:], "B:FGINO:S:T:V:Za:b:d:e:f:g:h:i:l:m:n:o:q:r:s:v:", func(opt byte, arg string) error {
		var err error
		number := func(what string, least, most int64) int {
			n, _, nerr := newfsNumber(what, arg, least, most)
			err = nerr
			return int(n)
		}
		switch opt {
		case 'B':
			switch arg {
			case "be":
				m.order = binary.BigEndian
			case "le":
				m.order = binary.LittleEndian
			default:
				return errBadOption
			}
		case 'F':
			image = true
		case 'G':
			fmt.Fprintln(e.Stderr, "WARNING: -G may create file systems which cause kernel panics")
		case 'I':
			anyType = true
		case 'N':
			m.dryRun = true
			if m.verbosity == -1 {
				m.verbosity = 3
			}
		case 'O':
			m.format = number("format", 0, 2)
		case 'S':
			m.sectorSize = number("sector size", 512, 65536)
			if err == nil && !isPowerOf2(m.sectorSize) {
				err = errx(1, "sector size `%s' is not a power of 2.", arg)
			}
		case 'T':
			diskType = arg
		case 'V':
			m.verbosity = number("verbose", 0, 4)
		case 'Z':
			zero = true
		case 'a':
			m.maxContig = number("maximum contiguous blocks", 1, math.MaxInt32)
		case 'b':
			m.block = number("block size", ffsMinBlock, ffsMaxBlock)
		case 'd':
			m.maxExtent = number("maximum extent size", 0, math.MaxInt32)
		case 'e':
			m.maxBpg = number("blocks per file in a cylinder group", 1, math.MaxInt32)
		case 'f':
			m.frag = number("fragment size", 1, ffsMaxBlock)
		case 'g':
			m.avgFileSize = number("average file size", 1, math.MaxInt32)
		case 'h':
			m.avgFiles = number("expected files per directory", 1, math.MaxInt32)
		case 'i':
			m.density = number("bytes per inode", 1, math.MaxInt32)
		case 'm':
			m.minFree = number("free space %", 0, 99)
		case 'n':
			m.inodes = number("number of inodes", 1, math.MaxInt32)
		case 'o':
			switch arg {
			case "space":
				m.optimize = 1
			case "time":
				m.optimize = 0
			default:
				return errx(1, "unknown optimization preference:  use `space' or `time'.")
			}
		case 's':
			m.sectors, byteSized, err = newfsNumber("file system size", arg, math.MinInt64, math.MaxInt64)
		case 'q':
			return errx(1, "quotas in the file system are not supported: -q %s", arg)
		case 'v':
			return errx(1, "Apple UFS is not supported: -v %s", arg)
		}
		return err
	})
	if err != nil && err != errBadOption {
		return err
	}
	if m.verbosity == -1 {
		m.verbosity = 3
	}
	if len(args) == 2 && !image {
		diskType, args = args[1], args[:1]
	}
	if err != nil || len(args) != 1 {
		fmt.Fprint(e.Stderr, newfsHelp)
		return silent(1)
	}
	d, err := e.openDisk(ctx, args[0], diskTarget{image: image, dryRun: m.dryRun, create: m.sectors > 0, diskType: diskType, sectorSize: m.sectorSize})
	if err != nil {
		return err
	}
	defer d.close()
	m.sectorSize = d.sectorSize
	if d.part != nil {
		if d.part.Size == 0 {
			return errx(1, "%s partition is unavailable", d.name)
		}
		if d.part.Fstype != netbsd.FS_BSDFFS && !anyType {
			return errx(1, "%s partition type is not `4.2BSD'", d.name)
		}
	}
	if byteSized {
		m.sectors /= int64(m.sectorSize)
	}
	if m.sectors <= 0 {
		if m.sectors += d.size / int64(m.sectorSize); m.sectors <= 0 {
			return errx(1, "Unable to determine file system size")
		}
	}
	if d.part != nil && m.sectors > int64(d.part.Size) {
		return errx(1, "size %d exceeds maximum file system size on `%s' of %d sectors", m.sectors, d.name, d.part.Size)
	}
	if image && !m.dryRun {
		if err := d.out.Truncate(m.sectors * int64(m.sectorSize)); err != nil {
			return errc(1, err, "can't ftruncate %s to %d", d.name, m.sectors)
		}
	}
	if zero && !m.dryRun {
		if err := m.zero(d); err != nil {
			return err
		}
	}
	m.defaults(e)
	m.dev = d
	if err := m.make(d.name); err != nil {
		f, ok := err.(*ffsError)
		if !ok {
			return err
		}
		fmt.Fprint(out, f.msg)
		return silent(f.status)
	}
	return nil
}

// defaults fills in what depends on the size.
func (m *ffsMaker) defaults(e *Env) {
	const fragsPerBlock = 8
	if m.frag == 0 {
		if m.frag = m.block / fragsPerBlock; m.frag <= 0 {
			switch {
			case m.sectors < 20*1024*2:
				m.frag = 512
			case m.sectors < 1000*1024*2:
				m.frag = 1024
			case m.sectors < 128*1024*1024*2:
				m.frag = 2048
			default:
				m.frag = 4096
			}
			m.frag = max(m.frag, m.sectorSize)
		}
	}
	if m.block <= 0 {
		m.block = fragsPerBlock * m.frag
	}
	if m.maxContig == 0 {
		m.maxContig = max(1, ffsMaxBlock/m.block)
	}
	if m.density == 0 {
		m.density = 4 * m.frag
	}
	if m.minFree < ffsMinFree && m.optimize == 0 {
		e.warnx("Warning: changing optimization to space because minfree is less than %d%%", ffsMinFree)
		m.optimize = 1
	}
	if m.maxBpg == 0 {
		m.maxBpg = m.block / 4
		if m.format == 2 {
			m.maxBpg = m.block / 8
		}
	}
}

// zero writes zeroes to the whole image.
func (m *ffsMaker) zero(d *disk) error {
	chunk := 8192
	if s, err := d.out.Statvfs(); err == nil && s.Iosize > 0 && s.Iosize <= 1<<20 {
		chunk = int(s.Iosize)
	}
	size := m.sectors * int64(m.sectorSize)
	if m.verbosity > 0 {
		fmt.Fprintf(m.out, "Creating file system image in `%s', size %d bytes, in %d byte chunks.\n", d.name, size, chunk)
	}
	buf := make([]byte, chunk)
	for off := int64(0); off < size; off += int64(chunk) {
		if _, err := d.WriteAt(buf[:min(int64(chunk), size-off)], off); err != nil {
			return errc(1, err, "writing image")
		}
	}
	return nil
}
