package netbsd

import (
	"encoding/binary"
	"fmt"
)

// Operations of ktrace(2), from <sys/ktrace.h>. KTRFLAG_DESCEND is a flag.
const (
	KTROP_SET       = 0
	KTROP_CLEAR     = 1
	KTROP_CLEARFILE = 2
	KTRFLAG_DESCEND = 4
)

// What ktrace(2) traces, from <sys/ktrace.h>. KTRFACv2 is the version of records
// described here, which goes with the other bits.
const (
	KTRFAC_MASK       = 0xffffff
	KTRFAC_SYSCALL    = 0x2
	KTRFAC_SYSRET     = 0x4
	KTRFAC_NAMEI      = 0x8
	KTRFAC_GENIO      = 0x10
	KTRFAC_PSIG       = 0x20
	KTRFAC_CSW        = 0x40
	KTRFAC_EMUL       = 0x80
	KTRFAC_USER       = 0x100
	KTRFAC_EXEC_ARG   = 0x400
	KTRFAC_EXEC_ENV   = 0x800
	KTRFAC_MIB        = 0x4000
	KTRFAC_EXEC_FD    = 0x8000
	KTRFAC_PERSISTENT = 0x80000000
	KTRFAC_INHERIT    = 0x40000000
	KTRFAC_TRC_EMUL   = 0x10000000
	KTRFAC_VER_MASK   = 0xf000000
	KTRFAC_VER_SHIFT  = 0x18
	KTRFACv0          = 0x0
	KTRFACv1          = 0x1000000
	KTRFACv2          = 0x2000000
)

// Types of records, from <sys/ktrace.h>.
const (
	KTR_SYSCALL  = 1
	KTR_SYSRET   = 2
	KTR_NAMEI    = 3
	KTR_GENIO    = 4
	KTR_PSIG     = 5
	KTR_CSW      = 6
	KTR_EMUL     = 7
	KTR_USER     = 8
	KTR_EXEC_ARG = 10
	KTR_EXEC_ENV = 11
	KTR_SAUPCALL = 13
	KTR_MIB      = 14
	KTR_EXEC_FD  = 15
)

// A KtrHeader begins a record of a trace, version 2. Len is the length of what
// follows it.
//
//	// sys/ktrace.h
//	struct ktr_header {
//		int   ktr_len;
//		short ktr_type;
//		short ktr_version;
//		pid_t ktr_pid;
//		char  ktr_comm[MAXCOMLEN + 1];
//		union { ...; struct { struct timespec _ts; lwpid_t _lid; } _v2; } _v;
//	};
type KtrHeader struct {
	Len     int32
	Type    int16
	Version int16
	Pid     int32
	Comm    string
	Time    Timespec
	Lid     int32
}

// SizeofKtrHeader is sizeof(struct ktr_header).
const SizeofKtrHeader = 56

func (k *KtrHeader) layout(v view) {
	v.i32(0, &k.Len)
	v.i16(4, &k.Type)
	v.i16(6, &k.Version)
	v.i32(8, &k.Pid)
	v.str(12, 17, &k.Comm)
	k.Time.layout(v.at(32, SizeofTimespec))
	v.i32(48, &k.Lid)
}

// Append appends k in C layout to b.
func (k KtrHeader) Append(b []byte) []byte { return appendStruct(b, SizeofKtrHeader, &k) }

// ParseKtrHeader reads a struct ktr_header from the front of b.
func ParseKtrHeader(b []byte) (KtrHeader, error) {
	return parseStruct[KtrHeader](b, "struct ktr_header", SizeofKtrHeader)
}

// A KtrRecord is a record of a trace. Data are a [KtrSyscall], [KtrSysret],
// [KtrGenio], [KtrPsig], [KtrCsw], [KtrUser] or [KtrExecfd] and what follows it, or a
// string, by type.
type KtrRecord struct {
	Header KtrHeader
	Data   []byte
}

// Append appends the record to b. Header.Len is the length of Data.
func (k KtrRecord) Append(b []byte) []byte {
	k.Header.Len = int32(len(k.Data))
	return append(k.Header.Append(b), k.Data...)
}

