package fakeserver_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

var vndComponents = []string{"rumpvfs", "rumpfs_tmpfs", "rumpdev", "rumpdev_disk", "rumpdev_vnd"}

// TestVnd makes files disks, on the fake and on a real kernel where there is one.
func TestVnd(t *testing.T) {
	t.Run("fake", func(t *testing.T) {
		_, c := start(t, fakeserver.Config{Components: vndComponents})
		if diff := cmp.Diff(vndWant, vndStory(t, c)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("real", func(t *testing.T) {
		c := dialReal(t, vndComponents...)
		if diff := cmp.Diff(vndWant, vndStory(t, c)); diff != "" {
			t.Error(diff)
		}
	})
}

// vndWant is what a real kernel answers to the calls of vndStory.
var vndWant = []string{
	"open /file:",
	"open /dev/rvnd0d:",
	"open /dev/rvnd0a: ENXIO",
	"pread 512 at 0: ENXIO",
	"DIOCGDINFO: ENXIO",
	"VNDIOCGET 0: 0 false",
	"VNDIOCGET -1: 0 false",
	"VNDIOCGET 4: ENXIO",
	"VNDIOCGET -2: EINVAL",
	"VNDIOCCLR 0: ENXIO",
	"VNDIOCSET /nosuch 0 {0 0 0 0}: ENOENT",
	"VNDIOCSET / 0 {0 0 0 0}: EISDIR",
	"VNDIOCSET /dev/null 0 {0 0 0 0}: EOPNOTSUPP",
	"VNDIOCSET /file 1 {100 1 1 1}: EINVAL",
	"VNDIOCSET /file 1 {512 1024 3 1}: EINVAL",
	"open /dev/rvnd0d:",
	"VNDIOCSET /file 0 {0 0 0 0}: EBADF",
	"VNDIOCSET /file 0 {0 0 0 0}: 1048576 1048576",
	"VNDIOCSET /file 0 {0 0 0 0}: EBUSY",
	"VNDIOCGET 0: 0 true",
	"open /dev/rvnd0d:",
	"DIOCGDINFO: vnd fictitious 12 2048 512 32 64 1 2048 3600 1 0 4 0 0 false [{2048 0 0 7 0 0} {0 0 0 0 0 0} {0 0 0 0 0 0} {2048 0 0 0 0 0} {0 0 0 0 0 0}]",
	"DIOCGDEFLABEL: vnd fictitious 12 2048 512 32 64 1 2048 3600 1 0 4 0 0 true [{0 0 0 0 0 0} {0 0 0 0 0 0} {0 0 0 0 0 0} {2048 0 0 0 0 0} {0 0 0 0 0 0}]",
	"DIOCGSECTORSIZE: 00020000",
	"DIOCGMEDIASIZE: 0000100000000000",
	"DIOCGCACHE: ENOTTY",
	"pwrite 1024 at 1024: 1024 3",
	"pread 512 at 1536: 512 3",
	"pwrite 100 at 0: EINVAL",
	"pread 512 at 100: EINVAL",
	"pread 1024 at 1048064: 512 0",
	"pread 512 at 1048576: 0 0",
	"pread 512 at 1049088: 0 0",
	"pwrite 1024 at 1048064: 512 0",
	"pwrite 512 at 1048576: 0 0",
	"pwrite 512 at 1049088: EINVAL",
	"open /dev/rvnd0a:",
	"pwrite 512 at 512: EROFS",
	"pwrite 512 at 1024: 512 3",
	"VNDIOCCLR 0: EBUSY",
	"open /dev/vnd0d:",
	"pread 10 at 1030: 10 3",
	"VNDIOCCLR 0: EBUSY",
	"VNDIOCCLR 0:",
	"VNDIOCGET 0: 0 false",
	"pread 512 at 0: ENXIO",
	"open /dev/rvnd0d:",
	"VNDIOCSET /file 2 {0 0 0 0}: 1048576 1048576",
	"open /dev/rvnd0d:",
	"pread 512 at 1536: 512 3",
	"pwrite 512 at 0: EACCES",
	"VNDIOCCLR 0:",
}

// vndStory makes calls, and returns what came of each.
func vndStory(t *testing.T, c *sysproxy.Client) []string {
	var story []string
	tell := func(name string, errno netbsd.Errno, v ...any) {
		s := name + ":"
		if errno != 0 {
			s += " " + errno.Name()
		} else {
			for _, v := range v {
				s += fmt.Sprintf(" %v", v)
			}
		}
		story = append(story, s)
	}
	open := func(path string, flags int64) uint64 {
		fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(path).Int(flags).Int(0o644))
		tell("open "+path, errno)
		return fd
	}
	shut := func(fd uint64) { do(t, call(c, netbsd.SYS_CLOSE).Uint(fd)) }
	ioctl := func(fd uint64, cmd netbsd.Ioctl, arg []byte) netbsd.Errno {
		_, errno := do(t, call(c, netbsd.SYS_IOCTL).Uint(fd).Uint(uint64(cmd)).InOut(arg))
		return errno
	}
	set := func(fd uint64, path string, flags int32, g netbsd.Vndgeom) {
		k := call(c, netbsd.SYS_IOCTL).Uint(fd).Uint(uint64(netbsd.VNDIOCSET))
		arg := netbsd.VndIoctl{File: k.Lend([]byte(path+"\x00"), sysproxy.Read), Flags: flags, Geom: g}.Append(nil)
		_, errno := do(t, k.InOut(arg))
		r, _ := netbsd.ParseVndIoctl(arg)
		tell(fmt.Sprintf("VNDIOCSET %s %d %v", path, flags, g), errno, r.Size, r.Osize)
	}
	clear := func(fd uint64, flags int32) {
		tell(fmt.Sprintf("VNDIOCCLR %d", flags), ioctl(fd, netbsd.VNDIOCCLR, netbsd.VndIoctl{Flags: flags}.Append(nil)))
	}
	get := func(fd uint64, unit int32) {
		arg := netbsd.VndUser{Unit: unit}.Append(nil)
		errno := ioctl(fd, netbsd.VNDIOCGET, arg)
		u, _ := netbsd.ParseVndUser(arg)
		tell(fmt.Sprintf("VNDIOCGET %d", unit), errno, u.Unit, u.Ino != 0)
	}
	label := func(fd uint64, name string, cmd netbsd.Ioctl) {
		arg := make([]byte, netbsd.SizeofDisklabel)
		errno := ioctl(fd, cmd, arg)
		l, _ := netbsd.ParseDisklabel(arg)
		tell(name, errno, l.Typename, l.Packname, l.Type, l.Secperunit, l.Secsize, l.Nsectors, l.Ntracks, l.Ncylinders, l.Secpercyl, l.Rpm,
			l.Interleave, l.Flags, l.Npartitions, l.Bbsize, l.Sbsize, l.Checksum == l.Sum(), l.Partitions[:5])
	}
	number := func(fd uint64, name string, cmd netbsd.Ioctl) {
		arg := make([]byte, cmd.Len())
		tell(name, ioctl(fd, cmd, arg), fmt.Sprintf("%x", arg))
	}
	move := func(fd uint64, n netbsd.Sysno, size int, off int64) {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(off/512) + 1
		}
		moved, errno := do(t, call(c, n).Uint(fd).InOut(b).Int(int64(size)).Int(0).Int(off))
		if moved == 0 {
			b[0] = 0 // a real kernel copies out what it happens to have
		}
		tell(fmt.Sprintf("%s %d at %d", n, size, off), errno, moved, b[0])
	}

	f := open("/file", netbsd.O_CREAT|netbsd.O_RDWR)
	do(t, call(c, netbsd.SYS_FTRUNCATE).Uint(f).Int(0).Int(1<<20+100))
	shut(f)
	var none netbsd.Vndgeom
	d := open("/dev/rvnd0d", netbsd.O_RDWR)
	open("/dev/rvnd0a", netbsd.O_RDWR)
	move(d, netbsd.SYS_PREAD, 512, 0)
	label(d, "DIOCGDINFO", netbsd.DIOCGDINFO)
	get(d, 0)
	get(d, -1)
	get(d, 4)
	get(d, -2)
	clear(d, 0)
	set(d, "/nosuch", 0, none)
	set(d, "/", 0, none)
	set(d, "/dev/null", 0, none)
	set(d, "/file", netbsd.VNDIOF_HASGEOM, netbsd.Vndgeom{Secsize: 100, Nsectors: 1, Ntracks: 1, Ncylinders: 1})
	set(d, "/file", netbsd.VNDIOF_HASGEOM, netbsd.Vndgeom{Secsize: 512, Nsectors: 1 << 10, Ntracks: 3, Ncylinders: 1})
	r := open("/dev/rvnd0d", netbsd.O_RDONLY)
	set(r, "/file", 0, none)
	shut(r)
	set(d, "/file", 0, none)
	set(d, "/file", 0, none)
	get(d, 0)
	shut(d)

	d = open("/dev/rvnd0d", netbsd.O_RDWR)
	label(d, "DIOCGDINFO", netbsd.DIOCGDINFO)
	label(d, "DIOCGDEFLABEL", netbsd.DIOCGDEFLABEL)
	number(d, "DIOCGSECTORSIZE", netbsd.DIOCGSECTORSIZE)
	number(d, "DIOCGMEDIASIZE", netbsd.DIOCGMEDIASIZE)
	number(d, "DIOCGCACHE", netbsd.DIOCGCACHE)
	move(d, netbsd.SYS_PWRITE, 1024, 1024)
	move(d, netbsd.SYS_PREAD, 512, 1536)
	move(d, netbsd.SYS_PWRITE, 100, 0)
	move(d, netbsd.SYS_PREAD, 512, 100)
	move(d, netbsd.SYS_PREAD, 1024, 1<<20-512)
	move(d, netbsd.SYS_PREAD, 512, 1<<20)
	move(d, netbsd.SYS_PREAD, 512, 1<<20+512)
	move(d, netbsd.SYS_PWRITE, 1024, 1<<20-512)
	move(d, netbsd.SYS_PWRITE, 512, 1<<20)
	move(d, netbsd.SYS_PWRITE, 512, 1<<20+512)
	a := open("/dev/rvnd0a", netbsd.O_RDWR)
	move(a, netbsd.SYS_PWRITE, 512, 512)
	move(a, netbsd.SYS_PWRITE, 512, 1024)
	clear(d, 0)
	shut(a)
	b := open("/dev/vnd0d", netbsd.O_RDONLY)
	move(b, netbsd.SYS_PREAD, 10, 1030)
	clear(d, 0)
	shut(b)
	clear(d, 0)
	get(d, 0)
	move(d, netbsd.SYS_PREAD, 512, 0)
	shut(d)

	d = open("/dev/rvnd0d", netbsd.O_RDWR)
	set(d, "/file", netbsd.VNDIOF_READONLY, none)
	shut(d)
	d = open("/dev/rvnd0d", netbsd.O_RDWR)
	move(d, netbsd.SYS_PREAD, 512, 1536)
	move(d, netbsd.SYS_PWRITE, 512, 0)
	clear(d, 0)
	shut(d)
	return story
}
