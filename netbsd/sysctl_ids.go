package netbsd

// The numbers here are those that programs may have compiled in. Most nodes of
// the tree have no fixed number: ask with [CTL_QUERY].

// Names under CTL_KERN, from <sys/sysctl.h>.
const (
	KERN_OSTYPE                    = 1
	KERN_OSRELEASE                 = 2
	KERN_OSREV                     = 3
	KERN_VERSION                   = 4
	KERN_MAXVNODES                 = 5
	KERN_MAXPROC                   = 6
	KERN_MAXFILES                  = 7
	KERN_ARGMAX                    = 8
	KERN_SECURELVL                 = 9
	KERN_HOSTNAME                  = 10
	KERN_HOSTID                    = 11
	KERN_CLOCKRATE                 = 12
	KERN_VNODE                     = 13
	KERN_PROC                      = 14
	KERN_FILE                      = 15
	KERN_PROF                      = 16
	KERN_POSIX1                    = 17
	KERN_NGROUPS                   = 18
	KERN_JOB_CONTROL               = 19
	KERN_SAVED_IDS                 = 20
	KERN_OBOOTTIME                 = 21
	KERN_DOMAINNAME                = 22
	KERN_MAXPARTITIONS             = 23
	KERN_RAWPARTITION              = 24
	KERN_NTPTIME                   = 25
	KERN_TIMEX                     = 26
	KERN_AUTONICETIME              = 27
	KERN_AUTONICEVAL               = 28
	KERN_RTC_OFFSET                = 29
	KERN_ROOT_DEVICE               = 30
	KERN_MSGBUFSIZE                = 31
	KERN_FSYNC                     = 32
	KERN_OLDSYSVMSG                = 33
	KERN_OLDSYSVSEM                = 34
	KERN_OLDSYSVSHM                = 35
	KERN_OLDSHORTCORENAME          = 36
	KERN_SYNCHRONIZED_IO           = 37
	KERN_IOV_MAX                   = 38
	KERN_MBUF                      = 39
	KERN_MAPPED_FILES              = 40
	KERN_MEMLOCK                   = 41
	KERN_MEMLOCK_RANGE             = 42
	KERN_MEMORY_PROTECTION         = 43
	KERN_LOGIN_NAME_MAX            = 44
	KERN_DEFCORENAME               = 45
	KERN_LOGSIGEXIT                = 46
	KERN_PROC2                     = 47
	KERN_FSCALE                    = 49
	KERN_CCPU                      = 50
	KERN_CP_TIME                   = 51
	KERN_OLDSYSVIPC_INFO           = 52
	KERN_MSGBUF                    = 53
	KERN_CONSDEV                   = 54
	KERN_MAXPTYS                   = 55
	KERN_PIPE                      = 56
	KERN_MAXPHYS                   = 57
	KERN_SBMAX                     = 58
	KERN_TKSTAT                    = 59
	KERN_MONOTONIC_CLOCK           = 60
	KERN_URND                      = 61
	KERN_LABELSECTOR               = 62
	KERN_LABELOFFSET               = 63
	KERN_LWP                       = 64
	KERN_FORKFSLEEP                = 65
	KERN_POSIX_THREADS             = 66
	KERN_POSIX_SEMAPHORES          = 67
	KERN_POSIX_BARRIERS            = 68
	KERN_POSIX_TIMERS              = 69
	KERN_POSIX_SPIN_LOCKS          = 70
	KERN_POSIX_READER_WRITER_LOCKS = 71
	KERN_DUMP_ON_PANIC             = 72
	KERN_SOMAXKVA                  = 73
	KERN_ROOT_PARTITION            = 74
	KERN_DRIVERS                   = 75
	KERN_BUF                       = 76
	KERN_FILE2                     = 77
	KERN_VERIEXEC                  = 78
	KERN_CP_ID                     = 79
	KERN_HARDCLOCK_TICKS           = 80
	KERN_ARND                      = 81
	KERN_SYSVIPC                   = 82
	KERN_BOOTTIME                  = 83
	KERN_EVCNT                     = 84
	KERN_MAXID                     = 85
	KERN_FILESLOP                  = 10

	KERN_PROC_ARGS = 48
)

