package netbsd

// A Carpreq is what a carp(4) interface does: [SIOCSVH], [SIOCGVH]. The data of an
// [Ifreq] point to it.
//
//	// netinet/ip_carp.h
//	struct carpreq {
//		int carpr_state;
//		char carpr_carpdev[16];
//		int carpr_vhid;
//		int carpr_advskew;
//		int carpr_advbase;
//		unsigned char carpr_key[20];
//	};
type Carpreq struct {
	State   int32
	Carpdev string
	Vhid    int32
	Advskew int32
	Advbase int32
	Key     [20]byte
}

// SizeofCarpreq is sizeof(struct carpreq).
const SizeofCarpreq = 52

func (c *Carpreq) layout(v view) {
	v.i32(0, &c.State)
	v.str(4, 16, &c.Carpdev)
	v.i32(20, &c.Vhid)
	v.i32(24, &c.Advskew)
	v.i32(28, &c.Advbase)
	v.bytes(32, c.Key[:])
}

// Append appends c in C layout to b.
func (c Carpreq) Append(b []byte) []byte { return appendStruct(b, SizeofCarpreq, &c) }

// ParseCarpreq reads a struct carpreq from the front of b.
func ParseCarpreq(b []byte) (Carpreq, error) {
	return parseStruct[Carpreq](b, "struct carpreq", SizeofCarpreq)
}

// CARP_MAXSTATE is the highest state of a carp(4) interface. The states are
// INIT, BACKUP and MASTER, from 0.
const (
	CARP_KEY_LEN  = 20
	CARP_DFLTINTV = 1
	CARP_MAXSTATE = 2
)

// Counters of net.inet.carp.stats, from <netinet/ip_carp.h>. See [Stats].
const (
	CARP_STAT_IPACKETS  = 0
	CARP_STAT_IPACKETS6 = 1
	CARP_STAT_BADIF     = 2
	CARP_STAT_BADTTL    = 3
	CARP_STAT_HDROPS    = 4
	CARP_STAT_BADSUM    = 5
	CARP_STAT_BADVER    = 6
	CARP_STAT_BADLEN    = 7
	CARP_STAT_BADAUTH   = 8
	CARP_STAT_BADVHID   = 9
	CARP_STAT_BADADDRS  = 10
	CARP_STAT_OPACKETS  = 11
	CARP_STAT_OPACKETS6 = 12
	CARP_STAT_ONOMEM    = 13
	CARP_STAT_OSTATES   = 14
	CARP_STAT_PREEMPT   = 15
	CARP_NSTATS         = 16
)
