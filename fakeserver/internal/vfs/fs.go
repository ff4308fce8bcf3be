package vfs

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// FS is the files of one kernel: what is mounted, and the drivers of devices.
type FS struct {
	k *kern.Kernel

	mu        sync.Mutex
	root      *mount
	mounts    []*mount // in the order in which they were made
	types     []fstype
	drivers   map[deviceKey]Driver
	opens     map[deviceKey]int // descriptions of block devices, of which there may be one
	rootfs    *rumpfs
	closers   []func()
	fsnum     uint32       // of the mount that got its number last, whatever its type
	watch     kern.Selinfo // who waits for a lock
	diskPaths []string
	buffers   sync.Pool // of *[bufferSize]byte
	taken     int64     // bytes of files of rumpfs
}

// fstype is a type of file system that can be mounted.
type fstype struct {
	name string
	// min is how long the arguments are if the caller does not say.
	min int
	// mount makes a file system; it sets up m's root. It is called with the
	// FS's lock held, and nil for a type which the kernel knows but the fake
	// cannot mount.
	mount func(c *kern.Call, fs *FS, m *mount, data []byte, args any) (filesystem, netbsd.Errno)
	// prepare, if set, reads from the caller's memory what the arguments point
	// to, before the lock is taken.
	prepare func(c *kern.Call, fs *FS, data []byte) (any, netbsd.Errno)
}

// mount is a mounted file system.
type mount struct {
	fs      filesystem
	typ     string
	root    *node
	on      *node // what it covers; nil for /
	point   string
	from    string
	flags   uint32
	fsid    netbsd.Fsid
	owner   uint32
	namemax uint64
	stat    netbsd.Statvfs // as it was when it was asked for last
	busy    int            // open files, working folders, mounts on it
	gone    bool
}

func (m *mount) readonly() bool { return m.flags&netbsd.MNT_RDONLY != 0 }

// New makes the root file system, with /dev and /tmp, adds the system calls to
// the kernel, and gives each process a working folder.
func New(k *kern.Kernel) *FS {
	fs := &FS{k: k, drivers: make(map[deviceKey]Driver), opens: make(map[deviceKey]int), fsnum: 1}
	r := &rumpfs{fs: fs, hosts: make(map[string]*node), nextIno: 2}
	m := &mount{fs: r, typ: "rumpfs", point: "/", from: "rumpfs", flags: netbsd.MNT_LOCAL | netbsd.MNT_ROOTFS, namemax: rumpfsName}
	r.mnt = m
	fs.root, fs.rootfs = m, r
	m.root = r.newRoot()
	fs.addMount(m)
	m.stat.Iosize = sectorSize
	fs.copyInfo(m, &m.stat)
	fs.AddType("rumpfs")
	r.create(m.root, "dev", newNode{kind: netbsd.S_IFDIR, mode: 0o755})
	r.create(m.root, "tmp", newNode{kind: netbsd.S_IFDIR, mode: 0o1777})
	k.OnProcess = fs.newProcess
	k.CountMemory(func() int64 {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		return fs.used()
	})
	fs.registerCalls()
	fs.registerXattr()
	fs.registerHandles()
	fs.makeBasicDevices()
	k.Sysctl.Handle("vfs.generic.fstypes", func(r *sysctl.Request) netbsd.Errno {
		names := strings.Join(fs.typeNames(), " ")
		return r.GiveText(names, len(names)+1)
	})
	k.CountEvents("rumpblk", "I/O reqs", "async I/O", "bytes read", "bytes written", "bytes written async")
	k.CountEvents("namecache", "entries scanned", "entries collected", "over scan target", "under scan target", "forced reclaims")
	k.Sysctl.Value("vfs.namecache_stats", sysctl.Value{Get: func(*sysctl.Request) ([]byte, netbsd.Errno) {
		return make([]byte, sizeofNchstats), 0 // the fake has no name cache
	}})
	return fs
}

// sizeofNchstats is sizeof(struct nchstats).
const sizeofNchstats = 80

// Close frees what belongs to the host: files of disks.
func (fs *FS) Close() {
	for _, f := range fs.closers {
		f()
	}
}

func (fs *FS) now() time.Time { return fs.k.Now() }

// freeMemory is how many bytes a tmpfs may take, beyond what it has.
func (fs *FS) freeMemory() uint64 {
	n := fs.k.Memory()
	if left, limited := fs.left(); limited {
		n = min(n, left)
	}
	return uint64(n)
}

// left returns how many bytes files may take beyond what they have, if that is
// limited at all.
func (fs *FS) left() (n int64, limited bool) {
	space := fs.k.Limits().Space
	used := fs.used()
	n, limited = fs.k.FreeMemory(used)
	if space != 0 {
		left := max(space-used, 0)
		if !limited || left < n {
			n = left
		}
		limited = true
	}
	return n, limited
}

// used returns how many bytes files take.
func (fs *FS) used() int64 {
	used := fs.taken
	for _, m := range fs.mounts {
		if t, ok := m.fs.(*tmpfs); ok {
			used += int64(t.used)
		}
	}
	return used
}

func (fs *FS) typeNames() []string {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var names []string
	for _, t := range fs.types {
		names = append(names, t.name)
	}
	return names
}

