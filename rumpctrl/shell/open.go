package shell

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"mvdan.cc/sh/v3/interp"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// open is the interpreter's handler for redirections and the dot command. An
// error that is a *fs.PathError is one of the command, any other one ends the
// shell.
func (sh *Shell) open(ctx context.Context, name string, flag int, _ os.FileMode) (io.ReadWriteCloser, error) {
	hc := handler(ctx)
	if f, ok, err := sh.jobs.open(hc, name); ok {
		return f, err
	}
	path, host := sh.place(hc, name)
	perm := 0o666 &^ umask(hc) // as POSIX has it, where the interpreter says 0644
	if host {
		return os.OpenFile(path, flag, perm)
	}
	if f, ok, err := device(hc, path, flag); ok {
		return f, err
	}
	f, err := sh.openKernel(ctx, hc, path, flag, perm)
	if err == nil {
		return f, nil
	}
	if path == "/dev/random" || path == "/dev/urandom" {
		return os.OpenFile(path, flag, 0)
	}
	return nil, err
}

// device opens what is the same in every kernel, so that it is there where the
// kernel has no file system, and the shell's own streams.
func device(hc *interp.HandlerContext, path string, flag int) (io.ReadWriteCloser, bool, error) {
	switch path {
	case "/dev/null", "/dev/zero", "/dev/full", "/dev/tty":
		f, err := os.OpenFile(path, flag&^(os.O_CREATE|os.O_TRUNC), 0)
		if err != nil {
			return nil, true, err
		}
		return f, true, nil
	case "/dev/stdin", "/dev/fd/0":
		return duplicate(path, hc.Stdin)
	case "/dev/stdout", "/dev/fd/1":
		return duplicate(path, hc.Stdout)
	case "/dev/stderr", "/dev/fd/2":
		return duplicate(path, hc.Stderr)
	}
	return nil, false, nil
}

// duplicate opens one of the shell's own streams once more, as dup(2) does.
func duplicate(path string, stream any) (io.ReadWriteCloser, bool, error) {
	switch s := stream.(type) {
	case *os.File:
		f, err := dup(s)
		if err != nil {
			return nil, true, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		return f, true, nil
	case io.Writer:
		return borrowed{s}, true, nil
	}
	return nil, true, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// borrowed is a stream that is not closed with the name it was opened by.
type borrowed struct{ io.Writer }

func (borrowed) Read([]byte) (int, error) { return 0, io.EOF }
func (borrowed) Close() error             { return nil }

// openFlags is flag as NetBSD has it.
func openFlags(flag int) int {
	f := netbsd.O_RDONLY
	switch {
	case flag&os.O_WRONLY != 0:
		f = netbsd.O_WRONLY
	case flag&os.O_RDWR != 0:
		f = netbsd.O_RDWR
	}
	for _, b := range []struct{ host, netbsd int }{
		{os.O_APPEND, netbsd.O_APPEND}, {os.O_CREATE, netbsd.O_CREAT}, {os.O_TRUNC, netbsd.O_TRUNC}, {os.O_EXCL, netbsd.O_EXCL},
	} {
		if flag&b.host != 0 {
			f |= b.netbsd
		}
	}
	return f | netbsd.O_CLOEXEC
}

// openKernel opens a file of the kernel.
func (sh *Shell) openKernel(ctx context.Context, hc *interp.HandlerContext, path string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	kn, err := sh.kernel(hc)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	p, err := kn.file(ctx)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	if mask := umask(hc); mask != defaultUmask && flag&os.O_CREATE != 0 {
		if _, err := p.Umask(ctx, uint32(mask)); err == nil {
			defer p.Umask(ctx, uint32(defaultUmask))
		}
	}
	f, err := p.Open(sh.life, path, openFlags(flag), uint32(perm.Perm()))
	if err != nil {
		p.fileDone()
		return nil, pathError("open", path, err)
	}
	kf := &kernelFile{f, p}
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		return kf, nil
	}
	return kf.pipe()
}

// pathError is an error of the kernel as the shell says it: what, which file, on
// which kernel, and why.
func pathError(op, path string, err error) error {
	var ke *rump.Error
	if errors.As(err, &ke) {
		return &fs.PathError{Op: ke.Kernel + ": " + op, Path: path, Err: named{ke.Errno}}
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// named is an errno with its name.
type named struct{ netbsd.Errno }

func (n named) Error() string { return n.Errno.Name() + ": " + n.Errno.Error() }
func (n named) Unwrap() error { return n.Errno }

// kernelFile is a file of the kernel that the shell has open.
type kernelFile struct {
	*rump.File
	of *process
}

// Close closes the file, and its process if nothing else needs that.
func (f *kernelFile) Close() error {
	err := f.File.Close()
	f.of.fileDone()
	return err
}

// pipe returns the content of the file as programs of the host can read it too.
func (f *kernelFile) pipe() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: f.Name(), Err: err}
	}
	go func() {
		defer f.Close()
		defer w.Close()
		io.Copy(w, reader{f}) // a broken pipe is the reader's business
	}()
	return r, nil
}

// reader hides what else a file can do, since io.Copy would use it.
type reader struct{ io.Reader }
