package rump

import (
	"context"
	"io"
	"io/fs"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A File is an open file of a kernel. It is an io.Reader, io.Writer,
// io.ReaderAt, io.WriterAt, io.Seeker, io.ReaderFrom, io.WriterTo and an
// fs.ReadDirFile, and may be used by many goroutines at once, as a descriptor
// may.
//
// The methods of those interfaces have no context of their own: they use the one
// which the file was opened with. When it ends, they return; Close works all the
// same. WithContext gives the same open file another context, for one transfer
// or for all that follow.
type File struct {
	k    *Kernel
	ctx  context.Context
	name string
	open *openFile
}

// openFile is what a File and its copies by WithContext share.
type openFile struct {
	fd     FD
	closed atomic.Bool

	once    sync.Once
	regular bool

	dirMu   sync.Mutex
	entries []fs.DirEntry // read and not yet returned
}

// Open opens a file: open(2) with O_RDONLY, O_CREAT and the other flags of
// [netbsd], and the permissions of a file that it makes. The context is that of
// the File's methods, too.
func (k *Kernel) Open(ctx context.Context, name string, flags int, mode uint32) (*File, error) {
	fd, err := k.OpenFD(ctx, name, flags, mode)
	if err != nil {
		return nil, err
	}
	return k.NewFile(ctx, fd, name), nil
}

// NewFile makes a File of a descriptor, which it takes over. The name is for
// messages, and for the entries of a directory.
func (k *Kernel) NewFile(ctx context.Context, fd FD, name string) *File {
	return &File{k: k, ctx: ctx, name: name, open: &openFile{fd: fd}}
}

// Pipe makes a pipe: what is written to w can be read from r.
func (k *Kernel) Pipe(ctx context.Context) (r, w *File, err error) {
	rfd, wfd, err := k.PipeFD(ctx)
	if err != nil {
		return nil, nil, err
	}
	return k.NewFile(ctx, rfd, "pipe"), k.NewFile(ctx, wfd, "pipe"), nil
}

// WithContext returns the same open file with another context. Closing either
// closes both.
func (f *File) WithContext(ctx context.Context) *File {
	g := *f
	g.ctx = ctx
	return &g
}

// Name returns the name that the file was opened with.
func (f *File) Name() string { return f.name }

// FD returns the file's descriptor.
func (f *File) FD() FD { return f.open.fd }

// Kernel returns the process that has the file open.
func (f *File) Kernel() *Kernel { return f.k }

// check returns an error if the file is closed: its descriptor may by now belong
// to another.
func (f *File) check(op string) error {
	if f.open.closed.Load() {
		return &fs.PathError{Op: op, Path: f.name, Err: fs.ErrClosed}
	}
	return nil
}

// Close closes the descriptor.
func (f *File) Close() error {
	if f.open.closed.Swap(true) {
		return &fs.PathError{Op: "close", Path: f.name, Err: fs.ErrClosed}
	}
	_, err := f.k.onFD(context.WithoutCancel(f.ctx), netbsd.SYS_CLOSE, "close", f.open.fd, f.name)
	return err
}

// Read reads with one read(2).
func (f *File) Read(p []byte) (int, error) {
	if err := f.check("read"); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err := f.k.ReadFD(f.ctx, f.open.fd, p, f.name)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// Write writes all of p, with as many write(2) as that takes.
func (f *File) Write(p []byte) (int, error) {
	if err := f.check("write"); err != nil {
		return 0, err
	}
	return writeAll(p, func(p []byte, _ int) (int, error) {
		return f.k.WriteFD(f.ctx, f.open.fd, p, f.name)
	})
}

// writeAll goes on writing until everything is written or nothing moves.
func writeAll(p []byte, write func(p []byte, done int) (int, error)) (int, error) {
	done := 0
	for {
		n, err := write(p[done:], done)
		done += n
		if err != nil || done == len(p) {
			return done, err
		}
		if n == 0 {
			return done, io.ErrShortWrite
		}
	}
}

// ReadAt reads at an offset with pread(2), until p is full or the file ends. A
// large read of a regular file is made of several in flight at once.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if err := f.check("pread"); err != nil {
		return 0, err
	}
	if len(p) > chunkSize && f.isRegular() {
		return f.readAtMany(p, off)
	}
	return f.readAt(f.ctx, p, off)
}

