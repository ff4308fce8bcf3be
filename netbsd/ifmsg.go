package netbsd

// An IfData is what is known and counted about an interface.
//
//	// net/if.h
//	struct if_data {
//		u_char ifi_type;
//		u_char ifi_addrlen;
//		u_char ifi_hdrlen;
//		int ifi_link_state;
//		uint64_t ifi_mtu;
//		uint64_t ifi_metric;
//		uint64_t ifi_baudrate;
//		uint64_t ifi_ipackets;
//		uint64_t ifi_ierrors;
//		uint64_t ifi_opackets;
//		uint64_t ifi_oerrors;
//		uint64_t ifi_collisions;
//		uint64_t ifi_ibytes;
//		uint64_t ifi_obytes;
//		uint64_t ifi_imcasts;
//		uint64_t ifi_omcasts;
//		uint64_t ifi_iqdrops;
//		uint64_t ifi_noproto;
//		struct timespec ifi_lastchange;
//	};
type IfData struct {
	Type       uint8
	Addrlen    uint8
	Hdrlen     uint8
	LinkState  int32
	Mtu        uint64
	Metric     uint64
	Baudrate   uint64
	Ipackets   uint64
	Ierrors    uint64
	Opackets   uint64
	Oerrors    uint64
	Collisions uint64
	Ibytes     uint64
	Obytes     uint64
	Imcasts    uint64
	Omcasts    uint64
	Iqdrops    uint64
	Noproto    uint64
	Lastchange Timespec
}

// SizeofIfData is sizeof(struct if_data).
const SizeofIfData = 136

func (i *IfData) layout(v view) {
	v.u8(0, &i.Type)
	v.u8(1, &i.Addrlen)
	v.u8(2, &i.Hdrlen)
	v.i32(4, &i.LinkState)
	v.u64(8, &i.Mtu)
	v.u64(16, &i.Metric)
	v.u64(24, &i.Baudrate)
	v.u64(32, &i.Ipackets)
	v.u64(40, &i.Ierrors)
	v.u64(48, &i.Opackets)
	v.u64(56, &i.Oerrors)
	v.u64(64, &i.Collisions)
	v.u64(72, &i.Ibytes)
	v.u64(80, &i.Obytes)
	v.u64(88, &i.Imcasts)
	v.u64(96, &i.Omcasts)
	v.u64(104, &i.Iqdrops)
	v.u64(112, &i.Noproto)
	i.Lastchange.layout(v.at(120, SizeofTimespec))
}

// Append appends i in C layout to b.
func (i IfData) Append(b []byte) []byte { return appendStruct(b, SizeofIfData, &i) }

// ParseIfData reads a struct if_data from the front of b.
func ParseIfData(b []byte) (IfData, error) {
	return parseStruct[IfData](b, "struct if_data", SizeofIfData)
}

// An IfMsghdr begins a message about an interface, [RTM_IFINFO].
//
//	// net/if.h
//	struct if_msghdr {
//		u_short ifm_msglen;
//		u_char ifm_version;
//		u_char ifm_type;
//		int ifm_addrs;
//		int ifm_flags;
//		u_short ifm_index;
//		struct if_data ifm_data;
//	};
type IfMsghdr struct {
	Msglen  uint16
	Version uint8
	Type    uint8
	Addrs   int32
	Flags   int32
	Index   uint16
	Data    IfData
}

// SizeofIfMsghdr is sizeof(struct if_msghdr).
const SizeofIfMsghdr = 152

func (i *IfMsghdr) layout(v view) {
	v.u16(0, &i.Msglen)
	v.u8(2, &i.Version)
	v.u8(3, &i.Type)
	v.i32(4, &i.Addrs)
	v.i32(8, &i.Flags)
	v.u16(12, &i.Index)
	i.Data.layout(v.at(16, SizeofIfData))
}

// Append appends i in C layout to b.
func (i IfMsghdr) Append(b []byte) []byte { return appendStruct(b, SizeofIfMsghdr, &i) }

// ParseIfMsghdr reads a struct if_msghdr from the front of b.
func ParseIfMsghdr(b []byte) (IfMsghdr, error) {
	return parseStruct[IfMsghdr](b, "struct if_msghdr", SizeofIfMsghdr)
}

// An IfaMsghdr begins a message about an address of an interface, [RTM_NEWADDR]
// and [RTM_DELADDR].
//
//	// net/if.h
//	struct ifa_msghdr {
//		u_short ifam_msglen;
//		u_char ifam_version;
//		u_char ifam_type;
//		int ifam_addrs;
//		int ifam_flags;
//		int ifam_metric;
//		u_short ifam_index;
//	};
type IfaMsghdr struct {
	Msglen  uint16
	Version uint8
	Type    uint8
	Addrs   int32
	Flags   int32
	Metric  int32
	Index   uint16
}

