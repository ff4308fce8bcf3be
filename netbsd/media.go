package netbsd

// Media words describe the medium of an interface: its type, a subtype, a mode
// and options, in the bits that the masks name. From <net/if_media.h>.
const (
	IFM_NMASK     = 0xe0
	IFM_TMASK     = 0x1f
	IFM_IMASK     = 0xf0000000
	IFM_ISHIFT    = 0x1c
	IFM_OMASK     = 0xff00
	IFM_MMASK     = 0x70000
	IFM_MSHIFT    = 0x10
	IFM_GMASK     = 0xff00000
	IFM_ETH_FMASK = 0x400600
	IFM_INST_MAX  = 0xf
	IFM_INST_ANY  = 0xffffffff
)

// Types of media.
const (
	IFM_ETHER     = 0x20
	IFM_TOKEN     = 0x40
	IFM_FDDI      = 0x60
	IFM_IEEE80211 = 0x80
	IFM_CARP      = 0xc0
)

// Subtypes and options of any type.
const (
	IFM_AUTO   = 0
	IFM_MANUAL = 1
	IFM_NONE   = 2
	IFM_FDX    = 0x100000
	IFM_HDX    = 0x200000
	IFM_FLOW   = 0x400000
	IFM_FLAG0  = 0x1000000
	IFM_FLAG1  = 0x2000000
	IFM_FLAG2  = 0x4000000
	IFM_LOOP   = 0x8000000
)

// Subtypes and options of Ethernet.
const (
	IFM_10_T            = 3
	IFM_10_2            = 4
	IFM_10_5            = 5
	IFM_100_TX          = 6
	IFM_100_FX          = 7
	IFM_100_T4          = 8
	IFM_100_VG          = 9
	IFM_100_T2          = 10
	IFM_1000_SX         = 11
	IFM_10_STP          = 12
	IFM_10_FL           = 13
	IFM_1000_LX         = 14
	IFM_1000_CX         = 15
	IFM_1000_T          = 16
	IFM_HPNA_1          = 17
	IFM_10G_LR          = 18
	IFM_10G_SR          = 19
	IFM_10G_CX4         = 20
	IFM_2500_SX         = 21
	IFM_1000_BX10       = 22
	IFM_10G_TWINAX      = 23
	IFM_10G_TWINAX_LONG = 24
	IFM_10G_LRM         = 25
	IFM_10G_T           = 26
	IFM_ETH_MASTER      = 0x100
	IFM_ETH_RXPAUSE     = 0x200
	IFM_ETH_TXPAUSE     = 0x400
)

// Subtypes and options of token ring and FDDI.
const (
	IFM_TOK_STP4  = 3
	IFM_TOK_STP16 = 4
	IFM_TOK_UTP4  = 5
	IFM_TOK_UTP16 = 6
	IFM_TOK_ETR   = 0x200
	IFM_TOK_SRCRT = 0x400
	IFM_TOK_ALLR  = 0x800
	IFM_FDDI_SMF  = 3
	IFM_FDDI_MMF  = 4
	IFM_FDDI_UTP  = 5
	IFM_FDDI_DA   = 0x100
)

