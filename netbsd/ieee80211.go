package netbsd

// An Ieee80211req is a setting of a wireless interface: [SIOCS80211],
// [SIOCG80211].
//
//	// net80211/ieee80211_ioctl.h
//	struct ieee80211req {
//		char i_name[16];
//		u_int16_t i_type;
//		int16_t i_val;
//		u_int16_t i_len;
//		void *i_data;
//	};
type Ieee80211req struct {
	Name string
	Type uint16
	Val  int16
	Len  uint16
	Data uint64
}

// SizeofIeee80211req is sizeof(struct ieee80211req).
const SizeofIeee80211req = 32

func (r *Ieee80211req) layout(v view) {
	v.str(0, 16, &r.Name)
	v.u16(16, &r.Type)
	v.i16(18, &r.Val)
	v.u16(20, &r.Len)
	v.u64(24, &r.Data)
}

// Append appends r in C layout to b.
func (r Ieee80211req) Append(b []byte) []byte { return appendStruct(b, SizeofIeee80211req, &r) }

// ParseIeee80211req reads a struct ieee80211req from the front of b.
func ParseIeee80211req(b []byte) (Ieee80211req, error) {
	return parseStruct[Ieee80211req](b, "struct ieee80211req", SizeofIeee80211req)
}

// Types of an Ieee80211req, and limits of their values.
const (
	IEEE80211_IOC_RTSTHRESHOLD  = 12
	IEEE80211_IOC_SCAN_REQ      = 23
	IEEE80211_IOC_SCAN_RESULTS  = 24
	IEEE80211_IOC_HIDESSID      = 29
	IEEE80211_IOC_APBRIDGE      = 30
	IEEE80211_IOC_FRAGTHRESHOLD = 73

	IEEE80211_CHAN_ANY = 0xffff
	IEEE80211_RTS_MIN  = 1
	IEEE80211_RTS_MAX  = 2346
	IEEE80211_FRAG_MIN = 256
	IEEE80211_FRAG_MAX = 2346
)

// An Ieee80211Nwid is the name of a wireless network: [SIOCS80211NWID],
// [SIOCG80211NWID]. The data of an [Ifreq] point to it.
//
//	// net80211/ieee80211_ioctl.h
//	struct ieee80211_nwid {
//		u_int8_t i_len;
//		u_int8_t i_nwid[32];
//	};
type Ieee80211Nwid struct {
	Len  uint8
	Nwid [IEEE80211_NWID_LEN]byte
}

// IEEE80211_NWID_LEN is the length of the longest name of a wireless network.
const IEEE80211_NWID_LEN = 32

// SizeofIeee80211Nwid is sizeof(struct ieee80211_nwid).
const SizeofIeee80211Nwid = 33

func (n *Ieee80211Nwid) layout(v view) {
	v.u8(0, &n.Len)
	v.bytes(1, n.Nwid[:])
}

// Append appends n in C layout to b.
func (n Ieee80211Nwid) Append(b []byte) []byte { return appendStruct(b, SizeofIeee80211Nwid, &n) }

// ParseIeee80211Nwid reads a struct ieee80211_nwid from the front of b.
func ParseIeee80211Nwid(b []byte) (Ieee80211Nwid, error) {
	return parseStruct[Ieee80211Nwid](b, "struct ieee80211_nwid", SizeofIeee80211Nwid)
}

// An Ieee80211Nwkey are the WEP keys of a wireless interface: [SIOCS80211NWKEY].
//
//	// net80211/ieee80211_ioctl.h
//	struct ieee80211_nwkey {
//		char i_name[16];
//		int i_wepon;
//		int i_defkid;
//		struct {
//			int i_keylen;
//			u_int8_t *i_keydat;
//		} i_key[4];
//	};
type Ieee80211Nwkey struct {
	Name   string
	Wepon  int32
	Defkid int32
	Keylen [IEEE80211_WEP_NKID]int32
	Keydat [IEEE80211_WEP_NKID]uint64
}

// IEEE80211_WEP_NKID is how many WEP keys there are, and the others say how they
// are used.
const (
	IEEE80211_WEP_NKID      = 4
	IEEE80211_NWKEY_OPEN    = 0
	IEEE80211_NWKEY_WEP     = 1
	IEEE80211_NWKEY_PERSIST = 0x100
)

