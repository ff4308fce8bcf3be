package rump_test

import (
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// TestMounts mounts file systems of many types and unmounts them.
func TestMounts(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	var want []string
	for _, c := range []struct {
		dir   string
		what  rump.FileSystem
		flags int
	}{
		{"/mnt", rump.Tmpfs{Size: 4 << 20, Nodes: 100, Uid: 5, Gid: 6, Mode: 0o1777}, 0},
		{"/kern", rump.Kernfs{}, 0},
		{"/quiet", rump.Tmpfs{}, netbsd.MNT_RDONLY | netbsd.MNT_NOSUID | netbsd.MNT_NOATIME},
	} {
		if err := k.MkdirAll(ctx, c.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := k.Mount(ctx, c.dir, c.flags, c.what); err != nil {
			t.Fatal(err)
		}
		want = append(want, c.dir+" "+c.what.Type())
	}
	mounts, err := k.Mounts(ctx, netbsd.MNT_NOWAIT)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range mounts {
		if m.Mntonname != "/" {
			got = append(got, m.Mntonname+" "+m.Fstypename)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mounts (-want +got):\n%s", d)
	}
	st, err := k.Stat(ctx, "/mnt")
	if err != nil || st.Uid != 5 || st.Gid != 6 || st.Mode != netbsd.S_IFDIR|0o1777 {
		t.Errorf("the root of the tmpfs: %+v, %v", st, err)
	}
	if v, err := k.Statvfs(ctx, "/mnt"); err != nil || v.Blocks*v.Frsize != 4<<20 || v.Files > 100 {
		t.Errorf("statvfs: %+v, %v", v, err)
	}
	if err := k.Mkdir(ctx, "/quiet/x", 0o755); !errors.Is(err, netbsd.EROFS) {
		t.Errorf("mkdir on a read-only file system: %v", err)
	}
	if err := k.Mount(ctx, "/nowhere", 0, rump.Tmpfs{}); !errors.Is(err, netbsd.ENOENT) {
		t.Errorf("mount on what is not there: %v", err)
	}
	if err := k.Mount(ctx, "/mnt", 0, rump.OtherFS{Name: "nosuchfs"}); err == nil {
		t.Error("a file system of no type has been mounted")
	}
	if err := k.Mount(ctx, "/mnt", 0, rump.FFS{Device: "/kern/version"}); !errors.Is(err, netbsd.ENOTBLK) {
		t.Errorf("an FFS on what is no disk: %v", err)
	}

	busy, err := k.Open(ctx, "/mnt/busy", netbsd.O_CREAT|netbsd.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Unmount(ctx, "/mnt", 0); !errors.Is(err, netbsd.EBUSY) {
		t.Errorf("unmount of what is in use: %v", err)
	}
	if err := k.Unmount(ctx, "/mnt", netbsd.MNT_FORCE); err != nil {
		t.Errorf("forced: %v", err)
	}
	if _, err := busy.Write([]byte("x")); err == nil {
		t.Error("a file outlives its file system")
	}
	busy.Close()
	for _, dir := range []string{"/kern", "/quiet"} {
		if err := k.Unmount(ctx, dir, 0); err != nil {
			t.Error(err)
		}
	}
}

// TestVnd makes a file a disk.
func TestVnd(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	const size = 1 << 20
	if err := k.WriteFile(ctx, "/file", make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func() *rump.File {
		f, err := k.Open(ctx, "/dev/rvnd0d", netbsd.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	vnd := open()
	c, err := vnd.ConfigureVnd("/file", 0, netbsd.Vndgeom{})
	if err != nil || c.Size != size {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := vnd.ConfigureVnd("/file", 0, netbsd.Vndgeom{}); !errors.Is(err, netbsd.EBUSY) {
		t.Errorf("configured twice: %v", err)
	}
	vnd.Close()
	vnd = open() // the label is there from now on
	defer func() { vnd.Close() }()
	st, err := k.Stat(ctx, "/file")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := vnd.VndUser(0); err != nil || u.Ino != st.Ino {
		t.Errorf("%+v, %v; the file's inode is %d", u, err, st.Ino)
	}
	if l, err := vnd.Disklabel(); err != nil || l.Secsize != 512 || l.Secperunit != size/512 {
		t.Errorf("label: %+v, %v", l, err)
	}
	sector := make([]byte, 512)
	copy(sector, "sector 7")
	if _, err := vnd.WriteAt(sector, 7*512); err != nil {
		t.Error(err)
	}
	f, err := k.Open(ctx, "/file", netbsd.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, 8)
	if _, err := f.ReadAt(got, 7*512); err != nil || string(got) != "sector 7" {
		t.Errorf("%q, %v", got, err)
	}
	if err := vnd.UnconfigureVnd(0); err != nil {
		t.Error(err)
	}
	if _, err := vnd.ReadAt(sector, 0); err == nil {
		t.Error("a disk outlives its file")
	}
}

// TestLocksAndPipes locks a file in two processes, and sends bytes through a pipe.
func TestLocksAndPipes(t *testing.T) {
	k, s := vfsKernel(t)
	ctx := t.Context()
	other, err := rump.Dial(ctx, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	open := func(k *rump.Kernel) *rump.File {
		f, err := k.Open(ctx, "/locked", netbsd.O_CREAT|netbsd.O_RDWR, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	mine, theirs := open(k), open(other)
	defer theirs.Close()
	if err := mine.Flock(netbsd.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Flock(netbsd.LOCK_EX | netbsd.LOCK_NB); !errors.Is(err, netbsd.EWOULDBLOCK) {
		t.Errorf("locked twice: %v", err)
	}
	mine.Flock(netbsd.LOCK_UN)
	if err := mine.Lock(netbsd.F_SETLK, &netbsd.Flock{Start: 10, Len: 5, Type: netbsd.F_WRLCK}); err != nil {
		t.Fatal(err)
	}
	pid, err := k.Getpid(ctx)
	if err != nil {
		t.Fatal(err)
	}
	l := netbsd.Flock{Start: 0, Len: 100, Type: netbsd.F_RDLCK}
	if err := theirs.Lock(netbsd.F_GETLK, &l); err != nil || l.Start != 10 || l.Len != 5 || int(l.Pid) != pid {
		t.Errorf("%+v, %v", l, err)
	}
	mine.Close()
	if err := theirs.Lock(netbsd.F_SETLK, &netbsd.Flock{Type: netbsd.F_WRLCK}); err != nil {
		t.Errorf("after the close: %v", err)
	}

	r, w, err := k.PipeFD(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in, out := k.NewFile(ctx, r, "r"), k.NewFile(ctx, w, "w")
	go func() {
		out.Write([]byte("through the pipe"))
		out.Close()
	}()
	if b, err := io.ReadAll(in); err != nil || string(b) != "through the pipe" {
		t.Errorf("%q, %v", b, err)
	}
	in.Close()
}

// TestModulesAndRandom reads what the kernel says of its modules and its random
// numbers.
func TestModulesAndRandom(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	mods, err := k.Modules(ctx)
	if err != nil || len(mods) == 0 {
		t.Errorf("modules: %v, %v", mods, err)
	}
	if err := k.LoadModule(ctx, "nosuchmodule", 0); err == nil {
		t.Error("a module that does not exist has been loaded")
	}
	if pool, err := k.RandomPool(ctx); err != nil || pool.Poolsize == 0 {
		t.Errorf("pool: %+v, %v", pool, err)
	}
	if sources, err := k.RandomSources(ctx); err != nil || len(sources) == 0 {
		t.Errorf("sources: %v, %v", sources, err)
	}
}
