package netbsd

import (
	"encoding/binary"
	"fmt"
)

// A BpfProgram is a packet filter: [BIOCSETF]. Insns points to Len [BpfInsn].
//
//	// net/bpf.h
//	struct bpf_program {
//		u_int bf_len;
//		struct bpf_insn *bf_insns;
//	};
type BpfProgram struct {
	Len   uint32
	Insns uint64
}

// SizeofBpfProgram is sizeof(struct bpf_program).
const SizeofBpfProgram = 16

func (p *BpfProgram) layout(v view) {
	v.u32(0, &p.Len)
	v.u64(8, &p.Insns)
}

// Append appends p in C layout to b.
func (p BpfProgram) Append(b []byte) []byte { return appendStruct(b, SizeofBpfProgram, &p) }

// ParseBpfProgram reads a struct bpf_program from the front of b.
func ParseBpfProgram(b []byte) (BpfProgram, error) {
	return parseStruct[BpfProgram](b, "struct bpf_program", SizeofBpfProgram)
}

// A BpfInsn is an instruction of a packet filter.
//
//	// net/bpf.h
//	struct bpf_insn {
//		uint16_t code;
//		u_char jt;
//		u_char jf;
//		uint32_t k;
//	};
type BpfInsn struct {
	Code uint16
	Jt   uint8
	Jf   uint8
	K    uint32
}

// SizeofBpfInsn is sizeof(struct bpf_insn).
const SizeofBpfInsn = 8

func (p *BpfInsn) layout(v view) {
	v.u16(0, &p.Code)
	v.u8(2, &p.Jt)
	v.u8(3, &p.Jf)
	v.u32(4, &p.K)
}

// Append appends p in C layout to b.
func (p BpfInsn) Append(b []byte) []byte { return appendStruct(b, SizeofBpfInsn, &p) }

// ParseBpfInsn reads a struct bpf_insn from the front of b.
func ParseBpfInsn(b []byte) (BpfInsn, error) {
	return parseStruct[BpfInsn](b, "struct bpf_insn", SizeofBpfInsn)
}

// A BpfStat counts packets: [BIOCGSTATS].
//
//	// net/bpf.h
//	struct bpf_stat {
//		uint64_t bs_recv;
//		uint64_t bs_drop;
//		uint64_t bs_capt;
//		uint64_t bs_padding[13];
//	};
type BpfStat struct {
	Recv uint64
	Drop uint64
	Capt uint64
}

// SizeofBpfStat is sizeof(struct bpf_stat).
const SizeofBpfStat = 128

func (p *BpfStat) layout(v view) {
	v.u64(0, &p.Recv)
	v.u64(8, &p.Drop)
	v.u64(16, &p.Capt)
}

// Append appends p in C layout to b.
func (p BpfStat) Append(b []byte) []byte { return appendStruct(b, SizeofBpfStat, &p) }

// ParseBpfStat reads a struct bpf_stat from the front of b.
func ParseBpfStat(b []byte) (BpfStat, error) {
	return parseStruct[BpfStat](b, "struct bpf_stat", SizeofBpfStat)
}

// A BpfVersion is that of the filter language: [BIOCVERSION].
//
//	// net/bpf.h
//	struct bpf_version {
//		u_short bv_major;
//		u_short bv_minor;
//	};
type BpfVersion struct {
	Major uint16
	Minor uint16
}

// SizeofBpfVersion is sizeof(struct bpf_version).
const SizeofBpfVersion = 4

func (p *BpfVersion) layout(v view) {
	v.u16(0, &p.Major)
	v.u16(2, &p.Minor)
}

// Append appends p in C layout to b.
func (p BpfVersion) Append(b []byte) []byte { return appendStruct(b, SizeofBpfVersion, &p) }

// ParseBpfVersion reads a struct bpf_version from the front of b.
func ParseBpfVersion(b []byte) (BpfVersion, error) {
	return parseStruct[BpfVersion](b, "struct bpf_version", SizeofBpfVersion)
}

// A BpfDltlist is the list of link types of an interface: [BIOCGDLTLIST]. List
// has room for Len numbers of four bytes.
//
//	// net/bpf.h
//	struct bpf_dltlist {
//		u_int bfl_len;
//		u_int *bfl_list;
//	};
type BpfDltlist struct {
	Len  uint32
	List uint64
}

// SizeofBpfDltlist is sizeof(struct bpf_dltlist).
const SizeofBpfDltlist = 16

