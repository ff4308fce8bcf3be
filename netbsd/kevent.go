package netbsd

// A Kevent is an event to watch for, or one that came, with kevent(2).
//
//	// sys/event.h
//	struct kevent {
//		uintptr_t ident;
//		uint32_t filter;
//		uint32_t flags;
//		uint32_t fflags;
//		int64_t data;
//		intptr_t udata;
//	};
type Kevent struct {
	Ident  uint64
	Filter uint32
	Flags  uint32
	Fflags uint32
	Data   int64
	Udata  int64
}

// SizeofKevent is sizeof(struct kevent).
const SizeofKevent = 40

func (k *Kevent) layout(v view) {
	v.u64(0, &k.Ident)
	v.u32(8, &k.Filter)
	v.u32(12, &k.Flags)
	v.u32(16, &k.Fflags)
	v.i64(24, &k.Data)
	v.i64(32, &k.Udata)
}

// Append appends k in C layout to b.
func (k Kevent) Append(b []byte) []byte { return appendStruct(b, SizeofKevent, &k) }

// ParseKevent reads a struct kevent from the front of b.
func ParseKevent(b []byte) (Kevent, error) {
	return parseStruct[Kevent](b, "struct kevent", SizeofKevent)
}

// ParseKevents reads all events in b.
func ParseKevents(b []byte) ([]Kevent, error) {
	return parseArray[Kevent](b, "struct kevent", SizeofKevent)
}

// Filters of a Kevent, from <sys/event.h>. NetBSD counts them up from 0.
const (
	EVFILT_READ     = 0
	EVFILT_WRITE    = 1
	EVFILT_AIO      = 2
	EVFILT_VNODE    = 3
	EVFILT_PROC     = 4
	EVFILT_SIGNAL   = 5
	EVFILT_TIMER    = 6
	EVFILT_SYSCOUNT = 7
)

// Actions and flags of a Kevent, from <sys/event.h>.
const (
	EV_ADD      = 0x1
	EV_DELETE   = 0x2
	EV_ENABLE   = 0x4
	EV_DISABLE  = 0x8
	EV_ONESHOT  = 0x10
	EV_CLEAR    = 0x20
	EV_RECEIPT  = 0x40
	EV_DISPATCH = 0x80
	EV_SYSFLAGS = 0xf000
	EV_FLAG1    = 0x2000
	EV_EOF      = 0x8000
	EV_ERROR    = 0x4000
)

// Filter flags of a Kevent, from <sys/event.h>. Their meaning depends on the
// filter.
const (
	NOTE_LOWAT     = 0x1
	NOTE_DELETE    = 0x1
	NOTE_WRITE     = 0x2
	NOTE_EXTEND    = 0x4
	NOTE_ATTRIB    = 0x8
	NOTE_LINK      = 0x10
	NOTE_RENAME    = 0x20
	NOTE_REVOKE    = 0x40
	NOTE_EXIT      = 0x80000000
	NOTE_FORK      = 0x40000000
	NOTE_EXEC      = 0x20000000
	NOTE_PCTRLMASK = 0xf0000000
	NOTE_PDATAMASK = 0xfffff
	NOTE_TRACK     = 0x1
	NOTE_TRACKERR  = 0x2
	NOTE_CHILD     = 0x4
)

// A KfilterMapping is a filter's name and number: [KFILTER_BYFILTER],
// [KFILTER_BYNAME].
//
//	// sys/event.h
//	struct kfilter_mapping {
//		char *name;
//		size_t len;
//		uint32_t filter;
//	};
type KfilterMapping struct {
	Name   uint64
	Len    uint64
	Filter uint32
}

// SizeofKfilterMapping is sizeof(struct kfilter_mapping).
const SizeofKfilterMapping = 24

func (k *KfilterMapping) layout(v view) {
	v.u64(0, &k.Name)
	v.u64(8, &k.Len)
	v.u32(16, &k.Filter)
}

// Append appends k in C layout to b.
func (k KfilterMapping) Append(b []byte) []byte { return appendStruct(b, SizeofKfilterMapping, &k) }

// ParseKfilterMapping reads a struct kfilter_mapping from the front of b.
func ParseKfilterMapping(b []byte) (KfilterMapping, error) {
	return parseStruct[KfilterMapping](b, "struct kfilter_mapping", SizeofKfilterMapping)
}
