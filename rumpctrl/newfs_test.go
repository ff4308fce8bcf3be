package rumpctrl_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// newfsCases are sizes in KiB and arguments of newfs and newfs_msdos.
var newfsCases = []struct {
	size int64
	args string
}{
	{16 << 10, "newfs"},
	{16 << 10, "newfs -O 2"},
	{16 << 10, "newfs -O 0"},
	{16 << 10, "newfs -B be"},
	{1 << 10, "newfs -O 2"},
	{40 << 10, "newfs -O 2 -b 8192 -f 1024 -i 2048"},
	{100 << 10, "newfs -b 16k -f 2k -m 3 -o space"},
	{200 << 10, "newfs -O 2"},
	{64 << 10, "newfs -b 4096 -f 4096 -n 2000"},
	{33 << 10, "newfs -s 20000"},
	{1440, "newfs_msdos -I 1 -f 1440"},
	{8 << 10, "newfs_msdos -I 1 -s 16384"},
	{100 << 10, "newfs_msdos -I 1 -F 32 -c 1 -i 2 -k 7 -r 40 -s 204800 -L x"},
	{40 << 10, "newfs_msdos -I 5 -s 81920 -c 2 -O FOO -h 16 -u 32 -o 63 -n 1"},
	{40 << 10, "newfs_msdos -I 5 -s 81920 -b 2048 -e 1000 -m 0xf8"},
}

// TestNewFileSystems makes file systems, and has the kernel mount, fill and empty
// them. Where there is a rump.newfs, the images are the ones it makes, but for
// what is random.
func TestNewFileSystems(t *testing.T) {
	for _, c := range newfsCases {
		t.Run(strings.ReplaceAll(fmt.Sprintf("%s of %d KiB", c.args, c.size), " ", "_"), func(t *testing.T) {
			t.Parallel()
			testNewFileSystem(t, c.size<<10, strings.Fields(c.args))
		})
	}
}

func testNewFileSystem(t *testing.T, size int64, newfs []string) {
	args := strings.Fields("-lrumpvfs -lrumpfs_ffs -lrumpfs_msdos -lrumpdev_disk -lrumpdev")
	for _, name := range []string{"img", "ref"} {
		key := fmt.Sprintf("hostpath=%s.img,size=%d", name, size)
		args = append(args, "-d", "key=/"+name+","+key, "-d", "key=/r"+name+","+key+",type=chr")
	}
	folder := t.TempDir()
	makeDisks(t, folder, args)
	url := rumptest.StartIn(t, folder, args...).URL
	must := func(args ...string) string {
		t.Helper()
		out, status := runUtility(t, url, args, "")
		if status != 0 {
			t.Fatalf("%q: exit status %d\n%s", args, status, out)
		}
		return out
	}
	ffs := newfs[0] == "newfs"
	for try := 1; ; try++ {
		start := time.Now().Unix()
		made := must(append(newfs, "/rimg")...)
		if _, err := exec.LookPath("rump." + newfs[0]); err != nil {
			break
		}
		out, status := realUtility(t, url, append(newfs, "/rref"), "")
		if status != 0 || strings.ReplaceAll(out, "/rref", "/rimg") != made {
			t.Errorf("rump.%s: exit status %d\n%s\nours:\n%s", newfs[0], status, out, made)
		}
		if time.Now().Unix() == start { // the images have the time in them
			sameImages(t, filepath.Join(folder, "img.img"), filepath.Join(folder, "ref.img"), ffs)
			break
		} else if try == 5 {
			t.Log("too slow to make two images in the same second: they are not compared")
			break
		}
	}

	must("mkdir", "/mnt")
	must("mount_"+map[bool]string{true: "ffs", false: "msdos"}[ffs], "/img", "/mnt")
	ctx := context.Background()
	k, err := rump.Dial(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	r := rand.New(rand.NewPCG(1, uint64(size)))
	full := false
	for i := range 60 {
		dir := fmt.Sprintf("/mnt/d%d", i%7)
		if err := k.MkdirAll(ctx, dir, 0o755); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%s/file%d", dir, i)
		err := k.WriteFile(ctx, name, make([]byte, r.IntN(60000)), 0o644)
		if no, _ := rump.Errno(err); no == netbsd.ENOSPC {
			full = true
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if i%5 == 0 {
			if err := k.Unlink(ctx, name); err != nil {
				t.Fatal(err)
			}
		}
	}
	must("df", "/mnt")
	must("umount", "/mnt")
	if _, err := exec.LookPath("rump.fsck_ffs"); err == nil && ffs {
		out := must("fsck_ffs", "-fn", "/rimg")
		for _, bad := range []string{"SALVAGE", "RECONNECT", "ADJUST", "FIX?", "CORRECT", "WRONG"} {
			if strings.Contains(out, bad) && !full {
				t.Errorf("fsck_ffs finds faults (%s):\n%s", bad, out)
				break
			}
		}
	}
	must("mount_"+map[bool]string{true: "ffs", false: "msdos"}[ffs], "-o", "rdonly", "/img", "/mnt")
	must("ls", "-lR", "/mnt")
}

// sameImages compares images. The generations of the inodes of an FFS are random,
// as is half of the file system's id, and the root has a time in nanoseconds.
func sameImages(t *testing.T, ours, theirs string, ffs bool) {
	t.Helper()
	a, err := os.ReadFile(ours)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	roots := 0
	for off := 0; off < len(a); off += 4 {
		if string(a[off:off+4]) == string(b[off:off+4]) {
			continue
		}
		switch in := off % 512; {
		case ffs && (in%128 == 108 || in%256 == 80 || in == 148):
		case ffs && in >= 64 && in < 80 && roots < 4:
			roots++
		default:
			t.Errorf("the images differ at %#x: %x, and %x with rump.newfs", off, a[off:off+4], b[off:off+4])
			return
		}
	}
}
