package vfs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// hostFile is a part of a file of the host.
type hostFile struct {
	f        *os.File
	offset   int64
	size     int64
	readonly bool
	fixed    bool // it does not grow
}

func (h *hostFile) readAt(b []byte, off int64) (int, netbsd.Errno) {
	if h.fixed {
		if off >= h.size {
			return 0, 0
		}
		b = b[:min(int64(len(b)), h.size-off)]
	}
	n, err := h.f.ReadAt(b, h.offset+off)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, netbsd.EIO
	}
	return n, 0
}

func (h *hostFile) writeAt(b []byte, off int64) netbsd.Errno {
	if h.readonly {
		return netbsd.EACCES
	}
	if _, err := h.f.WriteAt(b, h.offset+off); err != nil {
		return netbsd.EIO
	}
	return 0
}

// HostDisk is a file of the host that appears in the kernel.
type HostDisk struct {
	Key      string // an absolute path in the kernel
	Path     string
	Kind     uint32 // S_IFBLK, S_IFCHR or S_IFREG
	Offset   int64
	Size     int64 // 0 is up to the end
	ReadOnly bool
}

// AddDisk makes a file of the host appear in the kernel's root folder.
func (fs *FS) AddDisk(d HostDisk) error {
	name := strings.TrimLeft(d.Key, "/")
	if !strings.HasPrefix(d.Key, "/") || name == "" {
		return fmt.Errorf("disk %q: the name in the kernel must be an absolute path", d.Key)
	}
	f, err := os.OpenFile(d.Path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrPermission) || d.ReadOnly && err == nil {
		if err == nil {
			f.Close()
		}
		d.ReadOnly = true
		f, err = os.Open(d.Path)
	}
	if err != nil {
		return fmt.Errorf("disk %s: %w", d.Key, err)
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		f.Close()
		return fmt.Errorf("disk %s: %w", d.Key, err)
	}
	if d.Size == 0 {
		d.Size = end - d.Offset
	}
	if d.Offset < 0 || d.Size < 0 || d.Offset > end || d.Offset+d.Size > end {
		f.Close()
		return fmt.Errorf("disk %s: %s has %d bytes, which is less than %d from %d on", d.Key, d.Path, end, d.Size, d.Offset)
	}
	h := &hostFile{f: f, offset: d.Offset, size: d.Size, readonly: d.ReadOnly, fixed: d.Kind != netbsd.S_IFREG}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.rootfs.hosts[name] != nil {
		f.Close()
		return fmt.Errorf("disk %s: %w", d.Key, netbsd.EEXIST)
	}
	fs.closers = append(fs.closers, func() { f.Close() })
	a := newNode{kind: d.Kind, mode: 0o755}
	if d.Kind != netbsd.S_IFREG {
		minor, errno := fs.diskMinor(d.Path)
		if errno != 0 {
			return fmt.Errorf("disk %s: %w", d.Key, errno)
		}
		a.rdev = netbsd.Makedev(diskMajor, minor)
		for _, block := range [...]bool{true, false} {
			fs.drivers[deviceKey{block: block, major: diskMajor}] = func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
				return fs.openDisk(block, minor, flags)
			}
		}
	}
	n := fs.rootfs.newNode(a, d.Size)
	n.host = h
	fs.rootfs.hosts[name] = n
	return nil
}

// maxDisks is how many files of the host may be disks (RUMPBLK_SIZE).
const maxDisks = 16

// diskMinor returns the number of the disk that is a file of the host.
func (fs *FS) diskMinor(path string) (uint32, netbsd.Errno) {
	for i, have := range fs.diskPaths {
		if have == path {
			return uint32(i), 0
		}
	}
	if len(fs.diskPaths) == maxDisks {
		return 0, netbsd.EBUSY
	}
	fs.diskPaths = append(fs.diskPaths, path)
	return uint32(len(fs.diskPaths) - 1), 0
}

// openDisk is the driver of all disks that are files of the host. A file may be
// there under several names, as a block device and as a raw one.
func (fs *FS) openDisk(block bool, minor, flags uint32) (Device, netbsd.Errno) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, n := range fs.rootfs.hosts {
		if n.isDevice() && netbsd.Minor(n.rdev) == minor {
			if n.host.readonly && flags&kern.FWRITE != 0 {
				return nil, netbsd.EACCES
			}
			return &hostDisk{diskDevice: diskDevice{data: n.host, block: block}, h: n.host, part: minor}, 0
		}
	}
	return nil, netbsd.ENXIO
}