// Subtypes, modes and options of wireless networks.
const (
	IFM_IEEE80211_FH1     = 3
	IFM_IEEE80211_FH2     = 4
	IFM_IEEE80211_DS2     = 5
	IFM_IEEE80211_DS5     = 6
	IFM_IEEE80211_DS11    = 7
	IFM_IEEE80211_DS1     = 8
	IFM_IEEE80211_DS22    = 9
	IFM_IEEE80211_OFDM6   = 10
	IFM_IEEE80211_OFDM9   = 11
	IFM_IEEE80211_OFDM12  = 12
	IFM_IEEE80211_OFDM18  = 13
	IFM_IEEE80211_OFDM24  = 14
	IFM_IEEE80211_OFDM36  = 15
	IFM_IEEE80211_OFDM48  = 16
	IFM_IEEE80211_OFDM54  = 17
	IFM_IEEE80211_OFDM72  = 18
	IFM_IEEE80211_DS354k  = 19
	IFM_IEEE80211_DS512k  = 20
	IFM_IEEE80211_OFDM3   = 21
	IFM_IEEE80211_OFDM4   = 22
	IFM_IEEE80211_OFDM27  = 23
	IFM_IEEE80211_MCS     = 24
	IFM_IEEE80211_ADHOC   = 0x100
	IFM_IEEE80211_HOSTAP  = 0x200
	IFM_IEEE80211_MONITOR = 0x400
	IFM_IEEE80211_TURBO   = 0x800
	IFM_IEEE80211_IBSS    = 0x1000
	IFM_IEEE80211_WDS     = 0x2000
	IFM_IEEE80211_MBSS    = 0x4000
	IFM_IEEE80211_11A     = 0x10000
	IFM_IEEE80211_11B     = 0x20000
	IFM_IEEE80211_11G     = 0x30000
	IFM_IEEE80211_FH      = 0x40000
	IFM_IEEE80211_11NA    = 0x50000
	IFM_IEEE80211_11NG    = 0x60000
)

// Status bits of an [Ifmediareq].
const (
	IFM_AVALID       = 0x1
	IFM_ACTIVE       = 0x2
	IFM_STATUS_VALID = 1
)

// A Media is a media word.
type Media uint32

// Type is the type, one of IFM_ETHER and the like.
//
//	// #define IFM_TYPE(x) ((x) & IFM_NMASK)
func (m Media) Type() Media { return m & IFM_NMASK }

// Subtype is the subtype, which means something with the type only.
//
//	// #define IFM_SUBTYPE(x) ((x) & IFM_TMASK)
func (m Media) Subtype() Media { return m & IFM_TMASK }

// Mode is the mode.
//
//	// #define IFM_MODE(x) ((x) & IFM_MMASK)
func (m Media) Mode() Media { return m & IFM_MMASK }

// Inst is the number of the transceiver.
//
//	// #define IFM_INST(x) (((x) & IFM_IMASK) >> IFM_ISHIFT)
func (m Media) Inst() int { return int(m & IFM_IMASK >> IFM_ISHIFT) }

// Options are the option bits, those of the type and those of any type.
//
//	// #define IFM_OPTIONS(x) ((x) & (IFM_OMASK|IFM_GMASK))
func (m Media) Options() Media { return m & (IFM_OMASK | IFM_GMASK) }

// TypeName is the type as ifconfig(8) says it, such as "Ethernet".
func (m Media) TypeName() string {
	for _, w := range mediaTypes {
		if w.media == m.Type() {
			return w.name
		}
	}
	return "<unknown type>"
}

// SubtypeName is the subtype as ifconfig(8) says it, such as "autoselect" or
// "100baseTX".
func (m Media) SubtypeName() string {
	for _, w := range mediaSubtypes {
		if mediaTypeMatches(w.media, m) && w.media.Subtype() == m.Subtype() {
			return w.name
		}
	}
	return "<unknown subtype>"
}

// ModeName is the mode as ifconfig(8) says it, such as "11g", or empty.
func (m Media) ModeName() string {
	if m.Mode() == 0 {
		return ""
	}
	for _, w := range mediaModes {
		if mediaTypeMatches(w.media, m) && w.media.Mode() == m.Mode() {
			return w.name
		}
	}
	return ""
}

// OptionNames are the options as ifconfig(8) says them, such as "full-duplex".
func (m Media) OptionNames() []string {
	var names []string
	left := m.Options()
	for _, w := range mediaOptions {
		if opt := w.media.Options(); mediaTypeMatches(w.media, m) && left&opt != 0 {
			names = append(names, w.name)
			left &^= opt
		}
	}
	return names
}

// String is the subtype, the mode and the options, such as
// "100baseTX full-duplex".
func (m Media) String() string {
	s := m.SubtypeName()
	if mode := m.ModeName(); mode != "" {
		s += " mode " + mode
	}
	for i, name := range m.OptionNames() {
		if i == 0 {
			s += " " + name
		} else {
			s += "," + name
		}
	}
	return s
}

