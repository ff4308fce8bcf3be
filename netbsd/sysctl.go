package netbsd

import "encoding/binary"

// A Sysctlnode is a node of the sysctl tree, as [CTL_QUERY] lists it and
// [CTL_CREATE] makes it.
//
//	// sys/sysctl.h
//	struct sysctlnode {
//		uint32_t sysctl_flags; /* version, type, access and more */
//		int32_t  sysctl_num;
//		char     sysctl_name[SYSCTL_NAMELEN];
//		uint32_t sysctl_ver; /* changes with the node's children */
//		uint32_t __rsvd;
//		union {
//			struct { uint32_t suc_csize, suc_clen; struct sysctlnode *suc_child; } scu_child;
//			struct { void *sud_data; size_t sud_offset; } scu_data;
//			int32_t  scu_alias, scu_idata;
//			u_quad_t scu_qdata;
//			bool     scu_bdata;
//		} sysctl_un;
//		size_t             sysctl_size;
//		int                (*sysctl_func)(SYSCTLFN_PROTO);
//		struct sysctlnode *sysctl_parent;
//		const char        *sysctl_desc;
//	};
type Sysctlnode struct {
	Flags  uint32 // [SYSCTL_VERSION], CTLTYPE_* and CTLFLAG_*
	Num    int32
	Name   string
	Ver    uint32
	Un     [16]byte // the union
	Size   uint64   // of the node's value
	Func   uint64
	Parent uint64
	Desc   uint64
}

// SizeofSysctlnode is sizeof(struct sysctlnode).
const SizeofSysctlnode = 96

func (s *Sysctlnode) layout(v view) {
	v.u32(0, &s.Flags)
	v.i32(4, &s.Num)
	v.str(8, SYSCTL_NAMELEN, &s.Name)
	v.u32(40, &s.Ver)
	v.bytes(48, s.Un[:])
	v.u64(64, &s.Size)
	v.u64(72, &s.Func)
	v.u64(80, &s.Parent)
	v.u64(88, &s.Desc)
}

// Append appends s in C layout to b.
func (s Sysctlnode) Append(b []byte) []byte { return appendStruct(b, SizeofSysctlnode, &s) }

// ParseSysctlnode reads a struct sysctlnode from the front of b.
func ParseSysctlnode(b []byte) (Sysctlnode, error) {
	return parseStruct[Sysctlnode](b, "struct sysctlnode", SizeofSysctlnode)
}

// ParseSysctlnodes reads all nodes in b, the answer to a CTL_QUERY.
func ParseSysctlnodes(b []byte) ([]Sysctlnode, error) {
	return parseArray[Sysctlnode](b, "struct sysctlnode", SizeofSysctlnode)
}

// Type is the type of the node's value: CTLTYPE_*.
//
//	// #define SYSCTL_TYPE(x) ((x) & SYSCTL_TYPEMASK)
func (s *Sysctlnode) Type() uint32 { return s.Flags & SYSCTL_TYPEMASK }

// Version is the version of the struct.
//
//	// #define SYSCTL_VERS(f) ((f) & SYSCTL_VERS_MASK)
func (s *Sysctlnode) Version() uint32 { return s.Flags & SYSCTL_VERS_MASK }

// Csize is how many children the node has room for, and Clen how many it has.
func (s *Sysctlnode) Csize() uint32 { return binary.LittleEndian.Uint32(s.Un[:]) }

// Clen is how many children the node has.
func (s *Sysctlnode) Clen() uint32 { return binary.LittleEndian.Uint32(s.Un[4:]) }

// SetChildren sets Csize and Clen.
func (s *Sysctlnode) SetChildren(csize, clen uint32) {
	binary.LittleEndian.PutUint32(s.Un[:], csize)
	binary.LittleEndian.PutUint32(s.Un[4:], clen)
}

// Idata is the value of a CTLTYPE_INT with [CTLFLAG_IMMEDIATE].
func (s *Sysctlnode) Idata() int32 { return int32(binary.LittleEndian.Uint32(s.Un[:])) }

// SetIdata sets Idata.
func (s *Sysctlnode) SetIdata(n int32) { binary.LittleEndian.PutUint32(s.Un[:], uint32(n)) }

// Qdata is the value of a CTLTYPE_QUAD with [CTLFLAG_IMMEDIATE].
func (s *Sysctlnode) Qdata() uint64 { return binary.LittleEndian.Uint64(s.Un[:]) }

// SetQdata sets Qdata.
func (s *Sysctlnode) SetQdata(n uint64) { binary.LittleEndian.PutUint64(s.Un[:], n) }

// Bdata is the value of a CTLTYPE_BOOL with [CTLFLAG_IMMEDIATE].
func (s *Sysctlnode) Bdata() bool { return s.Un[0] != 0 }

// SetBdata sets Bdata.
func (s *Sysctlnode) SetBdata(t bool) { view{s.Un[:], true}.bool(0, &t) }

// A Sysctldesc is the description of a node, an element of the answer to a
// [CTL_DESCRIBE].
//
//	// sys/sysctl.h
//	struct sysctldesc {
//		int32_t  descr_num; /* of the node */
//		uint32_t descr_ver; /* of the node */
//		uint32_t descr_len; /* of the text and its NUL */
//		char     descr_str[1];
//	};
type Sysctldesc struct {
	Num int32
	Ver uint32
	Str string
}

