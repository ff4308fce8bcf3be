package netbsd

import "encoding/binary"

// Commands of a bridge, from <net/if_bridgevar.h>. They travel in the Cmd of
// an [Ifdrv], with [SIOCSDRVSPEC] when they set and [SIOCGDRVSPEC] when they ask.
// Their parameters are an [Ifbreq], [Ifbareq] or [Ifbrparam]; that of BRDGGIFS is
// an [Ifbifconf] and that of BRDGRTS an [Ifbaconf].
const (
	BRDGADD     = 0
	BRDGDEL     = 1
	BRDGGIFFLGS = 2
	BRDGSIFFLGS = 3
	BRDGSCACHE  = 4
	BRDGGCACHE  = 5
	BRDGSADDR   = 8
	BRDGSTO     = 9
	BRDGGTO     = 10
	BRDGDADDR   = 11
	BRDGFLUSH   = 12
	BRDGGPRI    = 13
	BRDGSPRI    = 14
	BRDGGHT     = 15
	BRDGSHT     = 16
	BRDGGFD     = 17
	BRDGSFD     = 18
	BRDGGMA     = 19
	BRDGSMA     = 20
	BRDGSIFPRIO = 21
	BRDGSIFCOST = 22
	BRDGGFILT   = 23
	BRDGSFILT   = 24
	BRDGGIFS    = 25
	BRDGRTS     = 26
)

// An Ifbreq is a member of a bridge.
//
//	// net/if_bridgevar.h
//	struct ifbreq {
//		char ifbr_ifsname[16];
//		uint32_t ifbr_ifsflags;
//		uint8_t ifbr_state;
//		uint8_t ifbr_priority;
//		uint8_t ifbr_path_cost;
//		uint8_t ifbr_portno;
//	};
type Ifbreq struct {
	Ifsname  string
	Ifsflags uint32
	State    uint8
	Priority uint8
	PathCost uint8
	Portno   uint8
}

// SizeofIfbreq is sizeof(struct ifbreq).
const SizeofIfbreq = 24

func (i *Ifbreq) layout(v view) {
	v.str(0, 16, &i.Ifsname)
	v.u32(16, &i.Ifsflags)
	v.u8(20, &i.State)
	v.u8(21, &i.Priority)
	v.u8(22, &i.PathCost)
	v.u8(23, &i.Portno)
}

// Append appends i in C layout to b.
func (i Ifbreq) Append(b []byte) []byte { return appendStruct(b, SizeofIfbreq, &i) }

// ParseIfbreq reads a struct ifbreq from the front of b.
func ParseIfbreq(b []byte) (Ifbreq, error) {
	return parseStruct[Ifbreq](b, "struct ifbreq", SizeofIfbreq)
}

// ParseIfbreqs reads all members in b, the answer to a BRDGGIFS.
func ParseIfbreqs(b []byte) ([]Ifbreq, error) {
	return parseArray[Ifbreq](b, "struct ifbreq", SizeofIfbreq)
}

// Flags of a member, and states of its spanning tree, from
// <net/if_bridgevar.h>.
const (
	IFBIF_LEARNING          = 0x1
	IFBIF_DISCOVER          = 0x2
	IFBIF_STP               = 0x4
	BSTP_IFSTATE_DISABLED   = 0
	BSTP_IFSTATE_LISTENING  = 1
	BSTP_IFSTATE_LEARNING   = 2
	BSTP_IFSTATE_FORWARDING = 3
	BSTP_IFSTATE_BLOCKING   = 4
)

// Flags of BRDGFLUSH and BRDGSFILT, and of an address, from
// <net/if_bridgevar.h>.
const (
	IFBF_FLUSHDYN    = 0x0
	IFBF_FLUSHALL    = 0x1
	IFBF_FILT_USEIPF = 0x1
	IFBF_FILT_MASK   = 0x1
	IFBAF_TYPEMASK   = 0x3
	IFBAF_DYNAMIC    = 0x0
	IFBAF_STATIC     = 0x1
)

// An Ifbifconf asks for the members: Buf has room for Len bytes of [Ifbreq].
//
//	// net/if_bridgevar.h
//	struct ifbifconf {
//		uint32_t ifbic_len;
//		union { void *ifbicu_buf; struct ifbreq *ifbicu_req; } ifbic_ifbicu;
//	};
type Ifbifconf struct {
	Len uint32
	Buf uint64
}

// SizeofIfbifconf is sizeof(struct ifbifconf).
const SizeofIfbifconf = 16

func (i *Ifbifconf) layout(v view) {
	v.u32(0, &i.Len)
	v.u64(8, &i.Buf)
}

// Append appends i in C layout to b.
func (i Ifbifconf) Append(b []byte) []byte { return appendStruct(b, SizeofIfbifconf, &i) }

// ParseIfbifconf reads a struct ifbifconf from the front of b.
func ParseIfbifconf(b []byte) (Ifbifconf, error) {
	return parseStruct[Ifbifconf](b, "struct ifbifconf", SizeofIfbifconf)
}

// An Ifbareq is a hardware address that a bridge knows.
//
//	// net/if_bridgevar.h
//	struct ifbareq {
//		char ifba_ifsname[16];
//		time_t ifba_expire;
//		uint8_t ifba_flags;
//		uint8_t ifba_dst[6];
//	};
type Ifbareq struct {
	Ifsname string
	Expire  int64
	Flags   uint8
	Dst     [6]byte
}

// SizeofIfbareq is sizeof(struct ifbareq).
const SizeofIfbareq = 32

func (i *Ifbareq) layout(v view) {
	v.str(0, 16, &i.Ifsname)
	v.i64(16, &i.Expire)
	v.u8(24, &i.Flags)
	v.bytes(25, i.Dst[:])
}

// Append appends i in C layout to b.
func (i Ifbareq) Append(b []byte) []byte { return appendStruct(b, SizeofIfbareq, &i) }

// ParseIfbareq reads a struct ifbareq from the front of b.
func ParseIfbareq(b []byte) (Ifbareq, error) {
	return parseStruct[Ifbareq](b, "struct ifbareq", SizeofIfbareq)
}

// ParseIfbareqs reads all addresses in b, the answer to a BRDGRTS.
func ParseIfbareqs(b []byte) ([]Ifbareq, error) {
	return parseArray[Ifbareq](b, "struct ifbareq", SizeofIfbareq)
}

// An Ifbaconf asks for the hardware addresses: Buf has room for Len bytes of
// [Ifbareq]. It has the layout of an [Ifbifconf].
type Ifbaconf = Ifbifconf

// An Ifbrparam is one number: a size (csize), a time in seconds (ctime) or a
// priority (prio, 16 bits).
//
//	// net/if_bridgevar.h
//	struct ifbrparam {
//		union { uint32_t ifbrpu_int32; uint16_t ifbrpu_int16; uint8_t ifbrpu_int8; } ifbrp_ifbrpu;
//	};
type Ifbrparam uint32

// SizeofIfbrparam is sizeof(struct ifbrparam).
const SizeofIfbrparam = 4

// Append appends i in C layout to b.
func (i Ifbrparam) Append(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, uint32(i)) }

// ParseIfbrparam reads a struct ifbrparam from the front of b.
func ParseIfbrparam(b []byte) (Ifbrparam, error) {
	if err := need("struct ifbrparam", b, SizeofIfbrparam); err != nil {
		return 0, err
	}
	return Ifbrparam(binary.LittleEndian.Uint32(b)), nil
}