// AddType makes a type of file system known, which can be mounted if the fake
// has it.
func (fs *FS) AddType(name string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	t := fstype{name: name}
	switch name {
	case netbsd.MOUNT_TMPFS:
		t.min = netbsd.SizeofTmpfsArgs
		t.mount = func(c *kern.Call, fs *FS, m *mount, data []byte, _ any) (filesystem, netbsd.Errno) {
			return newTmpfs(fs, m, data)
		}
	case netbsd.MOUNT_RUMPFS:
		t.mount = newRumpfs
	case netbsd.MOUNT_KERNFS:
		t.mount = newKernfs
	case netbsd.MOUNT_FDESC:
		t.mount = newFdesc
	case netbsd.MOUNT_PTYFS:
		t.min = netbsd.SizeofPtyfsArgs
		t.mount = newPtyfs
	case netbsd.MOUNT_NULL:
		t.min = netbsd.SizeofNullArgs
		t.prepare, t.mount = findTarget(t.min), newNullfs
	case netbsd.MOUNT_UNION:
		t.min = netbsd.SizeofUnionArgs
		t.prepare, t.mount = findTarget(t.min), newUnionfs
	case netbsd.MOUNT_FFS, netbsd.MOUNT_EXT2FS:
		t.min = netbsd.SizeofUfsArgs
		t.prepare, t.mount = diskSource, noFormat
	case netbsd.MOUNT_MSDOS:
		t.min = netbsd.SizeofMsdosfsArgs
		t.prepare, t.mount = diskSource, noFormat
	case netbsd.MOUNT_CD9660:
		t.min = netbsd.SizeofIsoArgs
		t.prepare, t.mount = diskSource, noFormat
	}
	fs.types = append(fs.types, t)
}

// makefstype makes a number of a type's name.
func makefstype(name string) int32 {
	var n int32
	for _, c := range []byte(name) {
		n = n<<2 ^ int32(c)
	}
	return n
}

// addMount puts a file system on the list and gives it its number.
func (fs *FS) addMount(m *mount) {
	fs.newFsid(m)
	fs.mounts = append(fs.mounts, m)
}

// newFsid gives a file system a number that none has.
func (fs *FS) newFsid(m *mount) {
	typ := makefstype(m.typ)
	for ; ; fs.fsnum++ {
		id := netbsd.Fsid{Val: [2]int32{int32(netbsd.Makedev(uint32(typ)&0xff, fs.fsnum)), typ}}
		if !slices.ContainsFunc(fs.mounts, func(o *mount) bool { return o.fsid == id }) {
			m.fsid = id
			return
		}
	}
}

// copyInfo fills in what does not depend on the file system.
func (fs *FS) copyInfo(m *mount, s *netbsd.Statvfs) {
	s.Flag = uint64(m.flags & netbsd.MNT_VISFLAGMASK)
	s.Fsidx = m.fsid
	s.Fsid = uint64(int64(m.fsid.Val[0]))
	s.Namemax = m.namemax
	s.Owner = m.owner
	s.Fstypename, s.Mntonname, s.Mntfromname = m.typ, m.point, m.from
}

// statvfs describes a mount: as it is now, or as it was when it was last asked
// for.
func (fs *FS) statvfs(m *mount, flags int) netbsd.Statvfs {
	if flags == netbsd.ST_WAIT || flags == 0 {
		s := netbsd.Statvfs{}
		m.fs.statvfs(&s)
		m.stat = s
	}
	fs.copyInfo(m, &m.stat)
	return m.stat
}

// Driver makes an open device out of a minor number.
type Driver func(c *kern.Call, minor uint32, flags uint32) (Device, netbsd.Errno)

// A Device is what an opened device node does; see kern.File. Embed
// kern.Unsupported for what it does not do. Its Stat is not used.
type Device = kern.File

type deviceKey struct {
	block bool
	major uint32
	minor uint32
}

// RegisterDriver adds the driver of a device's major number.
func (fs *FS) RegisterDriver(block bool, major uint32, d Driver) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.drivers[deviceKey{block: block, major: major}] = d
}

// MakeDevice makes a device node with mode 0644, as the kernel's own are.
func (fs *FS) MakeDevice(path string, block bool, major, minor uint32) {
	kind := uint32(netbsd.S_IFCHR)
	if block {
		kind = netbsd.S_IFBLK
	}
	fs.make(path, newNode{kind: kind, mode: 0o644, rdev: netbsd.Makedev(major, minor)})
}

// MakeFolder makes a folder.
func (fs *FS) MakeFolder(path string, mode uint32) {
	fs.make(path, newNode{kind: netbsd.S_IFDIR, mode: mode})
}

// make makes a file at boot, in a folder that is there.
func (fs *FS) make(path string, a newNode) *node {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	names := strings.Split(strings.TrimPrefix(path, "/"), "/")
	last := len(names) - 1
	dir := fs.root.root
	for _, name := range names[:last] {
		e := dir.dir.find(name)
		if e == nil {
			panic(fmt.Sprintf("vfs: there is no folder for %s", path)) // a mistake in the program
		}
		dir = e.node
	}
	n, _ := fs.rootfs.create(dir, names[last], a) // rumpfs refuses nothing
	return n
}

// newRumpfs mounts another rumpfs.
func newRumpfs(c *kern.Call, fs *FS, m *mount, data []byte, _ any) (filesystem, netbsd.Errno) {
	r := &rumpfs{fs: fs, mnt: m, nextIno: fs.rootfs.nextIno}
	m.flags |= netbsd.MNT_LOCAL
	m.namemax, m.from = rumpfsName, "rumpfs"
	m.root = r.newRoot()
	return r, 0
}

func (r *rumpfs) newRoot() *node {
	n := r.newNode(newNode{kind: netbsd.S_IFDIR, mode: 0o755}, sectorSize)
	n.dir.parent = n
	return n
}

// getargs has nothing to tell and begins a new file system instead, as a rump
// kernel does: with a new number, and empty unless it is the root's.
func (r *rumpfs) getargs(m *mount, data []byte) ([]byte, netbsd.Errno) {
	r.fs.newFsid(m)
	if m != r.fs.root {
		m.root = r.newRoot()
	}
	return data, 0
}
