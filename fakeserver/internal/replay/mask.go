package replay

import (
	"bytes"
	"encoding/binary"
	"regexp"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Mask hides what differs from run to run.
type Mask interface {
	// Result reports whether the return value of a call says nothing.
	Result(n netbsd.Sysno, args []byte) bool
	// Memory clears what says nothing in b, which a call wrote at addr. input
	// returns what the caller's memory held before.
	Memory(n netbsd.Sysno, args []byte, input func(addr uint64, n int) []byte, addr uint64, b []byte)
}

// DefaultMask hides times, random numbers, kernel addresses, host names and the
// numbers of files in memory, as the recordings' README lists them.
var DefaultMask Mask = runToRun{}

type runToRun struct{}

func (runToRun) Result(n netbsd.Sysno, args []byte) bool { return false }

func arg(args []byte, i int) uint64 {
	if len(args) < 8*i+8 {
		return 0
	}
	return binary.LittleEndian.Uint64(args[8*i:])
}

// hide clears bytes from..to of b.
func hide(b []byte, from, to int) {
	clear(b[min(from, len(b)):min(to, len(b))])
}

func (m runToRun) Memory(n netbsd.Sysno, args []byte, input func(uint64, int) []byte, addr uint64, b []byte) {
	maskAddresses(b)
	switch n {
	case netbsd.SYS_IOCTL:
		maskIoctl(netbsd.Ioctl(arg(args, 1)), b)
	case netbsd.SYS_READ:
		if isRouting(b) {
			maskRouting(b, false)
		}
	case netbsd.SYS_RECVFROM:
		maskPacket(b)
		maskPort(b)
	case netbsd.SYS_RECVMSG:
		// What is written one after the other is one piece here.
		if h := input(arg(args, 1), 48); len(h) == 48 {
			if control := binary.LittleEndian.Uint64(h[32:]); control >= addr && control-addr < uint64(len(b)) {
				b, control := b[:control-addr], b[control-addr:]
				maskControl(control)
				maskPacket(b)
				maskPort(b)
				return
			}
		}
		maskPacket(b)
		maskPort(b)
	case netbsd.SYS_GETSOCKNAME, netbsd.SYS_GETPEERNAME, netbsd.SYS_ACCEPT:
		maskPort(b)
	case netbsd.SYS___STAT50, netbsd.SYS___LSTAT50, netbsd.SYS___FSTAT50:
		hide(b, 12, 16) // padding
		hide(b, 36, 40)
		hide(b, 48, 112)  // times
		hide(b, 140, 152) // st_gen and padding
		if len(b) >= 24 && onTmpfs(b) {
			hide(b, 16, 24) // st_ino
		}
	case netbsd.SYS___GETTIMEOFDAY50, netbsd.SYS___CLOCK_GETTIME50:
		hide(b, 0, len(b))
	case netbsd.SYS___GETDENTS30:
		maskDirents(b)
	case netbsd.SYS___SYSCTL:
		maskSysctl(args, input, addr, b)
	}
}

// onTmpfs reports whether a struct stat is of a file on tmpfs.
func onTmpfs(b []byte) bool {
	const tmpfsMajor = 0xab
	return netbsd.Major(binary.LittleEndian.Uint64(b)) == tmpfsMajor
}

// maskDirents hides file numbers, which are made of addresses where a directory
// lists itself, and the padding after names.
func maskDirents(b []byte) {
	for off := 0; off+13 <= len(b); {
		if number := binary.LittleEndian.Uint64(b[off:]); number > 1<<24 || listsItself(b) {
			hide(b, off, off+8)
		}
		n, name := int(binary.LittleEndian.Uint16(b[off+8:])), int(binary.LittleEndian.Uint16(b[off+10:]))
		if n < 13 {
			return
		}
		hide(b, off+13+name, off+n)
		off += n
	}
}

// listsItself reports whether a directory begins with ".", as it does on tmpfs
// but not on rumpfs.
func listsItself(b []byte) bool { return len(b) > 15 && b[10] == 1 && b[13] == '.' }

var hostname = regexp.MustCompile(`rump-\d+\.\w+`)

func maskSysctl(args []byte, input func(uint64, int) []byte, addr uint64, b []byte) {
	old, oldlenp := arg(args, 2), arg(args, 3)
	if addr == oldlenp {
		return
	}
	count := int(uint32(arg(args, 1)))
	mib, err := netbsd.ParseMib(input(arg(args, 0), 4*count))
	if err != nil || len(mib) == 0 || addr < old {
		return
	}
	if mib[len(mib)-1] == netbsd.CTL_QUERY {
		for off := 0; off+netbsd.SizeofSysctlnode <= len(b); off += netbsd.SizeofSysctlnode {
			maskNode(b[off : off+netbsd.SizeofSysctlnode])
		}
		return
	}
	if len(mib) >= 3 && mib[0] == netbsd.CTL_NET && mib[1] == netbsd.AF_ROUTE && mib[2] == 0 {
		maskRouting(b, true)
		return
	}
	name := ""
	for i, n := range mib {
		if i > 0 {
			name += "."
		}
		name += itoa(n)
	}
	switch name {
	case "1.10": // kern.hostname
		if hostname.Match(b) {
			hide(b, 0, len(b))
		}
	case "1.1036": // kern.pool: counters after the name and four constants
		const size, name, counters = 224, 16, 16 + 4*8
		for off := 0; off+size <= len(b); off += size {
			if i := bytes.IndexByte(b[off:off+name], 0); i >= 0 {
				hide(b, off+i, off+name)
			}
			hide(b, off+counters, off+size)
		}
	case "1.61", "1.80", "1.81", "1.84", "1.15", "1.77", "3.1054", "1.39.6", "4.17.1180", "4.34.1179":
		hide(b, 0, len(b)) // urandom, hardclock_ticks, arandom, counters and tables of addresses
	}
}

// maskNode hides kernel addresses, but not whether there is one.
func maskNode(b []byte) {
	flags := binary.LittleEndian.Uint32(b)
	hide(b, 44, 48)
	flag := func(from int) {
		if binary.LittleEndian.Uint64(b[from:]) != 0 {
			binary.LittleEndian.PutUint64(b[from:], 1)
		}
	}
	switch {
	case flags&netbsd.SYSCTL_TYPEMASK == netbsd.CTLTYPE_NODE:
		hide(b, 56, 64)
	case flags&netbsd.CTLFLAG_IMMEDIATE == 0:
		hide(b, 48, 64)
	}
	flag(72)
	flag(80)
	flag(88)
}

func itoa(n int32) string {
	if n < 0 {
		return "-"
	}
	s := ""
	for {
		s = string(rune('0'+n%10)) + s
		if n /= 10; n == 0 {
			return s
		}
	}
}
