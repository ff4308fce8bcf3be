package fakeserver_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

var cgdComponents = []string{"rumpvfs", "rumpdev", "rumpdev_disk", "rumpdev_cgd", "rumpkern_crypto"}

// cgdImage makes an empty image of a disk.
func cgdImage(t *testing.T) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(image, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	return image
}

// TestCgd encrypts a disk, on the fake and on a real kernel where there is one.
func TestCgd(t *testing.T) {
	t.Run("fake", func(t *testing.T) {
		image := cgdImage(t)
		_, c := start(t, fakeserver.Config{Components: cgdComponents, Disks: []fakeserver.Disk{{Key: "/disk", HostPath: image, Size: 3 << 20}}})
		if diff := cmp.Diff(cgdWant, cgdStory(t, c, image)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("real", func(t *testing.T) {
		image := cgdImage(t)
		args := []string{"-d", "key=/disk,hostpath=" + image + ",size=host"}
		for _, name := range cgdComponents {
			args = append(args, "-l"+name)
		}
		c, err := sysproxy.Dial(t.Context(), rumptest.Start(t, args...).URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if diff := cmp.Diff(cgdWant, cgdStory(t, c, image)); diff != "" {
			t.Error(diff)
		}
	})
}

// cgdStory makes an encrypted disk in several ways and tells what the kernel
// answered, and what the image is then.
func cgdStory(t *testing.T, c *sysproxy.Client, image string) []string {
	t.Helper()
	var story []string
	tell := func(what string, errno netbsd.Errno, results ...any) {
		s := what + ":"
		if errno != 0 {
			s += " " + errno.Name()
		} else if len(results) > 0 {
			s += " " + fmt.Sprintln(results...)
			s = s[:len(s)-1]
		}
		story = append(story, s)
	}
	open := func(path string, flags int64) uint64 {
		fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(path).Int(flags).Int(0))
		tell("open "+path, errno)
		return fd
	}
	shut := func(fd uint64) { do(t, call(c, netbsd.SYS_CLOSE).Uint(fd)) }
	set := func(fd uint64, disk, alg, iv string, bits, blocksize uint64) {
		k := call(c, netbsd.SYS_IOCTL).Uint(fd).Uint(uint64(netbsd.CGDIOCSET))
		key := make([]byte, bits/8+1)
		for i := range key {
			key[i] = byte(3*i + 1)
		}
		lend := func(s string) uint64 { return k.Lend([]byte(s+"\x00"), sysproxy.Read) }
		arg := netbsd.CgdIoctl{
			Disk: lend(disk), Alg: lend(alg), Ivmethod: lend(iv), Keylen: bits, Key: k.Lend(key, sysproxy.Read), Blocksize: blocksize,
		}.Append(nil)
		_, errno := do(t, k.InOut(arg))
		tell(fmt.Sprintf("CGDIOCSET %s %s %s %d %d", disk, alg, iv, bits, int64(blocksize)), errno)
	}
	ioctl := func(fd uint64, cmd netbsd.Ioctl, arg []byte) netbsd.Errno {
		_, errno := do(t, call(c, netbsd.SYS_IOCTL).Uint(fd).Uint(uint64(cmd)).InOut(arg))
		return errno
	}
	clear := func(fd uint64) {
		tell("CGDIOCCLR", ioctl(fd, netbsd.CGDIOCCLR, netbsd.CgdIoctl{}.Append(nil)))
	}
	get := func(fd uint64, unit int32) {
		arg := netbsd.CgdUser{Unit: unit}.Append(nil)
		errno := ioctl(fd, netbsd.CGDIOCGET, arg)
		u, _ := netbsd.ParseCgdUser(arg)
		tell(fmt.Sprintf("CGDIOCGET %d", unit), errno, u.Unit, u.Dev != 0, u.Alg, u.Blocksize, u.Mode, u.Keylen)
	}
	label := func(fd uint64, name string, cmd netbsd.Ioctl) {
		arg := make([]byte, netbsd.SizeofDisklabel)
		errno := ioctl(fd, cmd, arg)
		l, _ := netbsd.ParseDisklabel(arg)
		tell(name, errno, l.Typename, l.Packname, l.Type, l.Secperunit, l.Secsize, l.Nsectors, l.Ntracks, l.Ncylinders, l.Secpercyl, l.Rpm,
			l.Interleave, l.Flags, l.Npartitions, l.Partitions[:5])
	}
	move := func(fd uint64, n netbsd.Sysno, size int, off int64) {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(i/7) + byte(off/512)
		}
		moved, errno := do(t, call(c, n).Uint(fd).InOut(b).Int(int64(size)).Int(0).Int(off))
		tell(fmt.Sprintf("%s %d at %d", n, size, off), errno, moved, fmt.Sprintf("%x", sha256.Sum256(b[:moved]))[:8])
	}
	sum := func() {
		b, err := os.ReadFile(image)
		if err != nil {
			t.Fatal(err)
		}
		tell("image", 0, fmt.Sprintf("%x", sha256.Sum256(b))[:16])
	}
	const own = ^uint64(0)

	d := open("/dev/rcgd0d", netbsd.O_RDWR)
	open("/dev/rcgd0a", netbsd.O_RDWR)
	move(d, netbsd.SYS_PREAD, 512, 0)
	get(d, -1)
	get(d, 0)
	get(d, -2)
	clear(d)
	label(d, "DIOCGDINFO", netbsd.DIOCGDINFO)
	set(d, "/nosuch", "aes-cbc", "encblkno1", 128, own)
	set(d, "/dev/null", "aes-cbc", "encblkno1", 128, own)
	set(d, "/disk", "rot13", "encblkno1", 128, own)
	set(d, "/disk", "aes-cbc", "encblkno2", 128, own)
	set(d, "/disk", "aes-cbc", "encblkno1", 100, own)
	set(d, "/disk", "aes-cbc", "encblkno1", 128, 64)
	set(d, "/disk", "3des-cbc", "encblkno1", 128, own)
	set(d, "/disk", "blowfish-cbc", "encblkno1", 32, own)
	r := open("/dev/rcgd0d", netbsd.O_RDONLY)
	set(r, "/disk", "aes-cbc", "encblkno1", 128, own)
	shut(r)
	shut(d)
	for _, alg := range []struct {
		name      string
		bits      uint64
		blocksize uint64
	}{{"aes-cbc", 128, own}, {"aes-cbc", 256, 128}, {"3des-cbc", 192, own}, {"blowfish-cbc", 200, 64}} {
		for _, iv := range []string{"encblkno", "encblkno1", "encblkno8"} {
			d := open("/dev/rcgd0d", netbsd.O_RDWR)
			set(d, "/disk", alg.name, iv, alg.bits, alg.blocksize)
			get(d, 0)
			move(d, netbsd.SYS_PWRITE, 2048, 1024)
			move(d, netbsd.SYS_PREAD, 512, 1536)
			clear(d)
			shut(d)
			sum()
		}
	}

	d = open("/dev/rcgd0d", netbsd.O_RDWR)
	set(d, "/disk", "aes-cbc", "encblkno1", 192, own)
	set(d, "/disk", "aes-cbc", "encblkno1", 192, own)
	label(d, "DIOCGDEFLABEL", netbsd.DIOCGDEFLABEL)
	open("/disk", netbsd.O_RDONLY)
	shut(d)
	d = open("/dev/rcgd0d", netbsd.O_RDWR)
	label(d, "DIOCGDINFO", netbsd.DIOCGDINFO)
	move(d, netbsd.SYS_PWRITE, 1024, 0)
	move(d, netbsd.SYS_PWRITE, 100, 0)
	move(d, netbsd.SYS_PREAD, 100, 0)
	move(d, netbsd.SYS_PREAD, 512, 100)
	move(d, netbsd.SYS_PREAD, 1024, 3<<20-512)
	move(d, netbsd.SYS_PREAD, 512, 3<<20)
	move(d, netbsd.SYS_PREAD, 512, 3<<20+512)
	move(d, netbsd.SYS_PWRITE, 1024, 3<<20-512)
	move(d, netbsd.SYS_PWRITE, 512, 3<<20)
	b := open("/dev/cgd0d", netbsd.O_RDWR)
	move(b, netbsd.SYS_PREAD, 700, 300)
	move(b, netbsd.SYS_PWRITE, 700, 300)
	clear(d)
	shut(b)
	move(d, netbsd.SYS_PREAD, 2048, 0)
	clear(d)
	clear(d)
	shut(d)
	sum()
	return story
}

// cgdWant is what a real kernel answers to the calls of cgdStory.
var cgdWant = []string{
	"open /dev/rcgd0d:",
	"open /dev/rcgd0a: ENXIO",
	"pread 512 at 0: ENXIO",
	"CGDIOCGET -1: 0 false  0 0 0",
	"CGDIOCGET 0: 0 false  0 0 0",
	"CGDIOCGET -2: EINVAL",
	"CGDIOCCLR: ENXIO",
	"DIOCGDINFO: ENXIO",
	"CGDIOCSET /nosuch aes-cbc encblkno1 128 -1: ENOENT",
	"CGDIOCSET /dev/null aes-cbc encblkno1 128 -1: ENOTBLK",
	"CGDIOCSET /disk rot13 encblkno1 128 -1: EINVAL",
	"CGDIOCSET /disk aes-cbc encblkno2 128 -1: EINVAL",
	"CGDIOCSET /disk aes-cbc encblkno1 100 -1: EINVAL",
	"CGDIOCSET /disk aes-cbc encblkno1 128 64: EINVAL",
	"CGDIOCSET /disk 3des-cbc encblkno1 128 -1: EINVAL",
	"CGDIOCSET /disk blowfish-cbc encblkno1 32 -1: EINVAL",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno1 128 -1: EBADF",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno 128 -1:",
	"CGDIOCGET 0: 0 true aes-cbc 128 1 128",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 691bb4d61d4d885e",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno1 128 -1:",
	"CGDIOCGET 0: 0 true aes-cbc 16 2 128",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 61da266abda04368",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno8 128 -1:",
	"CGDIOCGET 0: 0 true aes-cbc 128 1 128",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 691bb4d61d4d885e",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno 256 128:",
	"CGDIOCGET 0: 0 true aes-cbc 128 1 256",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 2b54966c6afeff98",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno1 256 128:",
	"CGDIOCGET 0: 0 true aes-cbc 16 2 256",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 6be7d60ab1e6805c",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno8 256 128:",
	"CGDIOCGET 0: 0 true aes-cbc 128 1 256",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 2b54966c6afeff98",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk 3des-cbc encblkno 192 -1:",
	"CGDIOCGET 0: 0 true 3des-cbc 64 1 192",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: f5e5ed734f32df70",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk 3des-cbc encblkno1 192 -1:",
	"CGDIOCGET 0: 0 true 3des-cbc 8 2 192",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 1a35a98a31bb5dbe",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk 3des-cbc encblkno8 192 -1:",
	"CGDIOCGET 0: 0 true 3des-cbc 64 1 192",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: f5e5ed734f32df70",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk blowfish-cbc encblkno 200 64:",
	"CGDIOCGET 0: 0 true blowfish-cbc 64 1 200",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 5efc247e5cb4a509",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk blowfish-cbc encblkno1 200 64:",
	"CGDIOCGET 0: 0 true blowfish-cbc 8 2 200",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 781a4d00baff529e",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk blowfish-cbc encblkno8 200 64:",
	"CGDIOCGET 0: 0 true blowfish-cbc 64 1 200",
	"pwrite 2048 at 1024: 2048 50b0e5e0",
	"pread 512 at 1536: 512 1932674c",
	"CGDIOCCLR:",
	"image: 5efc247e5cb4a509",
	"open /dev/rcgd0d:",
	"CGDIOCSET /disk aes-cbc encblkno1 192 -1:",
	"CGDIOCSET /disk aes-cbc encblkno1 192 -1: EBUSY",
	"DIOCGDEFLABEL: cgd0 fictitious 17 6144 512 2048 1 3 2048 3600 1 0 4 [{0 0 0 0 0 0} {0 0 0 0 0 0} {0 0 0 0 0 0} {6144 0 0 0 0 0} {0 0 0 0 0 0}]",
	"open /disk: EBUSY",
	"open /dev/rcgd0d:",
	"DIOCGDINFO: cgd0 fictitious 17 6144 512 2048 1 3 2048 3600 1 0 4 [{6144 0 0 7 0 0} {0 0 0 0 0 0} {0 0 0 0 0 0} {6144 0 0 0 0 0} {0 0 0 0 0 0}]",
	"pwrite 1024 at 0: 1024 cb183882",
	"pwrite 100 at 0: EINVAL",
	"pread 100 at 0: 0 e3b0c442",
	"pread 512 at 100: EINVAL",
	"pread 1024 at 3145216: 512 34a93eb0",
	"pread 512 at 3145728: 0 e3b0c442",
	"pread 512 at 3146240: 0 e3b0c442",
	"pwrite 1024 at 3145216: 512 dae4678c",
	"pwrite 512 at 3145728: 0 e3b0c442",
	"open /dev/cgd0d:",
	"pread 700 at 300: 700 d8d6e1ad",
	"pwrite 700 at 300: 700 2255b038",
	"CGDIOCCLR: EBUSY",
	"pread 2048 at 0: 2048 31778f70",
	"CGDIOCCLR:",
	"CGDIOCCLR: ENXIO",
	"image: f14012ac653ec6d5",
}