// ParseKtrRecords reads all records in b. A record of another version than 2 is
// an error.
func ParseKtrRecords(b []byte) ([]KtrRecord, error) {
	var rs []KtrRecord
	for off := 0; off < len(b); {
		bad := func(format string, args ...any) error {
			return &FormatError{What: "struct ktr_header", Offset: off, Reason: fmt.Sprintf(format, args...)}
		}
		h, err := ParseKtrHeader(b[off:])
		if err != nil {
			return nil, bad("no room for a header")
		}
		if h.Version != KTRFACv2>>KTRFAC_VER_SHIFT {
			return nil, bad("version %d", h.Version)
		}
		rest := b[off+SizeofKtrHeader:]
		if h.Len < 0 || int(h.Len) > len(rest) {
			return nil, bad("ktr_len %d, %d bytes left", h.Len, len(rest))
		}
		rs = append(rs, KtrRecord{h, append([]byte(nil), rest[:h.Len]...)})
		off += SizeofKtrHeader + int(h.Len)
	}
	return rs, nil
}

// A KtrSyscall is a system call that begins; its arguments follow.
//
//	// sys/ktrace.h
//	struct ktr_syscall {
//		int ktr_code;
//		int ktr_argsize;
//	};
type KtrSyscall struct {
	Code    int32
	Argsize int32
}

// SizeofKtrSyscall is sizeof(struct ktr_syscall).
const SizeofKtrSyscall = 8

func (k *KtrSyscall) layout(v view) {
	v.i32(0, &k.Code)
	v.i32(4, &k.Argsize)
}

// Append appends k in C layout to b.
func (k KtrSyscall) Append(b []byte) []byte { return appendStruct(b, SizeofKtrSyscall, &k) }

// ParseKtrSyscall reads a struct ktr_syscall from the front of b.
func ParseKtrSyscall(b []byte) (KtrSyscall, error) {
	return parseStruct[KtrSyscall](b, "struct ktr_syscall", SizeofKtrSyscall)
}

// Args reads the arguments of a KtrSyscall from the data of its record.
func (k KtrSyscall) Args(data []byte) (Args, error) {
	b := data[min(len(data), SizeofKtrSyscall):]
	if k.Argsize < 0 || int(k.Argsize) > len(b) || k.Argsize%sizeofSlot != 0 {
		return nil, &FormatError{What: "struct ktr_syscall", Reason: fmt.Sprintf("ktr_argsize %d, %d bytes left", k.Argsize, len(b))}
	}
	a := make(Args, k.Argsize/sizeofSlot)
	for i := range a {
		a[i] = binary.LittleEndian.Uint64(b[i*sizeofSlot:])
	}
	return a, nil
}

// A KtrSysret is a system call that ends.
//
//	// sys/ktrace.h
//	struct ktr_sysret {
//		short ktr_code;
//		short ktr_eosys;
//		int ktr_error;
//		register_t ktr_retval;
//		register_t ktr_retval_1;
//	};
type KtrSysret struct {
	Code    int16
	Eosys   int16
	Error   int32
	Retval  int64
	Retval1 int64
}

// SizeofKtrSysret is sizeof(struct ktr_sysret).
const SizeofKtrSysret = 24

func (k *KtrSysret) layout(v view) {
	v.i16(0, &k.Code)
	v.i16(2, &k.Eosys)
	v.i32(4, &k.Error)
	v.i64(8, &k.Retval)
	v.i64(16, &k.Retval1)
}

// Append appends k in C layout to b.
func (k KtrSysret) Append(b []byte) []byte { return appendStruct(b, SizeofKtrSysret, &k) }

// ParseKtrSysret reads a struct ktr_sysret from the front of b.
func ParseKtrSysret(b []byte) (KtrSysret, error) {
	return parseStruct[KtrSysret](b, "struct ktr_sysret", SizeofKtrSysret)
}

// A KtrGenio is a transfer on a file: Rw is 0 for a read, 1 for a write; the
// bytes follow.
//
//	// sys/ktrace.h
//	struct ktr_genio {
//		int ktr_fd;
//		enum uio_rw ktr_rw;
//	};
type KtrGenio struct {
	Fd int32
	Rw int32
}

// SizeofKtrGenio is sizeof(struct ktr_genio).
const SizeofKtrGenio = 8