// Names under KERN_PROC and KERN_PROC2, from <sys/sysctl.h>.
const (
	KERN_PROC_ALL     = 0
	KERN_PROC_PID     = 1
	KERN_PROC_PGRP    = 2
	KERN_PROC_SESSION = 3
	KERN_PROC_TTY     = 4
	KERN_PROC_UID     = 5
	KERN_PROC_RUID    = 6
	KERN_PROC_GID     = 7
	KERN_PROC_RGID    = 8
)

// Names under KERN_PROC_ARGS and a process, from <sys/sysctl.h>.
const (
	KERN_PROC_ARGV     = 1
	KERN_PROC_NARGV    = 2
	KERN_PROC_ENV      = 3
	KERN_PROC_NENV     = 4
	KERN_PROC_PATHNAME = 5
)

// Names under KERN_FILE2 and KERN_EVCNT, from <sys/sysctl.h>.
const (
	KERN_FILE_BYFILE         = 1
	KERN_FILE_BYPID          = 2
	KERN_EVCNT_COUNT_ANY     = 0
	KERN_EVCNT_COUNT_NONZERO = 1
)

// Names under CTL_HW, from <sys/sysctl.h>.
const (
	HW_MACHINE      = 1
	HW_MODEL        = 2
	HW_NCPU         = 3
	HW_BYTEORDER    = 4
	HW_PHYSMEM      = 5
	HW_USERMEM      = 6
	HW_PAGESIZE     = 7
	HW_DISKNAMES    = 8
	HW_IOSTATS      = 9
	HW_MACHINE_ARCH = 10
	HW_ALIGNBYTES   = 11
	HW_CNMAGIC      = 12
	HW_PHYSMEM64    = 13
	HW_USERMEM64    = 14
	HW_IOSTATNAMES  = 15
	HW_MAXID        = 15
	HW_NCPUONLINE   = 16
)

// Names under CTL_VM, from <uvm/uvm_param.h>.
const (
	VM_METER      = 1
	VM_LOADAVG    = 2
	VM_UVMEXP     = 3
	VM_NKMEMPAGES = 4
	VM_UVMEXP2    = 5
	VM_ANONMIN    = 6
	VM_EXECMIN    = 7
	VM_FILEMIN    = 8
	VM_MAXSLP     = 9
	VM_USPACE     = 10
	VM_ANONMAX    = 11
	VM_EXECMAX    = 12
	VM_FILEMAX    = 13
	VM_MINADDRESS = 14
	VM_MAXADDRESS = 15
	VM_PROC       = 16
	VM_MAXID      = 17
)

// Names under CTL_VFS and VFS_GENERIC, from <sys/mount.h>.
const (
	VFS_GENERIC    = 0
	VFS_MAXTYPENUM = 1
	VFS_CONF       = 2
	VFS_USERMOUNT  = 3
	VFS_MAGICLINKS = 4
)

// Names under CTL_PROC and a process, from <sys/sysctl.h>.
const (
	PROC_CURPROC              = 2147483647
	PROC_PID_CORENAME         = 1
	PROC_PID_LIMIT            = 2
	PROC_PID_STOPFORK         = 3
	PROC_PID_STOPEXEC         = 4
	PROC_PID_STOPEXIT         = 5
	PROC_PID_MAXID            = 6
	PROC_PID_LIMIT_CPU        = 1
	PROC_PID_LIMIT_FSIZE      = 2
	PROC_PID_LIMIT_DATA       = 3
	PROC_PID_LIMIT_STACK      = 4
	PROC_PID_LIMIT_CORE       = 5
	PROC_PID_LIMIT_RSS        = 6
	PROC_PID_LIMIT_MEMLOCK    = 7
	PROC_PID_LIMIT_NPROC      = 8
	PROC_PID_LIMIT_NOFILE     = 9
	PROC_PID_LIMIT_SBSIZE     = 10
	PROC_PID_LIMIT_AS         = 11
	PROC_PID_LIMIT_NTHR       = 12
	PROC_PID_LIMIT_MAXID      = 13
	PROC_PID_LIMIT_TYPE_SOFT  = 1
	PROC_PID_LIMIT_TYPE_HARD  = 2
	PROC_PID_LIMIT_TYPE_MAXID = 3
)

