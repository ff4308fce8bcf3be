package netbsd

import "encoding/binary"

// Stats are the counters of a protocol, the value of nodes such as
// net.inet.tcp.stats: numbers of eight bytes, indexed by TCP_STAT_* and the
// like. A name that ends in HIST is the first of many, which count by type of
// packet.
type Stats []uint64

// ParseStats reads the counters, which are all of b.
func ParseStats(b []byte) (Stats, error) {
	if len(b)%8 != 0 {
		return nil, &FormatError{What: "statistics", Offset: len(b) &^ 7, Reason: "incomplete counter"}
	}
	s := make(Stats, len(b)/8)
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return s, nil
}

// Append appends the counters to b.
func (s Stats) Append(b []byte) []byte {
	for _, n := range s {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

// At is counter i, or 0 if the kernel does not have it.
func (s Stats) At(i int) uint64 {
	if i < 0 || i >= len(s) {
		return 0
	}
	return s[i]
}

// Counters of net.inet.ip.stats, from <netinet/ip_var.h>.
const (
	IP_STAT_TOTAL        = 0
	IP_STAT_BADSUM       = 1
	IP_STAT_TOOSHORT     = 2
	IP_STAT_TOOSMALL     = 3
	IP_STAT_BADHLEN      = 4
	IP_STAT_BADLEN       = 5
	IP_STAT_FRAGMENTS    = 6
	IP_STAT_FRAGDROPPED  = 7
	IP_STAT_FRAGTIMEOUT  = 8
	IP_STAT_FORWARD      = 9
	IP_STAT_FASTFORWARD  = 10
	IP_STAT_CANTFORWARD  = 11
	IP_STAT_REDIRECTSENT = 12
	IP_STAT_NOPROTO      = 13
	IP_STAT_DELIVERED    = 14
	IP_STAT_LOCALOUT     = 15
	IP_STAT_ODROPPED     = 16
	IP_STAT_REASSEMBLED  = 17
	IP_STAT_FRAGMENTED   = 18
	IP_STAT_OFRAGMENTS   = 19
	IP_STAT_CANTFRAG     = 20
	IP_STAT_BADOPTIONS   = 21
	IP_STAT_NOROUTE      = 22
	IP_STAT_BADVERS      = 23
	IP_STAT_RAWOUT       = 24
	IP_STAT_BADFRAGS     = 25
	IP_STAT_RCVMEMDROP   = 26
	IP_STAT_TOOLONG      = 27
	IP_STAT_NOGIF        = 28
	IP_STAT_BADADDR      = 29
	IP_NSTATS            = 30
)

// Counters of net.inet.icmp.stats, from <netinet/icmp_var.h>.
const (
	ICMP_STAT_ERROR        = 0
	ICMP_STAT_OLDSHORT     = 1
	ICMP_STAT_OLDICMP      = 2
	ICMP_STAT_BADCODE      = 3
	ICMP_STAT_TOOSHORT     = 4
	ICMP_STAT_CHECKSUM     = 5
	ICMP_STAT_BADLEN       = 6
	ICMP_STAT_REFLECT      = 7
	ICMP_STAT_PMTUCHG      = 8
	ICMP_STAT_BMCASTECHO   = 9
	ICMP_STAT_BMCASTTSTAMP = 10
	ICMP_STAT_LAST         = 16
	ICMP_STAT_OUTHIST      = 16
	ICMP_STAT_INHIST       = 57
	ICMP_NSTATS            = 98
)

// Counters of net.inet.igmp.stats, from <netinet/igmp_var.h>.
const (
	IGMP_STAT_RCV_TOTAL      = 1
	IGMP_STAT_RCV_TOOSHORT   = 2
	IGMP_STAT_RCV_BADSUM     = 3
	IGMP_STAT_RCV_QUERIES    = 4
	IGMP_STAT_RCV_BADQUERIES = 5
	IGMP_STAT_RCV_REPORTS    = 6
	IGMP_STAT_RCV_BADREPORTS = 7
	IGMP_STAT_RCV_OURREPORTS = 8
	IGMP_STAT_SND_REPORTS    = 9
	IGMP_NSTATS              = 10
)

// Counters of net.inet.tcp.stats, from <netinet/tcp_var.h>.
const (
	TCP_STAT_CONNATTEMPT       = 0
	TCP_STAT_ACCEPTS           = 1
	TCP_STAT_CONNECTS          = 2
	TCP_STAT_DROPS             = 3
	TCP_STAT_CONNDROPS         = 4
	TCP_STAT_CLOSED            = 5
	TCP_STAT_SEGSTIMED         = 6
	TCP_STAT_RTTUPDATED        = 7
	TCP_STAT_DELACK            = 8
	TCP_STAT_TIMEOUTDROP       = 9
	TCP_STAT_REXMTTIMEO        = 10
	TCP_STAT_PERSISTTIMEO      = 11
	TCP_STAT_KEEPTIMEO         = 12
	TCP_STAT_KEEPPROBE         = 13
	TCP_STAT_KEEPDROPS         = 14
	TCP_STAT_PERSISTDROPS      = 15
	TCP_STAT_CONNSDRAINED      = 16
	TCP_STAT_PMTUBLACKHOLE     = 17
	TCP_STAT_SNDTOTAL          = 18
	TCP_STAT_SNDPACK           = 19
	TCP_STAT_SNDBYTE           = 20
	TCP_STAT_SNDREXMITPACK     = 21
	TCP_STAT_SNDREXMITBYTE     = 22
	TCP_STAT_SNDACKS           = 23
	TCP_STAT_SNDPROBE          = 24
	TCP_STAT_SNDURG            = 25
	TCP_STAT_SNDWINUP          = 26
	TCP_STAT_SNDCTRL           = 27
	TCP_STAT_RCVTOTAL          = 28
	TCP_STAT_RCVPACK           = 29
	TCP_STAT_RCVBYTE           = 30
	TCP_STAT_RCVBADSUM         = 31
	TCP_STAT_RCVBADOFF         = 32
	TCP_STAT_RCVMEMDROP        = 33
	TCP_STAT_RCVSHORT          = 34
	TCP_STAT_RCVDUPPACK        = 35
	TCP_STAT_RCVDUPBYTE        = 36
	TCP_STAT_RCVPARTDUPPACK    = 37
	TCP_STAT_RCVPARTDUPBYTE    = 38
	TCP_STAT_RCVOOPACK         = 39
	TCP_STAT_RCVOOBYTE         = 40
	TCP_STAT_RCVPACKAFTERWIN   = 41
	TCP_STAT_RCVBYTEAFTERWIN   = 42
	TCP_STAT_RCVAFTERCLOSE     = 43
	TCP_STAT_RCVWINPROBE       = 44
	TCP_STAT_RCVDUPACK         = 45
	TCP_STAT_RCVACKTOOMUCH     = 46
	TCP_STAT_RCVACKPACK        = 47
	TCP_STAT_RCVACKBYTE        = 48
	TCP_STAT_RCVWINUPD         = 49
	TCP_STAT_PAWSDROP          = 50
	TCP_STAT_PREDACK           = 51
	TCP_STAT_PREDDAT           = 52
	TCP_STAT_PCBHASHMISS       = 53
	TCP_STAT_NOPORT            = 54
	TCP_STAT_BADSYN            = 55
	TCP_STAT_DELAYED_FREE      = 56
	TCP_STAT_SC_ADDED          = 57
	TCP_STAT_SC_COMPLETED      = 58
	TCP_STAT_SC_TIMED_OUT      = 59
	TCP_STAT_SC_OVERFLOWED     = 60
	TCP_STAT_SC_RESET          = 61
	TCP_STAT_SC_UNREACH        = 62
	TCP_STAT_SC_BUCKETOVERFLOW = 63
	TCP_STAT_SC_ABORTED        = 64
	TCP_STAT_SC_DUPESYN        = 65
	TCP_STAT_SC_DROPPED        = 66
	TCP_STAT_SC_COLLISIONS     = 67
	TCP_STAT_SC_RETRANSMITTED  = 68
	TCP_STAT_SC_DELAYED_FREE   = 69
	TCP_STAT_SELFQUENCH        = 70
	TCP_STAT_BADSIG            = 71
	TCP_STAT_GOODSIG           = 72
	TCP_STAT_ECN_SHS           = 73
	TCP_STAT_ECN_CE            = 74
	TCP_STAT_ECN_ECT           = 75
	TCP_NSTATS                 = 76
)

// Counters of net.inet.udp.stats, from <netinet/udp_var.h>.
const (
	UDP_STAT_IPACKETS    = 0
	UDP_STAT_HDROPS      = 1
	UDP_STAT_BADSUM      = 2
	UDP_STAT_BADLEN      = 3
	UDP_STAT_NOPORT      = 4
	UDP_STAT_NOPORTBCAST = 5
	UDP_STAT_FULLSOCK    = 6
	UDP_STAT_PCBHASHMISS = 7
	UDP_STAT_OPACKETS    = 8
	UDP_NSTATS           = 9
)

// Counters of net.inet.arp.stats, from <net/if_arp.h>.
const (
	ARP_STAT_SNDTOTAL    = 0
	ARP_STAT_SNDREPLY    = 1
	ARP_STAT_SENDREQUEST = 2
	ARP_STAT_RCVTOTAL    = 3
	ARP_STAT_RCVREQUEST  = 4
	ARP_STAT_RCVREPLY    = 5
	ARP_STAT_RCVMCAST    = 6
	ARP_STAT_RCVBADPROTO = 7
	ARP_STAT_RCVBADLEN   = 8
	ARP_STAT_RCVZEROTPA  = 9
	ARP_STAT_RCVZEROSPA  = 10
	ARP_STAT_RCVNOINT    = 11
	ARP_STAT_RCVLOCALSHA = 12
	ARP_STAT_RCVBCASTSHA = 13
	ARP_STAT_RCVLOCALSPA = 14
	ARP_STAT_RCVOVERPERM = 15
	ARP_STAT_RCVOVERINT  = 16
	ARP_STAT_RCVOVER     = 17
	ARP_STAT_RCVLENCHG   = 18
	ARP_STAT_DFRTOTAL    = 19
	ARP_STAT_DFRSENT     = 20
	ARP_STAT_DFRDROPPED  = 21
	ARP_STAT_ALLOCFAIL   = 22
	ARP_NSTATS           = 23
)

// Counters of net.inet6.ip6.stats, from <netinet6/ip6_var.h>.
const (
	IP6_STAT_TOTAL              = 0
	IP6_STAT_TOOSHORT           = 1
	IP6_STAT_TOOSMALL           = 2
	IP6_STAT_FRAGMENTS          = 3
	IP6_STAT_FRAGDROPPED        = 4
	IP6_STAT_FRAGTIMEOUT        = 5
	IP6_STAT_FRAGOVERFLOW       = 6
	IP6_STAT_FORWARD            = 7
	IP6_STAT_CANTFORWARD        = 8
	IP6_STAT_REDIRECTSENT       = 9
	IP6_STAT_DELIVERED          = 10
	IP6_STAT_LOCALOUT           = 11
	IP6_STAT_ODROPPED           = 12
	IP6_STAT_REASSEMBLED        = 13
	IP6_STAT_FRAGMENTED         = 14
	IP6_STAT_OFRAGMENTS         = 15
	IP6_STAT_CANTFRAG           = 16
	IP6_STAT_BADOPTIONS         = 17
	IP6_STAT_NOROUTE            = 18
	IP6_STAT_BADVERS            = 19
	IP6_STAT_RAWOUT             = 20
	IP6_STAT_BADSCOPE           = 21
	IP6_STAT_NOTMEMBER          = 22
	IP6_STAT_NXTHIST            = 23
	IP6_STAT_M1                 = 279
	IP6_STAT_M2M                = 280
	IP6_STAT_MEXT1              = 312
	IP6_STAT_MEXT2M             = 313
	IP6_STAT_EXTHDRTOOLONG      = 314
	IP6_STAT_NOGIF              = 315
	IP6_STAT_TOOMANYHDR         = 316
	IP6_STAT_SOURCES_NONE       = 317
	IP6_STAT_SOURCES_SAMEIF     = 318
	IP6_STAT_SOURCES_OTHERIF    = 334
	IP6_STAT_SOURCES_SAMESCOPE  = 350
	IP6_STAT_SOURCES_OTHERSCOPE = 366
	IP6_STAT_SOURCES_DEPRECATED = 382
	IP6_STAT_FORWARD_CACHEHIT   = 398
	IP6_STAT_FORWARD_CACHEMISS  = 399
	IP6_STAT_FASTFORWARD        = 400
	IP6_STAT_FASTFORWARDFLOWS   = 401
	IP6_NSTATS                  = 402
)

// Counters of net.inet6.icmp6.stats, from <netinet/icmp6.h>.
const (
	ICMP6_STAT_ERROR           = 0
	ICMP6_STAT_CANTERROR       = 1
	ICMP6_STAT_TOOFREQ         = 2
	ICMP6_STAT_OUTHIST         = 3
	ICMP6_STAT_BADCODE         = 259
	ICMP6_STAT_TOOSHORT        = 260
	ICMP6_STAT_CHECKSUM        = 261
	ICMP6_STAT_BADLEN          = 262
	ICMP6_STAT_REFLECT         = 263
	ICMP6_STAT_INHIST          = 264
	ICMP6_STAT_ND_TOOMANYOPT   = 520
	ICMP6_STAT_OUTERRHIST      = 521
	ICMP6_STAT_PMTUCHG         = 534
	ICMP6_STAT_ND_BADOPT       = 535
	ICMP6_STAT_BADNS           = 536
	ICMP6_STAT_BADNA           = 537
	ICMP6_STAT_BADRS           = 538
	ICMP6_STAT_BADRA           = 539
	ICMP6_STAT_BADREDIRECT     = 540
	ICMP6_STAT_DROPPED_RAROUTE = 541
	ICMP6_NSTATS               = 542
)

// Counters of net.inet6.udp6.stats, from <netinet6/udp6_var.h>.
const (
	UDP6_STAT_IPACKETS     = 0
	UDP6_STAT_HDROPS       = 1
	UDP6_STAT_BADSUM       = 2
	UDP6_STAT_NOSUM        = 3
	UDP6_STAT_BADLEN       = 4
	UDP6_STAT_NOPORT       = 5
	UDP6_STAT_NOPORTMCAST  = 6
	UDP6_STAT_FULLSOCK     = 7
	UDP6_STAT_PCBCACHEMISS = 8
	UDP6_STAT_OPACKETS     = 9
	UDP6_NSTATS            = 10
)

// Counters of net.inet6.raw6.stats, from <netinet6/raw_ip6.h>.
const (
	RIP6_STAT_IPACKETS    = 0
	RIP6_STAT_ISUM        = 1
	RIP6_STAT_BADSUM      = 2
	RIP6_STAT_NOSOCK      = 3
	RIP6_STAT_NOSOCKMCAST = 4
	RIP6_STAT_FULLSOCK    = 5
	RIP6_STAT_OPACKETS    = 6
	RIP6_NSTATS           = 7
)