// LookupMediaSubtype finds a medium of the type of m by the name of its
// subtype. The result has m's type and, where the name says so, options.
func LookupMediaSubtype(m Media, name string) (Media, bool) {
	for _, w := range mediaSubtypes {
		if w.name == name && mediaTypeMatches(w.media, m) {
			return m.Type() | w.media.Subtype() | w.media.Options(), true
		}
	}
	return 0, false
}

// LookupMediaOption finds the bit of an option of media of the type of m.
func LookupMediaOption(m Media, name string) (Media, bool) {
	for _, w := range mediaOptions {
		if w.name == name && mediaTypeMatches(w.media, m) {
			return w.media.Options(), true
		}
	}
	return 0, false
}

// mediaTypeMatches reports whether a word that may be for all types fits m.
//
//	// #define IFM_TYPE_MATCH(dt, t) \
//	//     (IFM_TYPE((dt)) == 0 || IFM_TYPE((dt)) == IFM_TYPE((t)))
func mediaTypeMatches(word, m Media) bool { return word.Type() == 0 || word.Type() == m.Type() }

// A mediaWord is a name for a medium. Of several names the first is the one
// that is shown.
type mediaWord struct {
	media Media
	name  string
}

var mediaTypes = [...]mediaWord{
	{IFM_ETHER, "Ethernet"},
	{IFM_ETHER, "ether"},
	{IFM_TOKEN, "TokenRing"},
	{IFM_TOKEN, "token"},
	{IFM_FDDI, "FDDI"},
	{IFM_IEEE80211, "IEEE802.11"},
	{IFM_CARP, "CARP"},
}

