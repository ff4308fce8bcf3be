package starlark

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// File is an open file of a kernel.
type File struct {
	f *rump.File
	k *Kernel
}

func fileAttrs() []attribute {
	return []attribute{
		{"fd", "The file's descriptor, an int."},
		{"name", "The name that the file was opened with."},
	}
}

func fileMethods() []function {
	return []function{
		{"chdir", "", "Makes the folder the working folder of the kernel's process.", fileDo0((*rump.File).Chdir)},
		{"chflags", "flags", "Sets the file's flags, a list such as [\"uchg\", \"nodump\"].", fileDo1(func(f *rump.File, flags fileFlags) error { return f.Chflags(uint32(flags)) })},
		{"chmod", "mode", "Sets the file's permissions.", fileDo1(func(f *rump.File, mode uint32) error { return f.Chmod(mode) })},
		{"chown", "uid gid", "Sets the file's owner and group, ints; -1 leaves one as it is.", fileDo2(func(f *rump.File, uid, gid int) error { return f.Chown(uid, gid) })},
		{"close", "", "Closes the file.", fileDo0((*rump.File).Close)},
		{"disklabel", "", "Returns the label of the disk, as kernel.disklabel does.", fileDisklabel},
		{"dup", "", "Returns another descriptor of the same open file, with which it shares the offset.", fileDup},
		{"fcntl", "command arg?", "Does what fcntl(2) does with a number, and returns an int: file.fcntl(\"F_GETFL\").", fileFcntl},
		{"flock", "how wait?", "Locks the whole file, \"shared\" or \"exclusive\", or unlocks it, \"unlock\": flock(2). With wait = False it fails with EAGAIN if another has it locked.", fileFlock},
		{"ioctl", "request data?", "Makes a request of a device: ioctl(2). The request is a name, such as \"DIOCGDINFO\", or a number; the data, bytes or a string, are filled with zeros up to what the request takes. Returns the data as the kernel has left them, bytes.", fileIoctl},
		{"listdir", "", "Returns the names in the folder that have not been returned yet, a list in the kernel's order.", fileListdir},
		{"lock", "type? start? length? wait?", "Locks a part of the file for this process: \"write\", which is also the default, or \"read\", from start, 0 if not given, over a length in bytes, 0 for all up to the end. With wait = False it fails with EAGAIN if another process has some of it locked.", fileLock},
		{"locked", "type? start? length?", "Returns the lock of another process that keeps lock() from locking, a struct of type, start, length and pid, or None.", fileLocked},
		{"pathconf", "name", "Returns a limit of the file, as kernel.pathconf does.", filePathconf},
		{"pread", "size offset", "Returns at most so many bytes from an offset on, and leaves the file's own offset alone.", filePread},
		{"pwrite", "data offset", "Writes a string or bytes at an offset, and leaves the file's own offset alone. Returns how much that was.", filePwrite},
		{"read", "size?", "Returns at most so many bytes, by one read(2), or everything up to the end if no size is given. Empty at the end.", fileRead},
		{"readv", "*sizes", "Reads into several buffers of the given sizes by one readv(2), and returns what is in each, a list of bytes.", fileReadv},
		{"seek", "offset whence?", "Sets the offset of the next read or write, counted from \"start\", which is also the default, \"current\" or \"end\", and returns it.", fileSeek},
		{"stat", "", "Returns a struct that describes the file, as kernel.stat does.", fileStat},
		{"statvfs", "", "Returns a struct that describes the file system which the file is on, as kernel.statvfs does.", fileStatvfs},
		{"sync", "data_only?", "Writes the file to its disk; with data_only = True only what is in it.", fileSync},
		{"truncate", "size", "Cuts or extends the file to a size in bytes.", fileDo1(func(f *rump.File, size int64) error { return f.Truncate(size) })},
		{"unlock", "start? length?", "Gives up this process's locks of a part of the file, all of it if not given.", fileUnlock},
		{"utimes", "atime? mtime?", "Sets the times of last access and modification, as kernel.utimes does.", fileUtimes},
		{"write", "data", "Writes a string or bytes, all of it, and returns how much that was.", fileWrite},
		{"writev", "*data", "Writes several strings or bytes by one writev(2), and returns how much that was.", fileWritev},
	}
}

// String shows the file to a person.
func (f *File) String() string        { return fmt.Sprintf("<file %q of %s>", f.f.Name(), f.k.in.Kernel) }
func (f *File) Type() string          { return "file" }
func (f *File) Freeze()               {} // what changes is the kernel's file, not the value
func (f *File) Truth() starlark.Bool  { return true }
func (f *File) Hash() (uint32, error) { return 0, errors.New("unhashable: file") }

// Attr implements starlark.HasAttrs.
func (f *File) Attr(name string) (starlark.Value, error) {
	switch name {
	case "fd":
		return starlark.MakeInt(int(f.f.FD())), nil
	case "name":
		return starlark.String(f.f.Name()), nil
	}
	return method(f, fileMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (f *File) AttrNames() []string { return attrNames(fileMethods(), "fd", "name") }

// file returns the file that the method is of, with the call's context.
func (c *call) file() *rump.File { return c.self.(*File).f.WithContext(c.ctx) }

// fileDo0 adapts a method of a file which takes and returns nothing.
func fileDo0(do func(*rump.File) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		if err := c.unpack(); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.file()) })
	}
}

// fileDo1 adapts something done to a file which takes one argument.
func fileDo1[A any](do func(*rump.File, A) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var a A
		if err := c.unpack(&a); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.file(), a) })
	}
}