func (p *BpfDltlist) layout(v view) {
	v.u32(0, &p.Len)
	v.u64(8, &p.List)
}

// Append appends p in C layout to b.
func (p BpfDltlist) Append(b []byte) []byte { return appendStruct(b, SizeofBpfDltlist, &p) }

// ParseBpfDltlist reads a struct bpf_dltlist from the front of b.
func ParseBpfDltlist(b []byte) (BpfDltlist, error) {
	return parseStruct[BpfDltlist](b, "struct bpf_dltlist", SizeofBpfDltlist)
}

// A BpfHdr begins a packet in what a packet filter is read: Caplen bytes follow
// at Hdrlen, and the next header is at the next multiple of eight bytes.
//
//	// net/bpf.h
//	struct bpf_hdr {
//		struct bpf_timeval bh_tstamp; /* two longs */
//		uint32_t           bh_caplen;
//		uint32_t           bh_datalen;
//		uint16_t           bh_hdrlen;
//	};
type BpfHdr struct {
	Sec     int64
	Usec    int64
	Caplen  uint32
	Datalen uint32
	Hdrlen  uint16
}

// SizeofBpfHdr is sizeof(struct bpf_hdr).
const SizeofBpfHdr = 32

func (p *BpfHdr) layout(v view) {
	v.i64(0, &p.Sec)
	v.i64(8, &p.Usec)
	v.u32(16, &p.Caplen)
	v.u32(20, &p.Datalen)
	v.u16(24, &p.Hdrlen)
}

// Append appends p in C layout to b.
func (p BpfHdr) Append(b []byte) []byte { return appendStruct(b, SizeofBpfHdr, &p) }

// ParseBpfHdr reads a struct bpf_hdr from the front of b.
func ParseBpfHdr(b []byte) (BpfHdr, error) {
	return parseStruct[BpfHdr](b, "struct bpf_hdr", SizeofBpfHdr)
}

// A BpfPacket is a packet that a packet filter let through.
type BpfPacket struct {
	Header BpfHdr
	Data   []byte
}

// Append appends the packet and its padding to b. Header.Caplen is the length of
// Data, and Header.Hdrlen what it has to be.
func (p BpfPacket) Append(b []byte) []byte {
	p.Header.Caplen, p.Header.Hdrlen = uint32(len(p.Data)), SizeofBpfHdr
	b = append(p.Header.Append(b), p.Data...)
	return append(b, make([]byte, roundUp(len(p.Data), 8)-len(p.Data))...)
}

// ParseBpfPackets reads all packets in b.
//
//	// #define BPF_WORDALIGN(x) (((x)+(BPF_ALIGNMENT-1))&~(BPF_ALIGNMENT-1))
func ParseBpfPackets(b []byte) ([]BpfPacket, error) {
	var ps []BpfPacket
	for off := 0; off < len(b); {
		p := b[off:]
		bad := func(format string, args ...any) error {
			return &FormatError{What: "struct bpf_hdr", Offset: off, Reason: fmt.Sprintf(format, args...)}
		}
		if len(p) < 26 { // without the padding at its end
			return nil, bad("no room for a header")
		}
		caplen, hdrlen := binary.LittleEndian.Uint32(p[16:]), int(binary.LittleEndian.Uint16(p[24:]))
		if hdrlen < 26 || hdrlen > len(p) || uint64(caplen) > uint64(len(p)-hdrlen) {
			return nil, bad("bh_hdrlen %d, bh_caplen %d, %d bytes left", hdrlen, caplen, len(p))
		}
		h, _ := ParseBpfHdr(append(append([]byte(nil), p[:26]...), make([]byte, 6)...))
		n := hdrlen + int(caplen)
		ps = append(ps, BpfPacket{h, append([]byte(nil), p[hdrlen:n]...)})
		off += min(roundUp(n, 8), len(p))
	}
	return ps, nil
}

// Link types of a packet filter, from <net/dlt.h>.
const (
	DLT_NULL       = 0
	DLT_EN10MB     = 1
	DLT_SLIP       = 8
	DLT_PPP        = 9
	DLT_RAW        = 12
	DLT_PPP_SERIAL = 50
	DLT_PPP_ETHER  = 51
	DLT_IEEE802_11 = 105
	DLT_LOOP       = 108
	DLT_LINUX_SLL  = 113
	DLT_PFLOG      = 117
)
