package rump

import (
	"context"
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// onFD makes a system call whose arguments are a descriptor and numbers.
func (k *Kernel) onFD(ctx context.Context, n netbsd.Sysno, op string, fd FD, object string, rest ...uint64) (sysproxy.Result, error) {
	c := k.call(n).Int(int64(fd))
	for _, a := range rest {
		c.Uint(a)
	}
	return k.do(ctx, c, op, object)
}

// OpenFD opens a file and returns its descriptor: open(2). See also Open.
func (k *Kernel) OpenFD(ctx context.Context, path string, flags int, mode uint32) (FD, error) {
	r, err := k.onPath(ctx, netbsd.SYS_OPEN, "open", path, uint64(flags), uint64(mode))
	return FD(r.R0), err
}

// transfer returns how much a call has moved: never more than was lent.
func transfer(r sysproxy.Result, err error, most int) (int, error) {
	if err != nil {
		return 0, err
	}
	return int(min(r.R0, uint64(most))), nil
}

// What a call has read the kernel may want back: a process that is traced by
// ktrace(1) has its input recorded, from where the process sees it.

// ReadFD reads from a descriptor: read(2). At the end of a file it returns 0 and
// no error.
func (k *Kernel) ReadFD(ctx context.Context, fd FD, p []byte, object string) (int, error) {
	c := k.call(netbsd.SYS_READ).Int(int64(fd)).InOut(p).Int(int64(len(p)))
	r, err := k.do(ctx, c, "read", object)
	return transfer(r, err, len(p))
}

// WriteFD writes to a descriptor: write(2). It may write less than all of p.
func (k *Kernel) WriteFD(ctx context.Context, fd FD, p []byte, object string) (int, error) {
	c := k.call(netbsd.SYS_WRITE).Int(int64(fd)).In(p).Int(int64(len(p)))
	r, err := k.do(ctx, c, "write", object)
	return transfer(r, err, len(p))
}

// PreadFD reads at an offset: pread(2).
func (k *Kernel) PreadFD(ctx context.Context, fd FD, p []byte, off int64, object string) (int, error) {
	c := k.call(netbsd.SYS_PREAD).Int(int64(fd)).InOut(p).Int(int64(len(p))).Uint(0).Int(off)
	r, err := k.do(ctx, c, "pread", object)
	return transfer(r, err, len(p))
}

// PwriteFD writes at an offset: pwrite(2).
func (k *Kernel) PwriteFD(ctx context.Context, fd FD, p []byte, off int64, object string) (int, error) {
	c := k.call(netbsd.SYS_PWRITE).Int(int64(fd)).In(p).Int(int64(len(p))).Uint(0).Int(off)
	r, err := k.do(ctx, c, "pwrite", object)
	return transfer(r, err, len(p))
}

// vector lends buffers and returns a struct iovec for each, and their length.
func vector(c *sysproxy.Call, bufs [][]byte, a sysproxy.Access) ([]byte, int) {
	var iov []byte
	total := 0
	for _, b := range bufs {
		total += len(b)
		iov = binary.LittleEndian.AppendUint64(iov, c.Lend(b, a))
		iov = binary.LittleEndian.AppendUint64(iov, uint64(len(b)))
	}
	return iov, total
}

// ReadvFD reads into several buffers: readv(2).
func (k *Kernel) ReadvFD(ctx context.Context, fd FD, bufs [][]byte, object string) (int, error) {
	c := k.call(netbsd.SYS_READV).Int(int64(fd))
	iov, total := vector(c, bufs, sysproxy.Read|sysproxy.Write)
	r, err := k.do(ctx, c.In(iov).Int(int64(len(bufs))), "readv", object)
	return transfer(r, err, total)
}

// WritevFD writes several buffers: writev(2).
func (k *Kernel) WritevFD(ctx context.Context, fd FD, bufs [][]byte, object string) (int, error) {
	c := k.call(netbsd.SYS_WRITEV).Int(int64(fd))
	iov, total := vector(c, bufs, sysproxy.Read)
	r, err := k.do(ctx, c.In(iov).Int(int64(len(bufs))), "writev", object)
	return transfer(r, err, total)
}

// SeekFD sets a descriptor's offset: lseek(2), whose whence is that of package io.
func (k *Kernel) SeekFD(ctx context.Context, fd FD, offset int64, whence int, object string) (int64, error) {
	r, err := k.onFD(ctx, netbsd.SYS_LSEEK, "lseek", fd, object, 0, uint64(offset), uint64(whence))
	return int64(r.R0), err
}

// StatFD describes the file of a descriptor: fstat(2).
func (k *Kernel) StatFD(ctx context.Context, fd FD, object string) (netbsd.Stat, error) {
	buf := make([]byte, netbsd.SizeofStat)
	if _, err := k.do(ctx, k.call(netbsd.SYS___FSTAT50).Int(int64(fd)).Out(buf), "fstat", object); err != nil {
		return netbsd.Stat{}, err
	}
	return netbsd.ParseStat(buf)
}

// DupFD makes another descriptor for the same open file: dup(2).
func (k *Kernel) DupFD(ctx context.Context, fd FD) (FD, error) {
	r, err := k.onFD(ctx, netbsd.SYS_DUP, "dup", fd, "")
	return FD(r.R0), err
}

// Dup2FD makes to a descriptor for the open file of from: dup2(2).
func (k *Kernel) Dup2FD(ctx context.Context, from, to FD) error {
	_, err := k.onFD(ctx, netbsd.SYS_DUP2, "dup2", from, "", uint64(to))
	return err
}

// Fcntl manipulates a descriptor with a command that takes a number: fcntl(2).
func (k *Kernel) Fcntl(ctx context.Context, fd FD, cmd int, arg int64, object string) (int, error) {
	r, err := k.onFD(ctx, netbsd.SYS_FCNTL, "fcntl", fd, object, uint64(cmd), uint64(arg))
	return int(int32(r.R0)), err
}

// FcntlFlock is Fcntl for the record locks of POSIX: F_GETLK, F_SETLK and
// F_SETLKW. With F_GETLK the kernel changes l.
func (k *Kernel) FcntlFlock(ctx context.Context, fd FD, cmd int, l *netbsd.Flock, object string) error {
	b := l.Append(nil)
	c := k.call(netbsd.SYS_FCNTL).Int(int64(fd)).Int(int64(cmd)).InOut(b)
	if _, err := k.do(ctx, c, "fcntl", object); err != nil {
		return err
	}
	got, err := netbsd.ParseFlock(b)
	if err == nil {
		*l = got
	}
	return err
}

// Flock locks a whole file, LOCK_SH or LOCK_EX, or unlocks it, LOCK_UN: flock(2).
func (k *Kernel) Flock(ctx context.Context, fd FD, how int, object string) error {
	_, err := k.onFD(ctx, netbsd.SYS_FLOCK, "flock", fd, object, uint64(how))
	return err
}

// PipeFD makes a pipe and returns its ends for reading and for writing: pipe(2).
func (k *Kernel) PipeFD(ctx context.Context) (r, w FD, err error) {
	res, err := k.do(ctx, k.call(netbsd.SYS_PIPE), "pipe", "")
	return FD(res.R0), FD(res.R1), err
}

// FchdirFD sets the working folder of the process: fchdir(2).
func (k *Kernel) FchdirFD(ctx context.Context, fd FD) error {
	_, err := k.onFD(ctx, netbsd.SYS_FCHDIR, "fchdir", fd, "")
	return err
}