// fileDo2 adapts something done to a file which takes two arguments.
func fileDo2[A, B any](do func(*rump.File, A, B) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var a A
		var b B
		if err := c.unpack(&a, &b); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.file(), a, b) })
	}
}

// maxBuffer is how many bytes a script may ask for at once.
const maxBuffer = 1 << 30

// buffer makes room for what a script wants to read.
func buffer(name string, size int) ([]byte, error) {
	if size < 0 || size > maxBuffer {
		return nil, fmt.Errorf("%s: got a size of %d", name, size)
	}
	return make([]byte, size), nil
}

// moved returns how many bytes a call has moved. If it has failed after some,
// the error says how many.
func moved(n int64, err error) (starlark.Value, error) {
	if err != nil && n > 0 {
		return nil, fmt.Errorf("%w (after %d bytes)", err, n)
	}
	return starlark.MakeInt64(n), err
}

func fileRead(c *call) (starlark.Value, error) {
	var size optional[int]
	if err := c.unpack(&size); err != nil {
		return nil, err
	}
	if size.v == nil {
		var all bytes.Buffer
		_, err := waiting(c.scope, func() (int64, error) { return c.file().WriteTo(&all) })
		return starlark.Bytes(all.Bytes()), err
	}
	b, err := buffer("read", *size.v)
	if err != nil {
		return nil, err
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().Read(b) })
	return starlark.Bytes(b[:n]), notEOF(err)
}

// notEOF drops the error that says that a file ends: to a script it is no error.
func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func filePread(c *call) (starlark.Value, error) {
	var size int
	var offset int64
	if err := c.unpack(&size, &offset); err != nil {
		return nil, err
	}
	b, err := buffer("pread", size)
	if err != nil {
		return nil, err
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().ReadAt(b, offset) })
	return starlark.Bytes(b[:n]), notEOF(err)
}

func fileReadv(c *call) (starlark.Value, error) {
	var bufs [][]byte
	room := maxBuffer
	for _, a := range c.args {
		n, err := starlark.AsInt32(a)
		if err != nil {
			return nil, fmt.Errorf("readv: %w", err)
		}
		b, err := buffer("readv", n)
		if room -= n; err != nil || room < 0 {
			return nil, fmt.Errorf("readv: got a size of %d", n)
		}
		bufs = append(bufs, b)
	}
	if len(c.kwargs) > 0 || len(bufs) == 0 {
		return nil, errors.New("readv: got no sizes: readv(4, 8)")
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().Readv(bufs) })
	if err = notEOF(err); err != nil {
		return nil, err
	}
	parts := make([]starlark.Value, len(bufs))
	for i, b := range bufs {
		b = b[:min(n, len(b))]
		n -= len(b)
		parts[i] = starlark.Bytes(b)
	}
	return starlark.NewList(parts), nil
}

func fileWrite(c *call) (starlark.Value, error) {
	var data content
	if err := c.unpack(&data); err != nil {
		return nil, err
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().Write(data) })
	return moved(int64(n), err)
}

func filePwrite(c *call) (starlark.Value, error) {
	var data content
	var offset int64
	if err := c.unpack(&data, &offset); err != nil {
		return nil, err
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().WriteAt(data, offset) })
	return moved(int64(n), err)
}

func fileWritev(c *call) (starlark.Value, error) {
	var bufs [][]byte
	for _, a := range c.args {
		var data content
		if err := data.Unpack(a); err != nil {
			return nil, fmt.Errorf("writev: %w", err)
		}
		bufs = append(bufs, data)
	}
	if len(c.kwargs) > 0 {
		return nil, errors.New("writev: takes no keyword arguments")
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().Writev(bufs) })
	return moved(int64(n), err)
}

func fileSeek(c *call) (starlark.Value, error) {
	var offset int64
	from := "start"
	if err := c.unpack(&offset, &from); err != nil {
		return nil, err
	}
	whence, ok := map[string]int{"start": io.SeekStart, "current": io.SeekCurrent, "end": io.SeekEnd}[from]
	if !ok {
		return nil, fmt.Errorf("seek: whence is \"start\", \"current\" or \"end\", not %q", from)
	}
	n, err := waiting(c.scope, func() (int64, error) { return c.file().Seek(offset, whence) })
	return starlark.MakeInt64(n), err
}

func fileSync(c *call) (starlark.Value, error) {
	var dataOnly bool
	if err := c.unpack(&dataOnly); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if dataOnly {
			return nil, c.file().Datasync()
		}
		return nil, c.file().Sync()
	})
}

func fileDup(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	f, err := waiting(c.scope, func() (*rump.File, error) { return c.file().Dup() })
	if err != nil {
		return nil, err
	}
	return &File{f, c.self.(*File).k}, nil
}

func fileListdir(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		entries, err := c.file().ReadDir(-1)
		return entryNames(entries), err
	})
}

func fileStat(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		st, err := c.file().Fstat()
		return statValue(st), err
	})
}

func fileStatvfs(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		v, err := c.file().Statvfs()
		return statvfsValue(v), err
	})
}

func filePathconf(c *call) (starlark.Value, error) {
	var name pathconfName
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return limit(c.file().Pathconf(int(name))) })
}

func fileUtimes(c *call) (starlark.Value, error) {
	atime, mtime := fileTime{Nsec: netbsd.UTIME_OMIT}, fileTime{Nsec: netbsd.UTIME_OMIT}
	if err := c.unpack(&atime, &mtime); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		return nil, c.file().Utimes(netbsd.Timespec(atime), netbsd.Timespec(mtime))
	})
}