func (f *File) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := f.k.PreadFD(ctx, f.open.fd, p[done:], off+int64(done), f.name)
		done += n
		if err != nil {
			return done, err
		}
		if n == 0 {
			return done, io.EOF
		}
	}
	return done, nil
}

// WriteAt writes all of p at an offset with pwrite(2).
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if err := f.check("pwrite"); err != nil {
		return 0, err
	}
	return writeAll(p, func(p []byte, done int) (int, error) {
		return f.k.PwriteFD(f.ctx, f.open.fd, p, off+int64(done), f.name)
	})
}

// Readv reads into several buffers with one readv(2).
func (f *File) Readv(bufs [][]byte) (int, error) {
	if err := f.check("readv"); err != nil {
		return 0, err
	}
	n, err := f.k.ReadvFD(f.ctx, f.open.fd, bufs, f.name)
	if n == 0 && err == nil {
		for _, b := range bufs {
			if len(b) > 0 {
				return 0, io.EOF
			}
		}
	}
	return n, err
}

// Writev writes several buffers with one writev(2), and may write less than all
// of them.
func (f *File) Writev(bufs [][]byte) (int, error) {
	if err := f.check("writev"); err != nil {
		return 0, err
	}
	return f.k.WritevFD(f.ctx, f.open.fd, bufs, f.name)
}

// Seek sets the offset of the next Read or Write.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	if err := f.check("lseek"); err != nil {
		return 0, err
	}
	return f.k.SeekFD(f.ctx, f.open.fd, offset, whence, f.name)
}

// Stat describes the file: fstat(2). Its Sys is a *netbsd.Stat.
func (f *File) Stat() (fs.FileInfo, error) {
	st, err := f.Fstat()
	if err != nil {
		return nil, err
	}
	return &FileInfo{path.Base(f.name), st}, nil
}

// Fstat describes the file as the kernel does.
func (f *File) Fstat() (netbsd.Stat, error) {
	if err := f.check("fstat"); err != nil {
		return netbsd.Stat{}, err
	}
	return f.k.StatFD(f.ctx, f.open.fd, f.name)
}

// Statvfs describes the file system that the file is on: fstatvfs(2).
func (f *File) Statvfs() (netbsd.Statvfs, error) {
	if err := f.check("fstatvfs"); err != nil {
		return netbsd.Statvfs{}, err
	}
	buf := make([]byte, netbsd.SizeofStatvfs)
	c := f.k.call(netbsd.SYS_FSTATVFS1).Int(int64(f.open.fd)).Out(buf).Int(netbsd.MNT_WAIT)
	if _, err := f.k.do(f.ctx, c, "fstatvfs", f.name); err != nil {
		return netbsd.Statvfs{}, err
	}
	return netbsd.ParseStatvfs(buf)
}

// simple makes a system call on the descriptor whose result does not matter.
func (f *File) simple(n netbsd.Sysno, op string, args ...uint64) error {
	if err := f.check(op); err != nil {
		return err
	}
	_, err := f.k.onFD(f.ctx, n, op, f.open.fd, f.name, args...)
	return err
}

// Truncate sets the file's length: ftruncate(2).
func (f *File) Truncate(length int64) error {
	return f.simple(netbsd.SYS_FTRUNCATE, "ftruncate", 0, uint64(length))
}

// Sync writes the file to its disk: fsync(2).
func (f *File) Sync() error { return f.simple(netbsd.SYS_FSYNC, "fsync") }

// Datasync writes the file's content to its disk: fdatasync(2).
func (f *File) Datasync() error { return f.simple(netbsd.SYS_FDATASYNC, "fdatasync") }

// Chmod sets the permission bits: fchmod(2).
func (f *File) Chmod(mode uint32) error { return f.simple(netbsd.SYS_FCHMOD, "fchmod", uint64(mode)) }

// Chown sets owner and group; -1 leaves one as it is: fchown(2).
func (f *File) Chown(uid, gid int) error {
	return f.simple(netbsd.SYS_FCHOWN, "fchown", uint64(uint32(uid)), uint64(uint32(gid)))
}