// Names under CTL_USER, from <sys/sysctl.h>.
const (
	USER_CS_PATH          = 1
	USER_BC_BASE_MAX      = 2
	USER_BC_DIM_MAX       = 3
	USER_BC_SCALE_MAX     = 4
	USER_BC_STRING_MAX    = 5
	USER_COLL_WEIGHTS_MAX = 6
	USER_EXPR_NEST_MAX    = 7
	USER_LINE_MAX         = 8
	USER_RE_DUP_MAX       = 9
	USER_POSIX2_VERSION   = 10
	USER_POSIX2_C_BIND    = 11
	USER_POSIX2_C_DEV     = 12
	USER_POSIX2_CHAR_TERM = 13
	USER_POSIX2_FORT_DEV  = 14
	USER_POSIX2_FORT_RUN  = 15
	USER_POSIX2_LOCALEDEF = 16
	USER_POSIX2_SW_DEV    = 17
	USER_POSIX2_UPE       = 18
	USER_STREAM_MAX       = 19
	USER_TZNAME_MAX       = 20
	USER_ATEXIT_MAX       = 21
	USER_MAXID            = 22
)

// Names under CTL_DDB, from <sys/sysctl.h>.
const (
	DDBCTL_RADIX       = 1
	DDBCTL_MAXOFF      = 2
	DDBCTL_MAXWIDTH    = 3
	DDBCTL_LINES       = 4
	DDBCTL_TABSTOPS    = 5
	DDBCTL_ONPANIC     = 6
	DDBCTL_FROMCONSOLE = 7
	DDBCTL_MAXID       = 8
)

// Names under CTL_NET, PF_INET and a protocol, from <netinet/in.h> and the
// headers of the protocols.
const (
	IPCTL_FORWARDING        = 1
	IPCTL_SENDREDIRECTS     = 2
	IPCTL_DEFTTL            = 3
	IPCTL_FORWSRCRT         = 5
	IPCTL_DIRECTEDBCAST     = 6
	IPCTL_ALLOWSRCRT        = 7
	IPCTL_SUBNETSARELOCAL   = 8
	IPCTL_MTUDISC           = 9
	IPCTL_ANONPORTMIN       = 10
	IPCTL_ANONPORTMAX       = 11
	IPCTL_MTUDISCTIMEOUT    = 12
	IPCTL_MAXFLOWS          = 13
	IPCTL_HOSTZEROBROADCAST = 14
	IPCTL_GIF_TTL           = 15
	IPCTL_LOWPORTMIN        = 16
	IPCTL_LOWPORTMAX        = 17
	IPCTL_MAXFRAGPACKETS    = 18
	IPCTL_GRE_TTL           = 19
	IPCTL_CHECKINTERFACE    = 20
	IPCTL_IFQ               = 21
	IPCTL_RANDOMID          = 22
	IPCTL_LOOPBACKCKSUM     = 23
	IPCTL_STATS             = 24
	IPCTL_DAD_COUNT         = 25
	IPCTL_MAXID             = 26

	ICMPCTL_MASKREPL        = 1
	ICMPCTL_RETURNDATABYTES = 3
	ICMPCTL_ERRPPSLIMIT     = 4
	ICMPCTL_REDIRACCEPT     = 5
	ICMPCTL_REDIRTIMEOUT    = 6
	ICMPCTL_STATS           = 7
	ICMPCTL_BMCASTECHO      = 8
	ICMPCTL_MAXID           = 9

	TCPCTL_RFC1323          = 1
	TCPCTL_SENDSPACE        = 2
	TCPCTL_RECVSPACE        = 3
	TCPCTL_MSSDFLT          = 4
	TCPCTL_SYN_CACHE_LIMIT  = 5
	TCPCTL_SYN_BUCKET_LIMIT = 6
	TCPCTL_INIT_WIN         = 8
	TCPCTL_MSS_IFMTU        = 9
	TCPCTL_SACK             = 10
	TCPCTL_WSCALE           = 11
	TCPCTL_TSTAMP           = 12
	TCPCTL_COMPAT_42        = 13
	TCPCTL_CWM              = 14
	TCPCTL_CWM_BURSTSIZE    = 15
	TCPCTL_ACK_ON_PUSH      = 16
	TCPCTL_KEEPIDLE         = 17
	TCPCTL_KEEPINTVL        = 18
	TCPCTL_KEEPCNT          = 19
	TCPCTL_SLOWHZ           = 20
	TCPCTL_NEWRENO          = 21
	TCPCTL_LOG_REFUSED      = 22
	TCPCTL_RSTPPSLIMIT      = 24
	TCPCTL_DELACK_TICKS     = 25
	TCPCTL_INIT_WIN_LOCAL   = 26
	TCPCTL_IDENT            = 27
	TCPCTL_ACKDROPRATELIMIT = 28
	TCPCTL_LOOPBACKCKSUM    = 29
	TCPCTL_STATS            = 30
	TCPCTL_DEBUG            = 31
	TCPCTL_DEBX             = 32
	TCPCTL_DROP             = 33
	TCPCTL_MSL              = 34
	TCPCTL_MAXID            = 35

	UDPCTL_CHECKSUM      = 1
	UDPCTL_SENDSPACE     = 2
	UDPCTL_RECVSPACE     = 3
	UDPCTL_LOOPBACKCKSUM = 4
	UDPCTL_STATS         = 5
	UDPCTL_MAXID         = 7

	CARPCTL_ALLOW      = 1
	CARPCTL_PREEMPT    = 2
	CARPCTL_LOG        = 3
	CARPCTL_ARPBALANCE = 4
	CARPCTL_STATS      = 5
	CARPCTL_MAXID      = 6
)

