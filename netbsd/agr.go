package netbsd

// An Agrreq changes or asks for the ports of an agr(4) interface: [SIOCSETAGR],
// [SIOCGETAGR]. The data of an [Ifreq] point to it. Buf holds a port's name with
// AGRCMD_ADDPORT and AGRCMD_REMPORT; with AGRCMD_PORTLIST it is filled with an
// [Agrportlist] and as many [Agrportinfo].
//
//	// net/agr/if_agrioctl.h
//	struct agrreq {
//		int ar_version;
//		int ar_cmd;
//		void *ar_buf;
//		size_t ar_buflen;
//	};
type Agrreq struct {
	Version int32
	Cmd     int32
	Buf     uint64
	Buflen  uint64
}

// SizeofAgrreq is sizeof(struct agrreq).
const SizeofAgrreq = 24

func (a *Agrreq) layout(v view) {
	v.i32(0, &a.Version)
	v.i32(4, &a.Cmd)
	v.u64(8, &a.Buf)
	v.u64(16, &a.Buflen)
}

// Append appends a in C layout to b.
func (a Agrreq) Append(b []byte) []byte { return appendStruct(b, SizeofAgrreq, &a) }

// ParseAgrreq reads a struct agrreq from the front of b.
func ParseAgrreq(b []byte) (Agrreq, error) {
	return parseStruct[Agrreq](b, "struct agrreq", SizeofAgrreq)
}

// Version and commands of an Agrreq, from <net/agr/if_agrioctl.h>.
const (
	AGRREQ_VERSION  = 2
	AGRCMD_ADDPORT  = 1
	AGRCMD_REMPORT  = 2
	AGRCMD_PORTLIST = 3
)

// An Agrportlist begins the list of ports.
//
//	// net/agr/if_agrioctl.h
//	struct agrportlist {
//		int apl_nports;
//	};
type Agrportlist struct {
	Nports int32
}

// SizeofAgrportlist is sizeof(struct agrportlist).
const SizeofAgrportlist = 4

func (a *Agrportlist) layout(v view) {
	v.i32(0, &a.Nports)
}

// Append appends a in C layout to b.
func (a Agrportlist) Append(b []byte) []byte { return appendStruct(b, SizeofAgrportlist, &a) }

// ParseAgrportlist reads a struct agrportlist from the front of b.
func ParseAgrportlist(b []byte) (Agrportlist, error) {
	return parseStruct[Agrportlist](b, "struct agrportlist", SizeofAgrportlist)
}

// An Agrportinfo is a port. Its flags are AGRPORTINFO_*.
//
//	// net/agr/if_agrioctl.h
//	struct agrportinfo {
//		char api_ifname[16];
//		int api_flags;
//	};
type Agrportinfo struct {
	Ifname string
	Flags  int32
}

// SizeofAgrportinfo is sizeof(struct agrportinfo).
const SizeofAgrportinfo = 20

func (a *Agrportinfo) layout(v view) {
	v.str(0, 16, &a.Ifname)
	v.i32(16, &a.Flags)
}

// Append appends a in C layout to b.
func (a Agrportinfo) Append(b []byte) []byte { return appendStruct(b, SizeofAgrportinfo, &a) }

// ParseAgrportinfo reads a struct agrportinfo from the front of b.
func ParseAgrportinfo(b []byte) (Agrportinfo, error) {
	return parseStruct[Agrportinfo](b, "struct agrportinfo", SizeofAgrportinfo)
}

// Flags of a port, from <net/agr/if_agrioctl.h>.
const (
	AGRPORTINFO_COLLECTING   = 1
	AGRPORTINFO_DISTRIBUTING = 2
)

// ParseAgrports reads the list of ports that AGRCMD_PORTLIST left in b.
func ParseAgrports(b []byte) ([]Agrportinfo, error) {
	l, err := ParseAgrportlist(b)
	if err != nil {
		return nil, err
	}
	b = b[SizeofAgrportlist:]
	if l.Nports < 0 || int(l.Nports) > len(b)/SizeofAgrportinfo {
		return nil, &FormatError{What: "struct agrportlist", Reason: "more ports than bytes"}
	}
	return parseArray[Agrportinfo](b[:int(l.Nports)*SizeofAgrportinfo], "struct agrportinfo", SizeofAgrportinfo)
}
