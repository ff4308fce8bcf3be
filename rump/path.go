package rump

import (
	"context"
	"errors"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Methods which do not follow a symbolic link at the end of a path begin with an
// L, as the system calls do. Paths of a kernel are what NetBSD takes: bytes without a NUL, "/" between the
// names, relative to the working folder of the Kernel's process if they do not
// begin with one. A path with a NUL is refused with EINVAL before the kernel
// sees the half of it.

// badPath says what is wrong with a path that cannot be handed over.
func (k *Kernel) badPath(op string, paths ...string) error {
	for _, p := range paths {
		if strings.IndexByte(p, 0) >= 0 {
			return &Error{k.name, op, p, netbsd.EINVAL}
		}
	}
	return nil
}

// onPath makes a system call whose arguments are a path and numbers.
func (k *Kernel) onPath(ctx context.Context, n netbsd.Sysno, op, path string, rest ...uint64) (sysproxy.Result, error) {
	if err := k.badPath(op, path); err != nil {
		return sysproxy.Result{}, err
	}
	c := k.call(n).String(path)
	for _, a := range rest {
		c.Uint(a)
	}
	return k.do(ctx, c, op, path)
}

// onPaths makes a system call whose arguments are two paths.
func (k *Kernel) onPaths(ctx context.Context, n netbsd.Sysno, op, from, to string) error {
	if err := k.badPath(op, from, to); err != nil {
		return err
	}
	_, err := k.do(ctx, k.call(n).String(from).String(to), op, from+" to "+to)
	return err
}

// intoPath makes a system call whose arguments are a path, a buffer for the
// kernel to fill, and numbers.
func (k *Kernel) intoPath(ctx context.Context, n netbsd.Sysno, op, path string, buf []byte, rest ...uint64) (sysproxy.Result, error) {
	if err := k.badPath(op, path); err != nil {
		return sysproxy.Result{}, err
	}
	c := k.call(n).String(path).Out(buf)
	for _, a := range rest {
		c.Uint(a)
	}
	return k.do(ctx, c, op, path)
}

// Stat describes a file: stat(2).
func (k *Kernel) Stat(ctx context.Context, path string) (netbsd.Stat, error) {
	return k.stat(ctx, netbsd.SYS___STAT50, "stat", path)
}

// Lstat is Stat, but of a symbolic link itself: lstat(2).
func (k *Kernel) Lstat(ctx context.Context, path string) (netbsd.Stat, error) {
	return k.stat(ctx, netbsd.SYS___LSTAT50, "lstat", path)
}

func (k *Kernel) stat(ctx context.Context, n netbsd.Sysno, op, path string) (netbsd.Stat, error) {
	buf := make([]byte, netbsd.SizeofStat)
	if _, err := k.intoPath(ctx, n, op, path, buf); err != nil {
		return netbsd.Stat{}, err
	}
	return netbsd.ParseStat(buf)
}

// Access asks whether the process may do what mode says, F_OK, R_OK, W_OK or
// X_OK, with a file: access(2).
func (k *Kernel) Access(ctx context.Context, path string, mode int) error {
	_, err := k.onPath(ctx, netbsd.SYS_ACCESS, "access", path, uint64(mode))
	return err
}

// Chmod sets the permission bits, S_ISUID to S_IXOTH: chmod(2).
func (k *Kernel) Chmod(ctx context.Context, path string, mode uint32) error {
	_, err := k.onPath(ctx, netbsd.SYS_CHMOD, "chmod", path, uint64(mode))
	return err
}

// Lchmod is Chmod, but of a symbolic link itself: lchmod(2).
func (k *Kernel) Lchmod(ctx context.Context, path string, mode uint32) error {
	_, err := k.onPath(ctx, netbsd.SYS_LCHMOD, "lchmod", path, uint64(mode))
	return err
}

// Chown sets owner and group; -1 leaves one as it is: chown(2).
func (k *Kernel) Chown(ctx context.Context, path string, uid, gid int) error {
	_, err := k.onPath(ctx, netbsd.SYS_CHOWN, "chown", path, uint64(uint32(uid)), uint64(uint32(gid)))
	return err
}

// Lchown is Chown, but of a symbolic link itself: lchown(2).
func (k *Kernel) Lchown(ctx context.Context, path string, uid, gid int) error {
	_, err := k.onPath(ctx, netbsd.SYS_LCHOWN, "lchown", path, uint64(uint32(uid)), uint64(uint32(gid)))
	return err
}

// Chflags sets file flags, UF_* and SF_*: chflags(2).
func (k *Kernel) Chflags(ctx context.Context, path string, flags uint32) error {
	_, err := k.onPath(ctx, netbsd.SYS_CHFLAGS, "chflags", path, uint64(flags))
	return err
}

// Lchflags is Chflags, but of a symbolic link itself: lchflags(2).
func (k *Kernel) Lchflags(ctx context.Context, path string, flags uint32) error {
	_, err := k.onPath(ctx, netbsd.SYS_LCHFLAGS, "lchflags", path, uint64(flags))
	return err
}

// Utimes sets the times of last access and modification, to the nanosecond if
// the file system can: utimensat(2). A Nsec of UTIME_NOW stands for the present
// time, and one of UTIME_OMIT leaves a time as it is.
func (k *Kernel) Utimes(ctx context.Context, path string, atime, mtime netbsd.Timespec) error {
	return k.utimes(ctx, "utimes", path, atime, mtime, 0)
}

// Lutimes is Utimes, but of a symbolic link itself.
func (k *Kernel) Lutimes(ctx context.Context, path string, atime, mtime netbsd.Timespec) error {
	return k.utimes(ctx, "lutimes", path, atime, mtime, netbsd.AT_SYMLINK_NOFOLLOW)
}

func (k *Kernel) utimes(ctx context.Context, op, path string, atime, mtime netbsd.Timespec, flag int) error {
	if err := k.badPath(op, path); err != nil {
		return err
	}
	times := mtime.Append(atime.Append(nil))
	c := k.call(netbsd.SYS_UTIMENSAT).Int(netbsd.AT_FDCWD).String(path).In(times).Int(int64(flag))
	_, err := k.do(ctx, c, op, path)
	return err
}

// Link gives a file another name: link(2).
func (k *Kernel) Link(ctx context.Context, path, link string) error {
	return k.onPaths(ctx, netbsd.SYS_LINK, "link", path, link)
}

// Symlink makes a symbolic link whose content is target: symlink(2).
func (k *Kernel) Symlink(ctx context.Context, target, link string) error {
	return k.onPaths(ctx, netbsd.SYS_SYMLINK, "symlink", target, link)
}

// Readlink returns the content of a symbolic link: readlink(2).
func (k *Kernel) Readlink(ctx context.Context, path string) (string, error) {
	buf := make([]byte, netbsd.PATH_MAX)
	r, err := k.intoPath(ctx, netbsd.SYS_READLINK, "readlink", path, buf, uint64(len(buf)))
	if err != nil {
		return "", err
	}
	return string(buf[:min(r.R0, uint64(len(buf)))]), nil
}

// Rename moves a file within its file system: rename(2).
func (k *Kernel) Rename(ctx context.Context, from, to string) error {
	return k.onPaths(ctx, netbsd.SYS_RENAME, "rename", from, to)
}

// Unlink takes a name away from a file: unlink(2).
func (k *Kernel) Unlink(ctx context.Context, path string) error {
	_, err := k.onPath(ctx, netbsd.SYS_UNLINK, "unlink", path)
	return err
}

// Mkdir makes a directory: mkdir(2).
func (k *Kernel) Mkdir(ctx context.Context, path string, mode uint32) error {
	_, err := k.onPath(ctx, netbsd.SYS_MKDIR, "mkdir", path, uint64(mode))
	return err
}

// Rmdir removes an empty directory: rmdir(2).
func (k *Kernel) Rmdir(ctx context.Context, path string) error {
	_, err := k.onPath(ctx, netbsd.SYS_RMDIR, "rmdir", path)
	return err
}

// Mknod makes a device, a fifo or another node, as the S_IFMT bits of mode say;
// a device's number is that of [netbsd.Makedev]: mknod(2).
func (k *Kernel) Mknod(ctx context.Context, path string, mode uint32, dev uint64) error {
	_, err := k.onPath(ctx, netbsd.SYS___MKNOD50, "mknod", path, uint64(mode), dev)
	return err
}

// Mkfifo makes a fifo: mkfifo(2).
func (k *Kernel) Mkfifo(ctx context.Context, path string, mode uint32) error {
	_, err := k.onPath(ctx, netbsd.SYS_MKFIFO, "mkfifo", path, uint64(mode))
	return err
}

// Truncate sets a file's length: truncate(2).
func (k *Kernel) Truncate(ctx context.Context, path string, length int64) error {
	_, err := k.onPath(ctx, netbsd.SYS_TRUNCATE, "truncate", path, 0, uint64(length))
	return err
}

// Pathconf returns a limit or property of a path, _PC_*: pathconf(2). A limit
// that does not exist is -1.
func (k *Kernel) Pathconf(ctx context.Context, path string, name int) (int64, error) {
	r, err := k.onPath(ctx, netbsd.SYS_PATHCONF, "pathconf", path, uint64(name))
	return int64(r.R0), err
}

// Chdir sets the working folder of the process: chdir(2).
func (k *Kernel) Chdir(ctx context.Context, path string) error {
	_, err := k.onPath(ctx, netbsd.SYS_CHDIR, "chdir", path)
	return err
}

// Chroot sets the root folder of the process: chroot(2).
func (k *Kernel) Chroot(ctx context.Context, path string) error {
	_, err := k.onPath(ctx, netbsd.SYS_CHROOT, "chroot", path)
	return err
}

// Getwd returns the working folder of the process: getcwd(3).
func (k *Kernel) Getwd(ctx context.Context) (string, error) {
	for size := 1024; ; size *= 4 {
		buf := make([]byte, size)
		_, err := k.do(ctx, k.call(netbsd.SYS___GETCWD).Out(buf).Int(int64(size)), "getcwd", "")
		if errors.Is(err, netbsd.ERANGE) && size < 1<<20 {
			continue
		}
		if err != nil {
			return "", err
		}
		return netbsd.ParseString(buf)
	}
}

// Umask sets the process's mask of permissions that new files do not get, and
// returns the one before: umask(2).
func (k *Kernel) Umask(ctx context.Context, mask uint32) (uint32, error) {
	r, err := k.do(ctx, k.call(netbsd.SYS_UMASK).Uint(uint64(mask)), "umask", "")
	return uint32(r.R0), err
}

// Revoke takes a device away from everybody who has it open: revoke(2).
func (k *Kernel) Revoke(ctx context.Context, path string) error {
	_, err := k.onPath(ctx, netbsd.SYS_REVOKE, "revoke", path)
	return err
}

// Sync writes all file systems to their disks: sync(2).
func (k *Kernel) Sync(ctx context.Context) error {
	_, err := k.do(ctx, k.call(netbsd.SYS_SYNC), "sync", "")
	return err
}

// Undelete removes a whiteout, which a union leaves where a file was removed:
// undelete(2).
func (k *Kernel) Undelete(ctx context.Context, path string) error {
	_, err := k.onPath(ctx, netbsd.SYS_UNDELETE, "undelete", path)
	return err
}

// Getuid returns the user that the process belongs to: getuid(2).
func (k *Kernel) Getuid(ctx context.Context) (uint32, error) {
	r, err := k.do(ctx, k.call(netbsd.SYS_GETUID), "getuid", "")
	return uint32(r.R0), err
}

// Getpid returns the number of the process: getpid(2).
func (k *Kernel) Getpid(ctx context.Context) (int, error) {
	r, err := k.do(ctx, k.call(netbsd.SYS_GETPID), "getpid", "")
	return int(int32(r.R0)), err
}

// maxSymlinks is how many symbolic links a path may lead through: MAXSYMLINKS.
const maxSymlinks = 32

// Realpath returns the absolute path of a file without symbolic links, "." and
// "..": realpath(3). With an error it returns how far it came.
func (k *Kernel) Realpath(ctx context.Context, name string) (string, error) {
	fail := func(at string, errno netbsd.Errno) (string, error) {
		return at, &Error{k.name, "realpath", name, errno}
	}
	if name == "" {
		return fail("", netbsd.ENOENT)
	}
	if err := k.badPath("realpath", name); err != nil {
		return name, err
	}
	done := ""
	if name[0] != '/' {
		wd, err := k.Getwd(ctx)
		if err != nil {
			return ".", err
		}
		done = strings.TrimRight(wd, "/")
	}
	links := 0
	for rest := name; rest != ""; {
		part, more, _ := strings.Cut(rest, "/")
		rest = more
		switch part {
		case "", ".":
			continue
		case "..":
			done = done[:max(strings.LastIndexByte(done, '/'), 0)]
			continue
		}
		at := done + "/" + part
		if len(at) >= netbsd.PATH_MAX {
			return fail(at[:netbsd.PATH_MAX-1], netbsd.ENAMETOOLONG)
		}
		st, err := k.Lstat(ctx, at)
		if err != nil {
			return at, err
		}
		switch st.Mode & netbsd.S_IFMT {
		case netbsd.S_IFLNK:
			if links++; links > maxSymlinks {
				return fail(at, netbsd.ELOOP)
			}
			target, err := k.Readlink(ctx, at)
			if err != nil {
				return at, err
			}
			if strings.HasPrefix(target, "/") {
				done = ""
			}
			if rest != "" {
				target += "/" + rest
			}
			rest = target
			continue
		case netbsd.S_IFDIR:
		default:
			if strings.Trim(rest, "/") != "" {
				return fail(at, netbsd.ENOTDIR)
			}
		}
		done = at
	}
	if done == "" {
		done = "/"
	}
	return done, nil
}
