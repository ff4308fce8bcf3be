package netbsd

// A Pppoediscparms is how a pppoe(4) interface finds its server:
// [PPPOESETPARMS], [PPPOEGETPARMS].
//
//	// net/if_pppoe.h
//	struct pppoediscparms {
//		char ifname[16];
//		char eth_ifname[16];
//		const char *ac_name;
//		size_t ac_name_len;
//		const char *service_name;
//		size_t service_name_len;
//	};
type Pppoediscparms struct {
	Ifname         string
	EthIfname      string
	AcName         uint64
	AcNameLen      uint64
	ServiceName    uint64
	ServiceNameLen uint64
}

// SizeofPppoediscparms is sizeof(struct pppoediscparms).
const SizeofPppoediscparms = 64

func (p *Pppoediscparms) layout(v view) {
	v.str(0, 16, &p.Ifname)
	v.str(16, 16, &p.EthIfname)
	v.u64(32, &p.AcName)
	v.u64(40, &p.AcNameLen)
	v.u64(48, &p.ServiceName)
	v.u64(56, &p.ServiceNameLen)
}

// Append appends p in C layout to b.
func (p Pppoediscparms) Append(b []byte) []byte { return appendStruct(b, SizeofPppoediscparms, &p) }

// ParsePppoediscparms reads a struct pppoediscparms from the front of b.
func ParsePppoediscparms(b []byte) (Pppoediscparms, error) {
	return parseStruct[Pppoediscparms](b, "struct pppoediscparms", SizeofPppoediscparms)
}

// A Pppoeconnectionstate is the state of a pppoe(4) interface:
// [PPPOEGETSESSION].
//
//	// net/if_pppoe.h
//	struct pppoeconnectionstate {
//		char ifname[16];
//		u_int state;
//		u_int session_id;
//		u_int padi_retry_no;
//		u_int padr_retry_no;
//	};
type Pppoeconnectionstate struct {
	Ifname      string
	State       uint32
	SessionId   uint32
	PadiRetryNo uint32
	PadrRetryNo uint32
}

// SizeofPppoeconnectionstate is sizeof(struct pppoeconnectionstate).
const SizeofPppoeconnectionstate = 32

func (p *Pppoeconnectionstate) layout(v view) {
	v.str(0, 16, &p.Ifname)
	v.u32(16, &p.State)
	v.u32(20, &p.SessionId)
	v.u32(24, &p.PadiRetryNo)
	v.u32(28, &p.PadrRetryNo)
}

// Append appends p in C layout to b.
func (p Pppoeconnectionstate) Append(b []byte) []byte {
	return appendStruct(b, SizeofPppoeconnectionstate, &p)
}

// ParsePppoeconnectionstate reads a struct pppoeconnectionstate from the front of b.
func ParsePppoeconnectionstate(b []byte) (Pppoeconnectionstate, error) {
	return parseStruct[Pppoeconnectionstate](b, "struct pppoeconnectionstate", SizeofPppoeconnectionstate)
}

// States of a pppoe(4) interface, from <net/if_pppoe.h>.
const (
	PPPOE_STATE_INITIAL   = 0
	PPPOE_STATE_PADI_SENT = 1
	PPPOE_STATE_PADR_SENT = 2
	PPPOE_STATE_SESSION   = 3
	PPPOE_STATE_CLOSING   = 4
	PPPOE_STATE_PADO_SENT = 1
)

// A Spppauthcfg is how the ends of a PPP link prove who they are:
// [SPPPSETAUTHCFG], [SPPPGETAUTHCFG].
//
//	// net/if_sppp.h
//	struct spppauthcfg {
//		char ifname[16];
//		u_int hisauth;
//		u_int myauth;
//		u_int myname_length;
//		u_int mysecret_length;
//		u_int hisname_length;
//		u_int hissecret_length;
//		u_int myauthflags;
//		u_int hisauthflags;
//		char *myname;
//		char *mysecret;
//		char *hisname;
//		char *hissecret;
//	};
type Spppauthcfg struct {
	Ifname          string
	Hisauth         uint32
	Myauth          uint32
	MynameLength    uint32
	MysecretLength  uint32
	HisnameLength   uint32
	HissecretLength uint32
	Myauthflags     uint32
	Hisauthflags    uint32
	Myname          uint64
	Mysecret        uint64
	Hisname         uint64
	Hissecret       uint64
}

// SizeofSpppauthcfg is sizeof(struct spppauthcfg).
const SizeofSpppauthcfg = 80

func (s *Spppauthcfg) layout(v view) {
	v.str(0, 16, &s.Ifname)
	v.u32(16, &s.Hisauth)
	v.u32(20, &s.Myauth)
	v.u32(24, &s.MynameLength)
	v.u32(28, &s.MysecretLength)
	v.u32(32, &s.HisnameLength)
	v.u32(36, &s.HissecretLength)
	v.u32(40, &s.Myauthflags)
	v.u32(44, &s.Hisauthflags)
	v.u64(48, &s.Myname)
	v.u64(56, &s.Mysecret)
	v.u64(64, &s.Hisname)
	v.u64(72, &s.Hissecret)
}

// Append appends s in C layout to b.
func (s Spppauthcfg) Append(b []byte) []byte { return appendStruct(b, SizeofSpppauthcfg, &s) }

// ParseSpppauthcfg reads a struct spppauthcfg from the front of b.
func ParseSpppauthcfg(b []byte) (Spppauthcfg, error) {
	return parseStruct[Spppauthcfg](b, "struct spppauthcfg", SizeofSpppauthcfg)
}

// Protocols and flags of a Spppauthcfg, from <net/if_sppp.h>.
const (
	SPPP_AUTHPROTO_NONE         = 0
	SPPP_AUTHPROTO_PAP          = 1
	SPPP_AUTHPROTO_CHAP         = 2
	SPPP_AUTHFLAG_NOCALLOUT     = 1
	SPPP_AUTHFLAG_NORECHALLENGE = 2
)

// A Spppstatus is the phase of a PPP link: [SPPPGETSTATUS].
//
//	// net/if_sppp.h
//	struct spppstatus {
//		char ifname[16];
//		int phase;
//	};
type Spppstatus struct {
	Ifname string
	Phase  int32
}

// SizeofSpppstatus is sizeof(struct spppstatus).
const SizeofSpppstatus = 20

func (s *Spppstatus) layout(v view) {
	v.str(0, 16, &s.Ifname)
	v.i32(16, &s.Phase)
}

// Append appends s in C layout to b.
func (s Spppstatus) Append(b []byte) []byte { return appendStruct(b, SizeofSpppstatus, &s) }

// ParseSpppstatus reads a struct spppstatus from the front of b.
func ParseSpppstatus(b []byte) (Spppstatus, error) {
	return parseStruct[Spppstatus](b, "struct spppstatus", SizeofSpppstatus)
}

// Phases of a PPP link, from <net/if_sppp.h>.
const (
	SPPP_PHASE_DEAD         = 0
	SPPP_PHASE_ESTABLISH    = 1
	SPPP_PHASE_TERMINATE    = 2
	SPPP_PHASE_AUTHENTICATE = 3
	SPPP_PHASE_NETWORK      = 4
)