var mediaSubtypes = [...]mediaWord{
	{IFM_AUTO, "autoselect"},
	{IFM_AUTO, "auto"},
	{IFM_MANUAL, "manual"},
	{IFM_NONE, "none"},
	{IFM_ETHER | IFM_10_T, "10baseT"},
	{IFM_ETHER | IFM_10_T, "10baseT/UTP"},
	{IFM_ETHER | IFM_10_T, "UTP"},
	{IFM_ETHER | IFM_10_T, "10UTP"},
	{IFM_ETHER | IFM_10_T, "10BASE-T"},
	{IFM_ETHER | IFM_10_2, "10base2"},
	{IFM_ETHER | IFM_10_2, "10base2/BNC"},
	{IFM_ETHER | IFM_10_2, "BNC"},
	{IFM_ETHER | IFM_10_2, "10BNC"},
	{IFM_ETHER | IFM_10_2, "10BASE2"},
	{IFM_ETHER | IFM_10_5, "10base5"},
	{IFM_ETHER | IFM_10_5, "10base5/AUI"},
	{IFM_ETHER | IFM_10_5, "AUI"},
	{IFM_ETHER | IFM_10_5, "10AUI"},
	{IFM_ETHER | IFM_10_5, "10BASE5"},
	{IFM_ETHER | IFM_100_TX, "100baseTX"},
	{IFM_ETHER | IFM_100_TX, "100TX"},
	{IFM_ETHER | IFM_100_TX, "100BASE-TX"},
	{IFM_ETHER | IFM_100_FX, "100baseFX"},
	{IFM_ETHER | IFM_100_FX, "100FX"},
	{IFM_ETHER | IFM_100_FX, "100BASE-FX"},
	{IFM_ETHER | IFM_100_T4, "100baseT4"},
	{IFM_ETHER | IFM_100_T4, "100T4"},
	{IFM_ETHER | IFM_100_T4, "100BASE-T4"},
	{IFM_ETHER | IFM_100_VG, "100baseVG"},
	{IFM_ETHER | IFM_100_VG, "100VG"},
	{IFM_ETHER | IFM_100_VG, "100VG-AnyLAN"},
	{IFM_ETHER | IFM_100_T2, "100baseT2"},
	{IFM_ETHER | IFM_100_T2, "100T2"},
	{IFM_ETHER | IFM_100_T2, "100BASE-T2"},
	{IFM_ETHER | IFM_1000_SX, "1000baseSX"},
	{IFM_ETHER | IFM_1000_SX, "1000SX"},
	{IFM_ETHER | IFM_1000_SX, "1000BASE-SX"},
	{IFM_ETHER | IFM_10_STP, "10baseSTP"},
	{IFM_ETHER | IFM_10_STP, "STP"},
	{IFM_ETHER | IFM_10_STP, "10STP"},
	{IFM_ETHER | IFM_10_STP, "10BASE-STP"},
	{IFM_ETHER | IFM_10_FL, "10baseFL"},
	{IFM_ETHER | IFM_10_FL, "FL"},
	{IFM_ETHER | IFM_10_FL, "10FL"},
	{IFM_ETHER | IFM_10_FL, "10BASE-FL"},
	{IFM_ETHER | IFM_1000_LX, "1000baseLX"},
	{IFM_ETHER | IFM_1000_LX, "1000LX"},
	{IFM_ETHER | IFM_1000_LX, "1000BASE-LX"},
	{IFM_ETHER | IFM_1000_CX, "1000baseCX"},
	{IFM_ETHER | IFM_1000_CX, "1000CX"},
	{IFM_ETHER | IFM_1000_CX, "1000BASE-CX"},
	{IFM_ETHER | IFM_1000_BX10, "1000BASE-BX10"},
	{IFM_ETHER | IFM_1000_T, "1000baseT"},
	{IFM_ETHER | IFM_1000_T, "1000T"},
	{IFM_ETHER | IFM_1000_T, "1000BASE-T"},
	{IFM_ETHER | IFM_HPNA_1, "HomePNA1"},
	{IFM_ETHER | IFM_HPNA_1, "HPNA1"},
	{IFM_ETHER | IFM_10G_LR, "10GbaseLR"},
	{IFM_ETHER | IFM_10G_LR, "10GLR"},
	{IFM_ETHER | IFM_10G_LR, "10GBASE-LR"},
	{IFM_ETHER | IFM_10G_SR, "10GbaseSR"},
	{IFM_ETHER | IFM_10G_SR, "10GSR"},
	{IFM_ETHER | IFM_10G_SR, "10GBASE-SR"},
	{IFM_ETHER | IFM_10G_LRM, "10Gbase-LRM"},
	{IFM_ETHER | IFM_10G_TWINAX, "10Gbase-Twinax"},
	{IFM_ETHER | IFM_10G_TWINAX_LONG, "10Gbase-Twinax-Long"},
	{IFM_ETHER | IFM_10G_T, "10Gbase-T"},
	{IFM_ETHER | IFM_10G_CX4, "10GbaseCX4"},
	{IFM_ETHER | IFM_10G_CX4, "10GCX4"},
	{IFM_ETHER | IFM_10G_CX4, "10GBASE-CX4"},
	{IFM_ETHER | IFM_2500_SX, "2500baseSX"},
	{IFM_ETHER | IFM_2500_SX, "2500SX"},
	{IFM_TOKEN | IFM_TOK_STP4, "DB9/4Mbit"},
	{IFM_TOKEN | IFM_TOK_STP4, "4STP"},
	{IFM_TOKEN | IFM_TOK_STP16, "DB9/16Mbit"},
	{IFM_TOKEN | IFM_TOK_STP16, "16STP"},
	{IFM_TOKEN | IFM_TOK_UTP4, "UTP/4Mbit"},
	{IFM_TOKEN | IFM_TOK_UTP4, "4UTP"},
	{IFM_TOKEN | IFM_TOK_UTP16, "UTP/16Mbit"},
	{IFM_TOKEN | IFM_TOK_UTP16, "16UTP"},
	{IFM_FDDI | IFM_FDDI_SMF, "Single-mode"},
	{IFM_FDDI | IFM_FDDI_SMF, "SMF"},
	{IFM_FDDI | IFM_FDDI_MMF, "Multi-mode"},
	{IFM_FDDI | IFM_FDDI_MMF, "MMF"},
	{IFM_FDDI | IFM_FDDI_UTP, "UTP"},
	{IFM_FDDI | IFM_FDDI_UTP, "CDDI"},
	{IFM_ETHER | IFM_10_T | IFM_FDX, "10baseT-FDX"},
	{IFM_ETHER | IFM_10_T | IFM_FDX, "10BASE-T-FDX"},
	{IFM_ETHER | IFM_100_TX | IFM_FDX, "100baseTX-FDX"},
	{IFM_ETHER | IFM_100_TX | IFM_FDX, "100BASE-TX-FDX"},
	{IFM_ETHER | IFM_1000_T | IFM_FDX, "1000baseT-FDX"},
	{IFM_IEEE80211 | IFM_IEEE80211_FH1, "FH1"},
	{IFM_IEEE80211 | IFM_IEEE80211_FH2, "FH2"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS1, "DS1"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS2, "DS2"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS5, "DS5"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS11, "DS11"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS22, "DS22"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM6, "OFDM6"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM9, "OFDM9"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM12, "OFDM12"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM18, "OFDM18"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM24, "OFDM24"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM36, "OFDM36"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM48, "OFDM48"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM54, "OFDM54"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM72, "OFDM72"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS354k, "DS/354Kbps"},
	{IFM_IEEE80211 | IFM_IEEE80211_DS512k, "DS/512Kbps"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM3, "OFDM/3Mbps"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM4, "OFDM/4.5Mbps"},
	{IFM_IEEE80211 | IFM_IEEE80211_OFDM27, "OFDM/27Mbps"},
}