// Names under CTL_NET, PF_INET6 and a protocol, from <netinet6/in6.h> and
// <netinet/icmp6.h>.
const (
	IPV6CTL_FORWARDING         = 1
	IPV6CTL_SENDREDIRECTS      = 2
	IPV6CTL_DEFHLIM            = 3
	IPV6CTL_FORWSRCRT          = 5
	IPV6CTL_STATS              = 6
	IPV6CTL_MRTSTATS           = 7
	IPV6CTL_MRTPROTO           = 8
	IPV6CTL_MAXFRAGPACKETS     = 9
	IPV6CTL_SOURCECHECK        = 10
	IPV6CTL_SOURCECHECK_LOGINT = 11
	IPV6CTL_ACCEPT_RTADV       = 12
	IPV6CTL_KEEPFAITH          = 13
	IPV6CTL_LOG_INTERVAL       = 14
	IPV6CTL_HDRNESTLIMIT       = 15
	IPV6CTL_DAD_COUNT          = 16
	IPV6CTL_AUTO_FLOWLABEL     = 17
	IPV6CTL_DEFMCASTHLIM       = 18
	IPV6CTL_GIF_HLIM           = 19
	IPV6CTL_KAME_VERSION       = 20
	IPV6CTL_USE_DEPRECATED     = 21
	IPV6CTL_RR_PRUNE           = 22
	IPV6CTL_V6ONLY             = 24
	IPV6CTL_ANONPORTMIN        = 28
	IPV6CTL_ANONPORTMAX        = 29
	IPV6CTL_LOWPORTMIN         = 30
	IPV6CTL_LOWPORTMAX         = 31
	IPV6CTL_AUTO_LINKLOCAL     = 35
	IPV6CTL_ADDRCTLPOLICY      = 38
	IPV6CTL_USE_DEFAULTZONE    = 39
	IPV6CTL_MAXFRAGS           = 41
	IPV6CTL_IFQ                = 42
	IPV6CTL_RTADV_MAXROUTES    = 43
	IPV6CTL_RTADV_NUMROUTES    = 44
	IPV6CTL_MAXID              = 45

	ICMPV6CTL_STATS           = 1
	ICMPV6CTL_REDIRACCEPT     = 2
	ICMPV6CTL_REDIRTIMEOUT    = 3
	ICMPV6CTL_ND6_PRUNE       = 6
	ICMPV6CTL_ND6_DELAY       = 8
	ICMPV6CTL_ND6_UMAXTRIES   = 9
	ICMPV6CTL_ND6_MMAXTRIES   = 10
	ICMPV6CTL_ND6_USELOOPBACK = 11
	ICMPV6CTL_NODEINFO        = 13
	ICMPV6CTL_ERRPPSLIMIT     = 14
	ICMPV6CTL_ND6_MAXNUDHINT  = 15
	ICMPV6CTL_MTUDISC_HIWAT   = 16
	ICMPV6CTL_MTUDISC_LOWAT   = 17
	ICMPV6CTL_ND6_DEBUG       = 18
	ICMPV6CTL_ND6_DRLIST      = 19
	ICMPV6CTL_ND6_PRLIST      = 20
	ICMPV6CTL_ND6_MAXQLEN     = 24
	ICMPV6CTL_MAXID           = 25
)