// SizeofIfaMsghdr is sizeof(struct ifa_msghdr).
const SizeofIfaMsghdr = 24

func (i *IfaMsghdr) layout(v view) {
	v.u16(0, &i.Msglen)
	v.u8(2, &i.Version)
	v.u8(3, &i.Type)
	v.i32(4, &i.Addrs)
	v.i32(8, &i.Flags)
	v.i32(12, &i.Metric)
	v.u16(16, &i.Index)
}

// Append appends i in C layout to b.
func (i IfaMsghdr) Append(b []byte) []byte { return appendStruct(b, SizeofIfaMsghdr, &i) }

// ParseIfaMsghdr reads a struct ifa_msghdr from the front of b.
func ParseIfaMsghdr(b []byte) (IfaMsghdr, error) {
	return parseStruct[IfaMsghdr](b, "struct ifa_msghdr", SizeofIfaMsghdr)
}

// An IfAnnouncemsghdr is a message about an interface that came or went,
// [RTM_IFANNOUNCE].
//
//	// net/if.h
//	struct if_announcemsghdr {
//		u_short ifan_msglen;
//		u_char ifan_version;
//		u_char ifan_type;
//		u_short ifan_index;
//		char ifan_name[16];
//		u_short ifan_what;
//	};
type IfAnnouncemsghdr struct {
	Msglen  uint16
	Version uint8
	Type    uint8
	Index   uint16
	Name    string
	What    uint16
}

// SizeofIfAnnouncemsghdr is sizeof(struct if_announcemsghdr).
const SizeofIfAnnouncemsghdr = 24

func (i *IfAnnouncemsghdr) layout(v view) {
	v.u16(0, &i.Msglen)
	v.u8(2, &i.Version)
	v.u8(3, &i.Type)
	v.u16(4, &i.Index)
	v.str(6, 16, &i.Name)
	v.u16(22, &i.What)
}

// Append appends i in C layout to b.
func (i IfAnnouncemsghdr) Append(b []byte) []byte { return appendStruct(b, SizeofIfAnnouncemsghdr, &i) }

// ParseIfAnnouncemsghdr reads a struct if_announcemsghdr from the front of b.
func ParseIfAnnouncemsghdr(b []byte) (IfAnnouncemsghdr, error) {
	return parseStruct[IfAnnouncemsghdr](b, "struct if_announcemsghdr", SizeofIfAnnouncemsghdr)
}

// What an IfAnnouncemsghdr announces, from <net/if.h>.
const (
	IFAN_ARRIVAL   = 0
	IFAN_DEPARTURE = 1
)