var mediaModes = [...]mediaWord{
	{IFM_AUTO, "autoselect"},
	{IFM_AUTO, "auto"},
	{IFM_IEEE80211 | IFM_IEEE80211_11A, "11a"},
	{IFM_IEEE80211 | IFM_IEEE80211_11B, "11b"},
	{IFM_IEEE80211 | IFM_IEEE80211_11G, "11g"},
	{IFM_IEEE80211 | IFM_IEEE80211_FH, "fh"},
	{IFM_IEEE80211 | IFM_IEEE80211_11NA, "11na"},
	{IFM_IEEE80211 | IFM_IEEE80211_11NG, "11ng"},
}

var mediaOptions = [...]mediaWord{
	{IFM_FDX, "full-duplex"},
	{IFM_FDX, "fdx"},
	{IFM_HDX, "half-duplex"},
	{IFM_HDX, "hdx"},
	{IFM_FLOW, "flowcontrol"},
	{IFM_FLOW, "flow"},
	{IFM_FLAG0, "flag0"},
	{IFM_FLAG1, "flag1"},
	{IFM_FLAG2, "flag2"},
	{IFM_LOOP, "loopback"},
	{IFM_LOOP, "hw-loopback"},
	{IFM_LOOP, "loop"},
	{IFM_ETHER | IFM_ETH_MASTER, "master"},
	{IFM_ETHER | IFM_ETH_RXPAUSE, "rxpause"},
	{IFM_ETHER | IFM_ETH_TXPAUSE, "txpause"},
	{IFM_TOKEN | IFM_TOK_ETR, "EarlyTokenRelease"},
	{IFM_TOKEN | IFM_TOK_ETR, "ETR"},
	{IFM_TOKEN | IFM_TOK_SRCRT, "SourceRouting"},
	{IFM_TOKEN | IFM_TOK_SRCRT, "SRCRT"},
	{IFM_TOKEN | IFM_TOK_ALLR, "AllRoutes"},
	{IFM_TOKEN | IFM_TOK_ALLR, "ALLR"},
	{IFM_FDDI | IFM_FDDI_DA, "dual-attach"},
	{IFM_FDDI | IFM_FDDI_DA, "das"},
	{IFM_IEEE80211 | IFM_IEEE80211_ADHOC, "adhoc"},
	{IFM_IEEE80211 | IFM_IEEE80211_HOSTAP, "hostap"},
	{IFM_IEEE80211 | IFM_IEEE80211_MONITOR, "monitor"},
	{IFM_IEEE80211 | IFM_IEEE80211_TURBO, "turbo"},
	{IFM_IEEE80211 | IFM_IEEE80211_IBSS, "ibss"},
	{IFM_IEEE80211 | IFM_IEEE80211_WDS, "wds"},
	{IFM_IEEE80211 | IFM_IEEE80211_MBSS, "mesh"},
}
