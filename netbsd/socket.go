package netbsd

// Types of sockets and flags of socket(2), from <sys/socket.h>.
const (
	SOCK_STREAM     = 1
	SOCK_DGRAM      = 2
	SOCK_RAW        = 3
	SOCK_RDM        = 4
	SOCK_SEQPACKET  = 5
	SOCK_CONN_DGRAM = 6
	SOCK_DCCP       = 6
	SOCK_CLOEXEC    = 0x10000000
	SOCK_NONBLOCK   = 0x20000000
	SOCK_NOSIGPIPE  = 0x40000000
	SOCK_FLAGS_MASK = 0xf0000000
)

// SOL_SOCKET is the level of SO_*; SOMAXCONN is the longest queue of listen(2).
const (
	SOL_SOCKET = 0xffff
	SOMAXCONN  = 128
)

// Options of the level SOL_SOCKET, from <sys/socket.h>. SO_LINGER takes a
// [Linger], SO_SNDTIMEO and SO_RCVTIMEO a [Timeval], SO_ACCEPTFILTER an
// [AcceptFilterArg], all others an int.
const (
	SO_DEBUG        = 0x1
	SO_ACCEPTCONN   = 0x2
	SO_REUSEADDR    = 0x4
	SO_KEEPALIVE    = 0x8
	SO_DONTROUTE    = 0x10
	SO_BROADCAST    = 0x20
	SO_USELOOPBACK  = 0x40
	SO_LINGER       = 0x80
	SO_OOBINLINE    = 0x100
	SO_REUSEPORT    = 0x200
	SO_NOSIGPIPE    = 0x800
	SO_ACCEPTFILTER = 0x1000
	SO_TIMESTAMP    = 0x2000
	SO_SNDBUF       = 0x1001
	SO_RCVBUF       = 0x1002
	SO_SNDLOWAT     = 0x1003
	SO_RCVLOWAT     = 0x1004
	SO_ERROR        = 0x1007
	SO_TYPE         = 0x1008
	SO_OVERFLOWED   = 0x1009
	SO_NOHEADER     = 0x100a
	SO_SNDTIMEO     = 0x100b
	SO_RCVTIMEO     = 0x100c
)

// Protocols, from <netinet/in.h>.
const (
	IPPROTO_IP        = 0
	IPPROTO_HOPOPTS   = 0
	IPPROTO_ICMP      = 1
	IPPROTO_IGMP      = 2
	IPPROTO_GGP       = 3
	IPPROTO_IPV4      = 4
	IPPROTO_IPIP      = 4
	IPPROTO_TCP       = 6
	IPPROTO_EGP       = 8
	IPPROTO_PUP       = 12
	IPPROTO_UDP       = 17
	IPPROTO_IDP       = 22
	IPPROTO_TP        = 29
	IPPROTO_DCCP      = 33
	IPPROTO_IPV6      = 41
	IPPROTO_ROUTING   = 43
	IPPROTO_FRAGMENT  = 44
	IPPROTO_RSVP      = 46
	IPPROTO_GRE       = 47
	IPPROTO_ESP       = 50
	IPPROTO_AH        = 51
	IPPROTO_MOBILE    = 55
	IPPROTO_IPV6_ICMP = 58
	IPPROTO_ICMPV6    = 58
	IPPROTO_NONE      = 59
	IPPROTO_DSTOPTS   = 60
	IPPROTO_EON       = 80
	IPPROTO_ETHERIP   = 97
	IPPROTO_ENCAP     = 98
	IPPROTO_PIM       = 103
	IPPROTO_IPCOMP    = 108
	IPPROTO_VRRP      = 112
	IPPROTO_CARP      = 112
	IPPROTO_SCTP      = 132
	IPPROTO_PFSYNC    = 240
	IPPROTO_RAW       = 255
	IPPROTO_MAX       = 256
)

// Ranges of ports, from <netinet/in.h>.
const (
	IPPORT_RESERVED    = 1024
	IPPORT_ANONMIN     = 0xc000
	IPPORT_ANONMAX     = 65535
	IPPORT_RESERVEDMIN = 600
	IPPORT_RESERVEDMAX = 1023
)