// offsetof(struct sysctldesc, descr_str)
const offsetDescrStr = 12

// Append appends s in C layout to b. That a node has no description is an empty
// text, with its NUL.
//
//	// #define __sysc_desc_roundup(x) ((((x) - 1) | (sizeof(int32_t) - 1)) + 1)
func (s Sysctldesc) Append(b []byte) []byte {
	n := len(s.Str) + 1
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Num))
	b = binary.LittleEndian.AppendUint32(b, s.Ver)
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	b = append(b, s.Str...)
	return append(b, make([]byte, roundUp(n, 4)-len(s.Str))...)
}

// ParseSysctldescs reads all descriptions in b.
func ParseSysctldescs(b []byte) ([]Sysctldesc, error) {
	const what = "struct sysctldesc"
	var ds []Sysctldesc
	for off := 0; off < len(b); {
		p := b[off:]
		if len(p) < offsetDescrStr {
			return nil, &FormatError{What: what, Offset: off, Reason: "no room for a header"}
		}
		n := binary.LittleEndian.Uint32(p[8:])
		if uint64(n) > uint64(len(p)-offsetDescrStr) {
			return nil, &FormatError{What: what, Offset: off, Reason: "descr_len points past the end"}
		}
		ds = append(ds, Sysctldesc{
			Num: int32(binary.LittleEndian.Uint32(p)),
			Ver: binary.LittleEndian.Uint32(p[4:]),
			Str: cstring(p[offsetDescrStr : offsetDescrStr+int(n)]),
		})
		off += min(offsetDescrStr+roundUp(int(n), 4), len(p))
	}
	return ds, nil
}

// AppendMib appends a sysctl name in numbers, as the first argument of
// sysctl(2) points to it, to b.
func AppendMib(b []byte, mib ...int32) []byte {
	for _, n := range mib {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// ParseMib reads a sysctl name in numbers, which is all of b.
func ParseMib(b []byte) ([]int32, error) {
	if len(b)%4 != 0 {
		return nil, &FormatError{What: "sysctl name", Offset: len(b) &^ 3, Reason: "incomplete number"}
	}
	mib := make([]int32, len(b)/4)
	for i := range mib {
		mib[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return mib, nil
}

// Limits of sysctl names, from <sys/sysctl.h>.
const (
	CTL_MAXNAME    = 12
	SYSCTL_NAMELEN = 32
)

// Types of a node's value, from <sys/sysctl.h>.
const (
	CTLTYPE_NODE   = 1
	CTLTYPE_INT    = 2
	CTLTYPE_STRING = 3
	CTLTYPE_QUAD   = 4
	CTLTYPE_STRUCT = 5
	CTLTYPE_BOOL   = 6
	CTLTYPE_LONG   = 4
)

// Flags of a node, from <sys/sysctl.h>.
const (
	CTLFLAG_READONLY  = 0x0
	CTLFLAG_READWRITE = 0x70
	CTLFLAG_ANYWRITE  = 0x80
	CTLFLAG_PRIVATE   = 0x100
	CTLFLAG_PERMANENT = 0x200
	CTLFLAG_OWNDATA   = 0x400
	CTLFLAG_IMMEDIATE = 0x800
	CTLFLAG_HEX       = 0x1000
	CTLFLAG_ROOT      = 0x2000
	CTLFLAG_ANYNUMBER = 0x4000
	CTLFLAG_HIDDEN    = 0x8000
	CTLFLAG_ALIAS     = 0x10000
	CTLFLAG_MMAP      = 0x20000
	CTLFLAG_OWNDESC   = 0x40000
	CTLFLAG_UNSIGNED  = 0x80000
)

// Parts of a node's flags, from <sys/sysctl.h>.
const (
	SYSCTL_VERS_MASK = 0xff000000
	SYSCTL_VERS_0    = 0x0
	SYSCTL_VERS_1    = 0x1000000
	SYSCTL_VERSION   = 0x1000000
	SYSCTL_USERFLAGS = 0x9df0
	SYSCTL_TYPEMASK  = 0xf
	SYSCTL_FLAGMASK  = 0xfffff0
)

// Names that are operations on the node before them, from <sys/sysctl.h>.
const (
	CTL_EOL       = -1
	CTL_QUERY     = -2
	CTL_CREATE    = -3
	CTL_CREATESYM = -4
	CTL_DESTROY   = -5
	CTL_MMAP      = -6
	CTL_DESCRIBE  = -7
)

// Names at the top of the tree, from <sys/sysctl.h>.
const (
	CTL_UNSPEC   = 0
	CTL_KERN     = 1
	CTL_VM       = 2
	CTL_VFS      = 3
	CTL_NET      = 4
	CTL_DEBUG    = 5
	CTL_HW       = 6
	CTL_MACHDEP  = 7
	CTL_USER     = 8
	CTL_DDB      = 9
	CTL_PROC     = 10
	CTL_VENDOR   = 11
	CTL_EMUL     = 12
	CTL_SECURITY = 13
	CTL_MAXID    = 14
)

// CREATE_BASE is the first number that a kernel gives to a node created
// without one.
const CREATE_BASE = 1024
