package netbsd

import (
	"errors"
	"testing"
)

// The calls that the utilities and a test program made of a real kernel.
var recordedSyscalls = []Sysno{
	3, 4, 5, 6, 9, 10, 13, 15, 16, 20, 22, 23, 24, 25, 27, 28, 29, 30, 31, 32, 33, 36, 42, 43, 45, 54, 57, 58, 60,
	92, 98, 104, 105, 106, 118, 128, 133, 134, 135, 136, 137, 173, 174, 183, 194, 195, 199, 202, 208, 209, 246, 271,
	305, 344, 356, 357, 358, 390, 394, 410, 417, 418, 427, 435, 439, 440, 441, 450,
}

func TestRecordedSyscalls(t *testing.T) {
	for _, n := range recordedSyscalls {
		if !n.Known() {
			t.Errorf("system call %d has no name", n)
		}
		if rump := n != SYS_SWAPCTL; n.Rump() != rump {
			t.Errorf("%v: Rump() = %v, want %v", n, !rump, rump)
		}
	}
}

func TestSysno(t *testing.T) {
	for _, tt := range []struct {
		n                     Sysno
		name, base, signature string
		argSize               int
	}{
		{SYS_READ, "read", "read", "ssize_t read(int fd, void *buf, size_t nbyte)", 24},
		{SYS_OPEN, "open", "open", "int open(const char *path, int flags, mode_t mode)", 24},
		{SYS_SYNC, "sync", "sync", "void sync(void)", 0},
		{SYS_MMAP, "mmap", "mmap", "void *mmap(void *addr, size_t len, int prot, int flags, int fd, long PAD, off_t pos)", 56},
		{SYS___STAT50, "__stat50", "stat", "int __stat50(const char *path, struct stat *ub)", 16},
		{SYS_COMPAT_50_SELECT, "compat_50_select", "select", "int compat_50_select(int nd, fd_set *in, fd_set *ou, fd_set *ex, struct timeval50 *tv)", 40},
		{SYS___SOCKET30, "__socket30", "socket", "int __socket30(int domain, int type, int protocol)", 24},
		{SYS___SYSCTL, "__sysctl", "sysctl", "int __sysctl(const int *name, u_int namelen, void *oldv, size_t *oldlenp, const void *newv, size_t newlen)", 48},
		{SYS_LSEEK, "lseek", "lseek", "off_t lseek(int fd, int PAD, off_t offset, int whence)", 32},
		{SYS____LWP_PARK60, "___lwp_park60", "_lwp_park", "int ___lwp_park60(clockid_t clock_id, int flags, const struct timespec *ts, lwpid_t unpark, const void *hint, const void *unparkhint)", 48},
		{SYS_SYSCALL, "syscall", "syscall", "int syscall(int code, register_t args[8])", 72},
		{9999, "syscall_9999", "syscall_9999", "syscall_9999(?)", 0},
		{11, "syscall_11", "syscall_11", "syscall_11(?)", 0},
		{0xffffffff, "syscall_4294967295", "syscall_4294967295", "syscall_4294967295(?)", 0},
	} {
		if got := tt.n.String(); got != tt.name {
			t.Errorf("%d.String() = %q, want %q", tt.n, got, tt.name)
		}
		if got := tt.n.Base(); got != tt.base {
			t.Errorf("%v.Base() = %q, want %q", tt.n, got, tt.base)
		}
		if got := tt.n.Signature(); got != tt.signature {
			t.Errorf("%v.Signature() = %q, want %q", tt.n, got, tt.signature)
		}
		if got := tt.n.ArgSize(); got != tt.argSize {
			t.Errorf("%v.ArgSize() = %d, want %d", tt.n, got, tt.argSize)
		}
	}
}

func TestLookupSysno(t *testing.T) {
	for name, want := range map[string]Sysno{
		"read": SYS_READ, "stat": SYS___STAT50, "__stat50": SYS___STAT50, "socket": SYS___SOCKET30,
		"compat_30_socket": SYS_COMPAT_30_SOCKET, "sysctl": SYS___SYSCTL, "getdents": SYS___GETDENTS30,
		"mount": SYS___MOUNT50, "select": SYS___SELECT50, "fhstat": SYS___FHSTAT50,
	} {
		if got, ok := LookupSysno(name); !ok || got != want {
			t.Errorf("LookupSysno(%q) = %v, %v, want %v", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "nosuch", "SYS_READ"} {
		if got, ok := LookupSysno(name); ok {
			t.Errorf("LookupSysno(%q) = %v", name, got)
		}
	}
	for i := range Sysno(SYS_NSYSENT) {
		if !i.Known() {
			continue
		}
		if got, ok := LookupSysno(i.String()); !ok || got != i {
			t.Errorf("LookupSysno(%q) = %v, %v, want %d", i, got, ok, i)
		}
	}
}

func TestArgs(t *testing.T) {
	a := Args{3, 0xffffffff80906910, 0x7ffe0000}
	b := a.Append(nil)
	got, err := ParseArgs(SYS_IOCTL, b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Int(0) != 3 || Ioctl(got.Uint(1)) != SIOCSIFFLAGS || got.Ptr(2) != 0x7ffe0000 || got.Int(3) != 0 || got.Int(-1) != 0 {
		t.Errorf("got %#x", got)
	}
	if got := (Args{0xffffffff}).Int(0); got != -1 {
		t.Errorf("Int of 0xffffffff = %d, want -1", got)
	}
	_, err = ParseArgs(SYS_IOCTL, b[:16])
	if short := new(ShortError); !errors.As(err, &short) || short.Want != 24 || short.Got != 16 {
		t.Errorf("ParseArgs of 16 bytes: %v", err)
	}
}