// SizeofIeee80211Nwkey is sizeof(struct ieee80211_nwkey).
const SizeofIeee80211Nwkey = 88

func (n *Ieee80211Nwkey) layout(v view) {
	v.str(0, 16, &n.Name)
	v.i32(16, &n.Wepon)
	v.i32(20, &n.Defkid)
	for i := range n.Keylen {
		v.i32(24+16*i, &n.Keylen[i])
		v.u64(32+16*i, &n.Keydat[i])
	}
}

// Append appends n in C layout to b.
func (n Ieee80211Nwkey) Append(b []byte) []byte { return appendStruct(b, SizeofIeee80211Nwkey, &n) }

// ParseIeee80211Nwkey reads a struct ieee80211_nwkey from the front of b.
func ParseIeee80211Nwkey(b []byte) (Ieee80211Nwkey, error) {
	return parseStruct[Ieee80211Nwkey](b, "struct ieee80211_nwkey", SizeofIeee80211Nwkey)
}

// An Ieee80211Power is how a wireless interface saves power: [SIOCS80211POWER],
// [SIOCG80211POWER].
//
//	// net80211/ieee80211_ioctl.h
//	struct ieee80211_power {
//		char i_name[16];
//		int i_enabled;
//		int i_maxsleep;
//	};
type Ieee80211Power struct {
	Name     string
	Enabled  int32
	Maxsleep int32 // in milliseconds
}

// SizeofIeee80211Power is sizeof(struct ieee80211_power).
const SizeofIeee80211Power = 24

func (p *Ieee80211Power) layout(v view) {
	v.str(0, 16, &p.Name)
	v.i32(16, &p.Enabled)
	v.i32(20, &p.Maxsleep)
}

// Append appends p in C layout to b.
func (p Ieee80211Power) Append(b []byte) []byte { return appendStruct(b, SizeofIeee80211Power, &p) }

// ParseIeee80211Power reads a struct ieee80211_power from the front of b.
func ParseIeee80211Power(b []byte) (Ieee80211Power, error) {
	return parseStruct[Ieee80211Power](b, "struct ieee80211_power", SizeofIeee80211Power)
}

// An Ieee80211chanreq is the channel of a wireless interface:
// [SIOCS80211CHANNEL], [SIOCG80211CHANNEL].
//
//	// net80211/ieee80211_ioctl.h
//	struct ieee80211chanreq {
//		char i_name[16];
//		u_int16_t i_channel;
//	};
type Ieee80211chanreq struct {
	Name    string
	Channel uint16
}

// SizeofIeee80211chanreq is sizeof(struct ieee80211chanreq).
const SizeofIeee80211chanreq = 18

func (c *Ieee80211chanreq) layout(v view) {
	v.str(0, 16, &c.Name)
	v.u16(16, &c.Channel)
}

// Append appends c in C layout to b.
func (c Ieee80211chanreq) Append(b []byte) []byte {
	return appendStruct(b, SizeofIeee80211chanreq, &c)
}

// ParseIeee80211chanreq reads a struct ieee80211chanreq from the front of b.
func ParseIeee80211chanreq(b []byte) (Ieee80211chanreq, error) {
	return parseStruct[Ieee80211chanreq](b, "struct ieee80211chanreq", SizeofIeee80211chanreq)
}

// An Ieee80211Bssid is the station that a wireless interface keeps to:
// [SIOCS80211BSSID], [SIOCG80211BSSID].
//
//	// net80211/ieee80211_ioctl.h
//	struct ieee80211_bssid {
//		char i_name[16];
//		u_int8_t i_bssid[6];
//	};
type Ieee80211Bssid struct {
	Name  string
	Bssid [6]byte
}

// SizeofIeee80211Bssid is sizeof(struct ieee80211_bssid).
const SizeofIeee80211Bssid = 22

func (s *Ieee80211Bssid) layout(v view) {
	v.str(0, 16, &s.Name)
	v.bytes(16, s.Bssid[:])
}

// Append appends s in C layout to b.
func (s Ieee80211Bssid) Append(b []byte) []byte { return appendStruct(b, SizeofIeee80211Bssid, &s) }

// ParseIeee80211Bssid reads a struct ieee80211_bssid from the front of b.
func ParseIeee80211Bssid(b []byte) (Ieee80211Bssid, error) {
	return parseStruct[Ieee80211Bssid](b, "struct ieee80211_bssid", SizeofIeee80211Bssid)
}