// Chflags sets file flags: fchflags(2).
func (f *File) Chflags(flags uint32) error {
	return f.simple(netbsd.SYS_FCHFLAGS, "fchflags", uint64(flags))
}

// Chdir makes the directory the working folder of the process: fchdir(2).
func (f *File) Chdir() error { return f.simple(netbsd.SYS_FCHDIR, "fchdir") }

// Flock locks or unlocks the file: flock(2).
func (f *File) Flock(how int) error { return f.simple(netbsd.SYS_FLOCK, "flock", uint64(how)) }

// Utimes sets the times of last access and modification: futimens(2).
func (f *File) Utimes(atime, mtime netbsd.Timespec) error {
	if err := f.check("futimens"); err != nil {
		return err
	}
	times := mtime.Append(atime.Append(nil))
	_, err := f.k.do(f.ctx, f.k.call(netbsd.SYS_FUTIMENS).Int(int64(f.open.fd)).In(times), "futimens", f.name)
	return err
}

// Pathconf returns a limit or property of the file, PC_*: fpathconf(2).
func (f *File) Pathconf(name int) (int64, error) {
	if err := f.check("fpathconf"); err != nil {
		return 0, err
	}
	r, err := f.k.onFD(f.ctx, netbsd.SYS_FPATHCONF, "fpathconf", f.open.fd, f.name, uint64(name))
	return int64(r.R0), err
}

// Fcntl manipulates the descriptor: fcntl(2).
func (f *File) Fcntl(cmd int, arg int64) (int, error) {
	if err := f.check("fcntl"); err != nil {
		return 0, err
	}
	return f.k.Fcntl(f.ctx, f.open.fd, cmd, arg, f.name)
}

// Lock sets, clears or asks for a record lock: fcntl(2) with F_GETLK, F_SETLK or
// F_SETLKW.
func (f *File) Lock(cmd int, l *netbsd.Flock) error {
	if err := f.check("fcntl"); err != nil {
		return err
	}
	return f.k.FcntlFlock(f.ctx, f.open.fd, cmd, l, f.name)
}

// Ioctl performs an ioctl(2) on the file.
func (f *File) Ioctl(req netbsd.Ioctl, arg []byte) error {
	if err := f.check("ioctl"); err != nil {
		return err
	}
	return f.k.Ioctl(f.ctx, f.open.fd, req, arg, f.name)
}

// Dup returns another descriptor of the same open file, with which it shares the
// offset: dup(2).
func (f *File) Dup() (*File, error) {
	if err := f.check("dup"); err != nil {
		return nil, err
	}
	fd, err := f.k.DupFD(f.ctx, f.open.fd)
	if err != nil {
		return nil, err
	}
	return f.k.NewFile(f.ctx, fd, f.name), nil
}

// isRegular reports whether the file is a regular one, which can be read and
// written in any order.
func (f *File) isRegular() bool {
	f.open.once.Do(func() {
		st, err := f.k.StatFD(f.ctx, f.open.fd, f.name)
		f.open.regular = err == nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFREG
	})
	return f.open.regular
}

// A FileInfo describes a file in Go's terms.
type FileInfo struct {
	name string
	stat netbsd.Stat
}

// NewFileInfo returns the FileInfo of a file of that name.
func NewFileInfo(name string, st netbsd.Stat) *FileInfo { return &FileInfo{name, st} }

// Name returns the base name of the file.
func (i *FileInfo) Name() string { return i.name }

// Size returns the length in bytes.
func (i *FileInfo) Size() int64 { return i.stat.Size }

// Mode returns type and permissions.
func (i *FileInfo) Mode() fs.FileMode { return i.stat.FileMode() }

// ModTime returns the time of the last modification.
func (i *FileInfo) ModTime() time.Time { return i.stat.Mtim.Time() }

// IsDir reports whether the file is a directory.
func (i *FileInfo) IsDir() bool { return i.Mode().IsDir() }

// Sys returns the *netbsd.Stat.
func (i *FileInfo) Sys() any { return &i.stat }