// blocks are the bytes of a disk.
type blocks interface {
	readAt(b []byte, off int64) (int, netbsd.Errno)
	writeAt(b []byte, off int64) netbsd.Errno
	length() int64
}

// diskDevice is an open disk.
type diskDevice struct {
	kern.Unsupported
	data  blocks
	block bool // a block device, which is read and written in any pieces
}

// hostDisk is an open disk that is a file of the host.
type hostDisk struct {
	diskDevice
	h    *hostFile
	part uint32
}

func (h *hostFile) length() int64 { return h.size }

func (d *diskDevice) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if errno := d.aligned(pos); errno != 0 {
		return errno
	}
	if !d.block && u.Resid%sectorSize != 0 {
		return 0 // a rump kernel reads nothing, and says nothing of it
	}
	buf := make([]byte, u.Chunk(bufferSize))
	for u.Resid > 0 {
		n, errno := d.data.readAt(buf[:u.Chunk(bufferSize)], pos)
		if errno != 0 || n == 0 {
			return errno
		}
		if errno := u.Put(buf[:n]); errno != 0 {
			return errno
		}
		pos += int64(n)
	}
	return 0
}

func (d *diskDevice) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if errno := d.aligned(pos); errno != 0 {
		return errno
	}
	if !d.block && (u.Resid%sectorSize != 0 || pos > d.data.length()) {
		return netbsd.EINVAL
	}
	buf := make([]byte, u.Chunk(bufferSize))
	for u.Resid > 0 {
		if pos >= d.data.length() {
			return 0
		}
		b := buf[:min(int64(u.Chunk(bufferSize)), d.data.length()-pos)]
		if errno := u.Take(b); errno != 0 {
			return errno
		}
		if errno := d.data.writeAt(b, pos); errno != 0 {
			return errno
		}
		pos += int64(len(b))
	}
	return 0
}

// aligned checks that a character device is used from the start of a sector.
func (d *diskDevice) aligned(pos int64) netbsd.Errno {
	if pos < 0 || !d.block && pos%sectorSize != 0 {
		return netbsd.EINVAL
	}
	return 0
}

// label is the disklabel that a rump kernel makes up for a disk: one partition,
// of the whole.
func (h *hostFile) label(part uint32) netbsd.Disklabel {
	sectors := uint32(h.size / sectorSize)
	l := netbsd.Disklabel{
		Magic: netbsd.DISKMAGIC, Magic2: netbsd.DISKMAGIC, Type: netbsd.DKTYPE_RUMPD, Typename: "rumpd", Packname: "fictitious",
		Secperunit: uint32(h.size), Secsize: sectorSize, Nsectors: sectors, Ntracks: 1, Ncylinders: 1, Secpercyl: sectors,
		Rpm: 11, Interleave: 1, Npartitions: uint16(part) + 1,
	}
	l.Partitions[part].Size = sectors
	return l
}

func (d *hostDisk) Ioctl(c *kern.Call, f *kern.OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.DIOCGMEDIASIZE:
		binary.LittleEndian.PutUint64(data, uint64(d.h.size))
	case netbsd.DIOCGDINFO:
		copy(data, d.h.label(d.part).Append(nil))
	case netbsd.DIOCCACHESYNC:
		if err := d.h.f.Sync(); err != nil {
			return netbsd.EIO
		}
	default:
		return netbsd.ENOTTY
	}
	return 0
}

func (d *diskDevice) Poll(c *kern.Call, f *kern.OpenFile, events int16) int16 {
	return events & (netbsd.POLLIN | netbsd.POLLOUT | netbsd.POLLRDNORM | netbsd.POLLWRNORM)
}

// diskSource finds the disk that is to be mounted, whose name is the first of
// the arguments.
func diskSource(c *kern.Call, fs *FS, data []byte) (any, netbsd.Errno) {
	if len(data) < 8 {
		return nil, netbsd.EINVAL
	}
	addr := binary.LittleEndian.Uint64(data)
	if addr == 0 {
		return nil, netbsd.EINVAL
	}
	path, errno := c.CopyinString(addr, netbsd.PATH_MAX)
	if errno != 0 {
		return nil, errno
	}
	r := fs.request(c, forLookup, true)
	return nil, fs.with(func() netbsd.Errno {
		f, errno := fs.namei(path, r)
		if errno == 0 && f.node.kind != netbsd.S_IFBLK {
			errno = netbsd.ENOTBLK
		}
		return errno
	})
}

// noFormat refuses to mount a disk: the fake reads none of their formats.
func noFormat(*kern.Call, *FS, *mount, []byte, any) (filesystem, netbsd.Errno) {
	return nil, netbsd.ENODEV
}