func (k *KtrGenio) layout(v view) {
	v.i32(0, &k.Fd)
	v.i32(4, &k.Rw)
}

// Append appends k in C layout to b.
func (k KtrGenio) Append(b []byte) []byte { return appendStruct(b, SizeofKtrGenio, &k) }

// ParseKtrGenio reads a struct ktr_genio from the front of b.
func ParseKtrGenio(b []byte) (KtrGenio, error) {
	return parseStruct[KtrGenio](b, "struct ktr_genio", SizeofKtrGenio)
}

// A KtrPsig is a signal. Code is that of a siginfo, which may follow.
//
//	// sys/ktrace.h
//	struct ktr_psig {
//		int signo;
//		sig_t action;
//		sigset_t mask;
//		int code;
//	};
type KtrPsig struct {
	Signo  int32
	Action uint64
	Mask   [16]byte
	Code   int32
}

// SizeofKtrPsig is sizeof(struct ktr_psig).
const SizeofKtrPsig = 40

func (k *KtrPsig) layout(v view) {
	v.i32(0, &k.Signo)
	v.u64(8, &k.Action)
	v.bytes(16, k.Mask[:])
	v.i32(32, &k.Code)
}

// Append appends k in C layout to b.
func (k KtrPsig) Append(b []byte) []byte { return appendStruct(b, SizeofKtrPsig, &k) }

// ParseKtrPsig reads a struct ktr_psig from the front of b.
func ParseKtrPsig(b []byte) (KtrPsig, error) {
	return parseStruct[KtrPsig](b, "struct ktr_psig", SizeofKtrPsig)
}

// A KtrCsw is a switch to or from a process: Out is 1 for from; User is 1 when it
// did not choose to.
//
//	// sys/ktrace.h
//	struct ktr_csw {
//		int out;
//		int user;
//	};
type KtrCsw struct {
	Out  int32
	User int32
}

// SizeofKtrCsw is sizeof(struct ktr_csw).
const SizeofKtrCsw = 8

func (k *KtrCsw) layout(v view) {
	v.i32(0, &k.Out)
	v.i32(4, &k.User)
}

// Append appends k in C layout to b.
func (k KtrCsw) Append(b []byte) []byte { return appendStruct(b, SizeofKtrCsw, &k) }

// ParseKtrCsw reads a struct ktr_csw from the front of b.
func ParseKtrCsw(b []byte) (KtrCsw, error) {
	return parseStruct[KtrCsw](b, "struct ktr_csw", SizeofKtrCsw)
}

// A KtrUser is what a process says by utrace(2); its data follow.
//
//	// sys/ktrace.h
//	struct ktr_user {
//		char ktr_id[20];
//	};
type KtrUser struct {
	Id string
}

// SizeofKtrUser is sizeof(struct ktr_user).
const SizeofKtrUser = 20

func (k *KtrUser) layout(v view) {
	v.chars(0, 20, &k.Id)
}

// Append appends k in C layout to b.
func (k KtrUser) Append(b []byte) []byte { return appendStruct(b, SizeofKtrUser, &k) }

// ParseKtrUser reads a struct ktr_user from the front of b.
func ParseKtrUser(b []byte) (KtrUser, error) {
	return parseStruct[KtrUser](b, "struct ktr_user", SizeofKtrUser)
}

// A KtrExecfd is a file that a process keeps across execve(2).
//
//	// sys/ktrace.h
//	struct ktr_execfd {
//		int ktr_fd;
//		u_int ktr_dtype;
//	};
type KtrExecfd struct {
	Fd    int32
	Dtype uint32
}

// SizeofKtrExecfd is sizeof(struct ktr_execfd).
const SizeofKtrExecfd = 8

func (k *KtrExecfd) layout(v view) {
	v.i32(0, &k.Fd)
	v.u32(4, &k.Dtype)
}

// Append appends k in C layout to b.
func (k KtrExecfd) Append(b []byte) []byte { return appendStruct(b, SizeofKtrExecfd, &k) }

// ParseKtrExecfd reads a struct ktr_execfd from the front of b.
func ParseKtrExecfd(b []byte) (KtrExecfd, error) {
	return parseStruct[KtrExecfd](b, "struct ktr_execfd", SizeofKtrExecfd)
}