// Types of interfaces, from <net/if_types.h>.
const (
	IFT_OTHER                         = 0x1
	IFT_1822                          = 0x2
	IFT_HDH1822                       = 0x3
	IFT_X25DDN                        = 0x4
	IFT_X25                           = 0x5
	IFT_ETHER                         = 0x6
	IFT_ISO88023                      = 0x7
	IFT_ISO88024                      = 0x8
	IFT_ISO88025                      = 0x9
	IFT_ISO88026                      = 0xa
	IFT_STARLAN                       = 0xb
	IFT_P10                           = 0xc
	IFT_P80                           = 0xd
	IFT_HY                            = 0xe
	IFT_FDDI                          = 0xf
	IFT_LAPB                          = 0x10
	IFT_SDLC                          = 0x11
	IFT_T1                            = 0x12
	IFT_CEPT                          = 0x13
	IFT_ISDNBASIC                     = 0x14
	IFT_ISDNPRIMARY                   = 0x15
	IFT_PTPSERIAL                     = 0x16
	IFT_PPP                           = 0x17
	IFT_LOOP                          = 0x18
	IFT_EON                           = 0x19
	IFT_XETHER                        = 0x1a
	IFT_NSIP                          = 0x1b
	IFT_SLIP                          = 0x1c
	IFT_ULTRA                         = 0x1d
	IFT_DS3                           = 0x1e
	IFT_SIP                           = 0x1f
	IFT_FRELAY                        = 0x20
	IFT_RS232                         = 0x21
	IFT_PARA                          = 0x22
	IFT_ARCNET                        = 0x23
	IFT_ARCNETPLUS                    = 0x24
	IFT_ATM                           = 0x25
	IFT_MIOX25                        = 0x26
	IFT_SONET                         = 0x27
	IFT_X25PLE                        = 0x28
	IFT_ISO88022LLC                   = 0x29
	IFT_LOCALTALK                     = 0x2a
	IFT_SMDSDXI                       = 0x2b
	IFT_FRELAYDCE                     = 0x2c
	IFT_V35                           = 0x2d
	IFT_HSSI                          = 0x2e
	IFT_HIPPI                         = 0x2f
	IFT_MODEM                         = 0x30
	IFT_AAL5                          = 0x31
	IFT_SONETPATH                     = 0x32
	IFT_SONETVT                       = 0x33
	IFT_SMDSICIP                      = 0x34
	IFT_PROPVIRTUAL                   = 0x35
	IFT_PROPMUX                       = 0x36
	IFT_IEEE80212                     = 0x37
	IFT_FIBRECHANNEL                  = 0x38
	IFT_HIPPIINTERFACE                = 0x39
	IFT_FRAMERELAYINTERCONNECT        = 0x3a
	IFT_AFLANE8023                    = 0x3b
	IFT_AFLANE8025                    = 0x3c
	IFT_CCTEMUL                       = 0x3d
	IFT_FASTETHER                     = 0x3e
	IFT_ISDN                          = 0x3f
	IFT_V11                           = 0x40
	IFT_V36                           = 0x41
	IFT_G703AT64K                     = 0x42
	IFT_G703AT2MB                     = 0x43
	IFT_QLLC                          = 0x44
	IFT_FASTETHERFX                   = 0x45
	IFT_CHANNEL                       = 0x46
	IFT_IEEE80211                     = 0x47
	IFT_IBM370PARCHAN                 = 0x48
	IFT_ESCON                         = 0x49
	IFT_DLSW                          = 0x4a
	IFT_ISDNS                         = 0x4b
	IFT_ISDNU                         = 0x4c
	IFT_LAPD                          = 0x4d
	IFT_IPSWITCH                      = 0x4e
	IFT_RSRB                          = 0x4f
	IFT_ATMLOGICAL                    = 0x50
	IFT_DS0                           = 0x51
	IFT_DS0BUNDLE                     = 0x52
	IFT_BSC                           = 0x53
	IFT_ASYNC                         = 0x54
	IFT_CNR                           = 0x55
	IFT_ISO88025DTR                   = 0x56
	IFT_EPLRS                         = 0x57
	IFT_ARAP                          = 0x58
	IFT_PROPCNLS                      = 0x59
	IFT_HOSTPAD                       = 0x5a
	IFT_TERMPAD                       = 0x5b
	IFT_FRAMERELAYMPI                 = 0x5c
	IFT_X213                          = 0x5d
	IFT_ADSL                          = 0x5e
	IFT_RADSL                         = 0x5f
	IFT_SDSL                          = 0x60
	IFT_VDSL                          = 0x61
	IFT_ISO88025CRFPINT               = 0x62
	IFT_MYRINET                       = 0x63
	IFT_VOICEEM                       = 0x64
	IFT_VOICEFXO                      = 0x65
	IFT_VOICEFXS                      = 0x66
	IFT_VOICEENCAP                    = 0x67
	IFT_VOICEOVERIP                   = 0x68
	IFT_ATMDXI                        = 0x69
	IFT_ATMFUNI                       = 0x6a
	IFT_ATMIMA                        = 0x6b
	IFT_PPPMULTILINKBUNDLE            = 0x6c
	IFT_IPOVERCDLC                    = 0x6d
	IFT_IPOVERCLAW                    = 0x6e
	IFT_STACKTOSTACK                  = 0x6f
	IFT_VIRTUALIPADDRESS              = 0x70
	IFT_MPC                           = 0x71
	IFT_IPOVERATM                     = 0x72
	IFT_ISO88025FIBER                 = 0x73
	IFT_TDLC                          = 0x74
	IFT_GIGABITETHERNET               = 0x75
	IFT_HDLC                          = 0x76
	IFT_LAPF                          = 0x77
	IFT_V37                           = 0x78
	IFT_X25MLP                        = 0x79
	IFT_X25HUNTGROUP                  = 0x7a
	IFT_TRANSPHDLC                    = 0x7b
	IFT_INTERLEAVE                    = 0x7c
	IFT_FAST                          = 0x7d
	IFT_IP                            = 0x7e
	IFT_DOCSCABLEMACLAYER             = 0x7f
	IFT_DOCSCABLEDOWNSTREAM           = 0x80
	IFT_DOCSCABLEUPSTREAM             = 0x81
	IFT_A12MPPSWITCH                  = 0x82
	IFT_TUNNEL                        = 0x83
	IFT_COFFEE                        = 0x84
	IFT_CES                           = 0x85
	IFT_ATMSUBINTERFACE               = 0x86
	IFT_L2VLAN                        = 0x87
	IFT_L3IPVLAN                      = 0x88
	IFT_L3IPXVLAN                     = 0x89
	IFT_DIGITALPOWERLINE              = 0x8a
	IFT_MEDIAMAILOVERIP               = 0x8b
	IFT_DTM                           = 0x8c
	IFT_DCN                           = 0x8d
	IFT_IPFORWARD                     = 0x8e
	IFT_MSDSL                         = 0x8f
	IFT_IEEE1394                      = 0x90
	IFT_IFGSN                         = 0x91
	IFT_DVBRCCMACLAYER                = 0x92
	IFT_DVBRCCDOWNSTREAM              = 0x93
	IFT_DVBRCCUPSTREAM                = 0x94
	IFT_ATMVIRTUAL                    = 0x95
	IFT_MPLSTUNNEL                    = 0x96
	IFT_SRP                           = 0x97
	IFT_VOICEOVERATM                  = 0x98
	IFT_VOICEOVERFRAMERELAY           = 0x99
	IFT_IDSL                          = 0x9a
	IFT_COMPOSITELINK                 = 0x9b
	IFT_SS7SIGLINK                    = 0x9c
	IFT_PROPWIRELESSP2P               = 0x9d
	IFT_FRFORWARD                     = 0x9e
	IFT_RFC1483                       = 0x9f
	IFT_USB                           = 0xa0
	IFT_IEEE8023ADLAG                 = 0xa1
	IFT_BGPPOLICYACCOUNTING           = 0xa2
	IFT_FRF16MFRBUNDLE                = 0xa3
	IFT_H323GATEKEEPER                = 0xa4
	IFT_H323PROXY                     = 0xa5
	IFT_MPLS                          = 0xa6
	IFT_MFSIGLINK                     = 0xa7
	IFT_HDSL2                         = 0xa8
	IFT_SHDSL                         = 0xa9
	IFT_DS1FDL                        = 0xaa
	IFT_POS                           = 0xab
	IFT_DVBASILN                      = 0xac
	IFT_DVBASIOUT                     = 0xad
	IFT_PLC                           = 0xae
	IFT_NFAS                          = 0xaf
	IFT_TR008                         = 0xb0
	IFT_GR303RDT                      = 0xb1
	IFT_GR303IDT                      = 0xb2
	IFT_ISUP                          = 0xb3
	IFT_PROPDOCSWIRELESSMACLAYER      = 0xb4
	IFT_PROPDOCSWIRELESSDOWNSTREAM    = 0xb5
	IFT_PROPDOCSWIRELESSUPSTREAM      = 0xb6
	IFT_HIPERLAN2                     = 0xb7
	IFT_PROPBWAP2MP                   = 0xb8
	IFT_SONETOVERHEADCHANNEL          = 0xb9
	IFT_DIGITALWRAPPEROVERHEADCHANNEL = 0xba
	IFT_AAL2                          = 0xbb
	IFT_RADIOMAC                      = 0xbc
	IFT_ATMRADIO                      = 0xbd
	IFT_IMT                           = 0xbe
	IFT_MVL                           = 0xbf
	IFT_REACHDSL                      = 0xc0
	IFT_FRDLCIENDPT                   = 0xc1
	IFT_ATMVCIENDPT                   = 0xc2
	IFT_OPTICALCHANNEL                = 0xc3
	IFT_OPTICALTRANSPORT              = 0xc4
	IFT_PROPATM                       = 0xc5
	IFT_VOICEOVERCABLE                = 0xc6
	IFT_INFINIBAND                    = 0xc7
	IFT_TELINK                        = 0xc8
	IFT_Q2931                         = 0xc9
	IFT_VIRTUALTG                     = 0xca
	IFT_SIPTG                         = 0xcb
	IFT_SIPSIG                        = 0xcc
	IFT_DOCSCABLEUPSTREAMCHANNEL      = 0xcd
	IFT_ECONET                        = 0xce
	IFT_PON155                        = 0xcf
	IFT_PON622                        = 0xd0
	IFT_BRIDGE                        = 0xd1
	IFT_LINEGROUP                     = 0xd2
	IFT_VOICEEMFGD                    = 0xd3
	IFT_VOICEFGDEANA                  = 0xd4
	IFT_VOICEDID                      = 0xd5
	IFT_STF                           = 0xd7
	IFT_GIF                           = 0xf0
	IFT_PVC                           = 0xf1
	IFT_FAITH                         = 0xf2
	IFT_PFLOG                         = 0xf5
	IFT_PFSYNC                        = 0xf6
	IFT_CARP                          = 0xf8
)