// Options of the level IPPROTO_IP, from <netinet/in.h>. IP_ADD_MEMBERSHIP and
// IP_DROP_MEMBERSHIP take an [IpMreq].
const (
	IP_OPTIONS                = 1
	IP_HDRINCL                = 2
	IP_TOS                    = 3
	IP_TTL                    = 4
	IP_RECVOPTS               = 5
	IP_RECVRETOPTS            = 6
	IP_RECVDSTADDR            = 7
	IP_RETOPTS                = 8
	IP_MULTICAST_IF           = 9
	IP_MULTICAST_TTL          = 10
	IP_MULTICAST_LOOP         = 11
	IP_ADD_MEMBERSHIP         = 12
	IP_DROP_MEMBERSHIP        = 13
	IP_PORTALGO               = 18
	IP_PORTRANGE              = 19
	IP_RECVIF                 = 20
	IP_ERRORMTU               = 21
	IP_IPSEC_POLICY           = 22
	IP_RECVTTL                = 23
	IP_MINTTL                 = 24
	IP_PKTINFO                = 25
	IP_RECVPKTINFO            = 26
	IP_DEFAULT_MULTICAST_TTL  = 1
	IP_DEFAULT_MULTICAST_LOOP = 1
	IP_MAX_MEMBERSHIPS        = 20
	IP_PORTRANGE_DEFAULT      = 0
	IP_PORTRANGE_HIGH         = 1
	IP_PORTRANGE_LOW          = 2
)

// Options of the levels IPPROTO_IPV6 and IPPROTO_ICMPV6, from <netinet6/in6.h>.
// IPV6_JOIN_GROUP and IPV6_LEAVE_GROUP take an [Ipv6Mreq], ICMP6_FILTER an
// [Icmp6Filter].
const (
	IPV6_SOCKOPT_RESERVED1      = 3
	IPV6_UNICAST_HOPS           = 4
	IPV6_MULTICAST_IF           = 9
	IPV6_MULTICAST_HOPS         = 10
	IPV6_MULTICAST_LOOP         = 11
	IPV6_JOIN_GROUP             = 12
	IPV6_LEAVE_GROUP            = 13
	IPV6_PORTRANGE              = 14
	IPV6_PORTALGO               = 17
	ICMP6_FILTER                = 18
	IPV6_CHECKSUM               = 26
	IPV6_V6ONLY                 = 27
	IPV6_IPSEC_POLICY           = 28
	IPV6_FAITH                  = 29
	IPV6_RTHDRDSTOPTS           = 35
	IPV6_RECVPKTINFO            = 36
	IPV6_RECVHOPLIMIT           = 37
	IPV6_RECVRTHDR              = 38
	IPV6_RECVHOPOPTS            = 39
	IPV6_RECVDSTOPTS            = 40
	IPV6_USE_MIN_MTU            = 42
	IPV6_RECVPATHMTU            = 43
	IPV6_PATHMTU                = 44
	IPV6_PKTINFO                = 46
	IPV6_HOPLIMIT               = 47
	IPV6_NEXTHOP                = 48
	IPV6_HOPOPTS                = 49
	IPV6_DSTOPTS                = 50
	IPV6_RTHDR                  = 51
	IPV6_RECVTCLASS             = 57
	IPV6_TCLASS                 = 61
	IPV6_DONTFRAG               = 62
	IPV6_PREFER_TEMPADDR        = 63
	IPV6_RTHDR_LOOSE            = 0
	IPV6_RTHDR_STRICT           = 1
	IPV6_RTHDR_TYPE_0           = 0
	IPV6_DEFAULT_MULTICAST_HOPS = 1
	IPV6_DEFAULT_MULTICAST_LOOP = 1
	IPV6_PORTRANGE_DEFAULT      = 0
	IPV6_PORTRANGE_HIGH         = 1
	IPV6_PORTRANGE_LOW          = 2
)

// Options of the level IPPROTO_TCP, from <netinet/tcp.h>. TCP_INFO gives a
// [TCPInfo], TCP_CONGCTL takes a name.
const (
	TCP_NODELAY   = 1
	TCP_MAXSEG    = 2
	TCP_KEEPIDLE  = 3
	TCP_KEEPINTVL = 5
	TCP_KEEPCNT   = 6
	TCP_KEEPINIT  = 7
	TCP_INFO      = 9
	TCP_MD5SIG    = 0x10
	TCP_CONGCTL   = 0x20
)

// Flags of send(2), recv(2) and their relatives, from <sys/socket.h>.
const (
	MSG_OOB          = 0x1
	MSG_PEEK         = 0x2
	MSG_DONTROUTE    = 0x4
	MSG_EOR          = 0x8
	MSG_TRUNC        = 0x10
	MSG_CTRUNC       = 0x20
	MSG_WAITALL      = 0x40
	MSG_DONTWAIT     = 0x80
	MSG_BCAST        = 0x100
	MSG_MCAST        = 0x200
	MSG_NOSIGNAL     = 0x400
	MSG_CMSG_CLOEXEC = 0x800
	MSG_NBIO         = 0x1000
	MSG_WAITFORONE   = 0x2000
	MSG_IOVUSRSPACE  = 0x4000000
)

// How to end with shutdown(2), from <sys/socket.h>.
const (
	SHUT_RD   = 0
	SHUT_WR   = 1
	SHUT_RDWR = 2
)

// Types of control messages of the level SOL_SOCKET, from <sys/socket.h>.
const (
	SCM_RIGHTS    = 0x1
	SCM_TIMESTAMP = 0x8
	SCM_CREDS     = 0x10
)
