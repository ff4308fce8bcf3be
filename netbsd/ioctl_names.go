package netbsd

import "sync"

// Sockets and interfaces, from <sys/sockio.h>.
const (
	SIOCSHIWAT      Ioctl = 0x80047300 // _IOW('s', 0, int)
	SIOCGHIWAT      Ioctl = 0x40047301 // _IOR('s', 1, int)
	SIOCSLOWAT      Ioctl = 0x80047302 // _IOW('s', 2, int)
	SIOCGLOWAT      Ioctl = 0x40047303 // _IOR('s', 3, int)
	SIOCATMARK      Ioctl = 0x40047307 // _IOR('s', 7, int)
	SIOCSPGRP       Ioctl = 0x80047308 // _IOW('s', 8, int)
	SIOCGPGRP       Ioctl = 0x40047309 // _IOR('s', 9, int)
	SIOCADDRT       Ioctl = 0x8038720a // _IOW('r', 10, struct ortentry)
	SIOCDELRT       Ioctl = 0x8038720b // _IOW('r', 11, struct ortentry)
	SIOCSIFADDR     Ioctl = 0x8090690c // _IOW('i', 12, struct ifreq)
	SIOCGIFADDR     Ioctl = 0xc0906921 // _IOWR('i', 33, struct ifreq)
	SIOCSIFDSTADDR  Ioctl = 0x8090690e // _IOW('i', 14, struct ifreq)
	SIOCGIFDSTADDR  Ioctl = 0xc0906922 // _IOWR('i', 34, struct ifreq)
	SIOCSIFFLAGS    Ioctl = 0x80906910 // _IOW('i', 16, struct ifreq)
	SIOCGIFFLAGS    Ioctl = 0xc0906911 // _IOWR('i', 17, struct ifreq)
	SIOCGIFBRDADDR  Ioctl = 0xc0906923 // _IOWR('i', 35, struct ifreq)
	SIOCSIFBRDADDR  Ioctl = 0x80906913 // _IOW('i', 19, struct ifreq)
	SIOCGIFCONF     Ioctl = 0xc0106926 // _IOWR('i', 38, struct ifconf)
	SIOCGIFNETMASK  Ioctl = 0xc0906925 // _IOWR('i', 37, struct ifreq)
	SIOCSIFNETMASK  Ioctl = 0x80906916 // _IOW('i', 22, struct ifreq)
	SIOCGIFMETRIC   Ioctl = 0xc0906917 // _IOWR('i', 23, struct ifreq)
	SIOCSIFMETRIC   Ioctl = 0x80906918 // _IOW('i', 24, struct ifreq)
	SIOCDIFADDR     Ioctl = 0x80906919 // _IOW('i', 25, struct ifreq)
	SIOCAIFADDR     Ioctl = 0x8040691a // _IOW('i', 26, struct ifaliasreq)
	SIOCGIFALIAS    Ioctl = 0xc040691b // _IOWR('i', 27, struct ifaliasreq)
	SIOCGIFAFLAG_IN Ioctl = 0xc0906927 // _IOWR('i', 39, struct ifreq)
	SIOCALIFADDR    Ioctl = 0x8118691c // _IOW('i', 28, struct if_laddrreq)
	SIOCGLIFADDR    Ioctl = 0xc118691d // _IOWR('i', 29, struct if_laddrreq)
	SIOCDLIFADDR    Ioctl = 0x8118691e // _IOW('i', 30, struct if_laddrreq)
	SIOCSIFADDRPREF Ioctl = 0x8098691f // _IOW('i', 31, struct if_addrprefreq)
	SIOCGIFADDRPREF Ioctl = 0xc0986920 // _IOWR('i', 32, struct if_addrprefreq)
	SIOCADDMULTI    Ioctl = 0x80906931 // _IOW('i', 49, struct ifreq)
	SIOCDELMULTI    Ioctl = 0x80906932 // _IOW('i', 50, struct ifreq)
	SIOCSIFMEDIA    Ioctl = 0xc0906935 // _IOWR('i', 53, struct ifreq)
	SIOCGIFMEDIA    Ioctl = 0xc0306936 // _IOWR('i', 54, struct ifmediareq)
	SIOCSIFGENERIC  Ioctl = 0x80906939 // _IOW('i', 57, struct ifreq)
	SIOCGIFGENERIC  Ioctl = 0xc090693a // _IOWR('i', 58, struct ifreq)
	SIOCSIFPHYADDR  Ioctl = 0x80406946 // _IOW('i', 70, struct ifaliasreq)
	SIOCGIFPSRCADDR Ioctl = 0xc0906947 // _IOWR('i', 71, struct ifreq)
	SIOCGIFPDSTADDR Ioctl = 0xc0906948 // _IOWR('i', 72, struct ifreq)
	SIOCDIFPHYADDR  Ioctl = 0x80906949 // _IOW('i', 73, struct ifreq)
	SIOCSLIFPHYADDR Ioctl = 0x8118694a // _IOW('i', 74, struct if_laddrreq)
	SIOCGLIFPHYADDR Ioctl = 0xc118694b // _IOWR('i', 75, struct if_laddrreq)
	SIOCSIFMTU      Ioctl = 0x8090697f // _IOW('i', 127, struct ifreq)
	SIOCGIFMTU      Ioctl = 0xc090697e // _IOWR('i', 126, struct ifreq)
	SIOCSDRVSPEC    Ioctl = 0x8028697b // _IOW('i', 123, struct ifdrv)
	SIOCGDRVSPEC    Ioctl = 0xc028697b // _IOWR('i', 123, struct ifdrv)
	SIOCIFCREATE    Ioctl = 0x8090697a // _IOW('i', 122, struct ifreq)
	SIOCIFDESTROY   Ioctl = 0x80906979 // _IOW('i', 121, struct ifreq)
	SIOCIFGCLONERS  Ioctl = 0xc0106978 // _IOWR('i', 120, struct if_clonereq)
	SIOCGIFDLT      Ioctl = 0xc0906977 // _IOWR('i', 119, struct ifreq)
	SIOCGIFCAP      Ioctl = 0xc0206976 // _IOWR('i', 118, struct ifcapreq)
	SIOCSIFCAP      Ioctl = 0x80206975 // _IOW('i', 117, struct ifcapreq)
	SIOCSVH         Ioctl = 0xc0906982 // _IOWR('i', 130, struct ifreq)
	SIOCGVH         Ioctl = 0xc0906983 // _IOWR('i', 131, struct ifreq)
	SIOCINITIFADDR  Ioctl = 0xc0706984 // _IOWR('i', 132, struct ifaddr)
	SIOCGIFDATA     Ioctl = 0xc0986985 // _IOWR('i', 133, struct ifdatareq)
	SIOCZIFDATA     Ioctl = 0xc0986986 // _IOWR('i', 134, struct ifdatareq)
	SIOCGLINKSTR    Ioctl = 0xc0286987 // _IOWR('i', 135, struct ifdrv)
	SIOCSLINKSTR    Ioctl = 0x80286988 // _IOW('i', 136, struct ifdrv)
	SIOCGETHERCAP   Ioctl = 0xc018698b // _IOWR('i', 139, struct eccapreq)
	SIOCGIFINDEX    Ioctl = 0xc090698c // _IOWR('i', 140, struct ifreq)
	SIOCSETPFSYNC   Ioctl = 0x809069f7 // _IOW('i', 247, struct ifreq)
	SIOCGETPFSYNC   Ioctl = 0xc09069f8 // _IOWR('i', 248, struct ifreq)
)

// IPv6 addresses, routers and neighbours, from <netinet6/in6_var.h>.
const (
	SIOCSIFADDR_IN6      Ioctl = 0x8120690c // _IOW('i', 12, struct in6_ifreq)
	SIOCGIFADDR_IN6      Ioctl = 0xc1206921 // _IOWR('i', 33, struct in6_ifreq)
	SIOCGIFDSTADDR_IN6   Ioctl = 0xc1206922 // _IOWR('i', 34, struct in6_ifreq)
	SIOCGIFNETMASK_IN6   Ioctl = 0xc1206925 // _IOWR('i', 37, struct in6_ifreq)
	SIOCDIFADDR_IN6      Ioctl = 0x81206919 // _IOW('i', 25, struct in6_ifreq)
	SIOCGIFPSRCADDR_IN6  Ioctl = 0xc1206947 // _IOWR('i', 71, struct in6_ifreq)
	SIOCGIFPDSTADDR_IN6  Ioctl = 0xc1206948 // _IOWR('i', 72, struct in6_ifreq)
	SIOCGIFAFLAG_IN6     Ioctl = 0xc1206949 // _IOWR('i', 73, struct in6_ifreq)
	SIOCGDRLST_IN6       Ioctl = 0xc1a0694a // _IOWR('i', 74, struct in6_drlist)
	SIOCSNDFLUSH_IN6     Ioctl = 0xc120694d // _IOWR('i', 77, struct in6_ifreq)
	SIOCGNBRINFO_IN6     Ioctl = 0xc038694e // _IOWR('i', 78, struct in6_nbrinfo)
	SIOCSPFXFLUSH_IN6    Ioctl = 0xc120694f // _IOWR('i', 79, struct in6_ifreq)
	SIOCSRTRFLUSH_IN6    Ioctl = 0xc1206950 // _IOWR('i', 80, struct in6_ifreq)
	SIOCGIFSTAT_IN6      Ioctl = 0xc1206953 // _IOWR('i', 83, struct in6_ifreq)
	SIOCGIFSTAT_ICMP6    Ioctl = 0xc1206954 // _IOWR('i', 84, struct in6_ifreq)
	SIOCSDEFIFACE_IN6    Ioctl = 0xc0186955 // _IOWR('i', 85, struct in6_ndifreq)
	SIOCGDEFIFACE_IN6    Ioctl = 0xc0186956 // _IOWR('i', 86, struct in6_ndifreq)
	SIOCSIFINFO_FLAGS    Ioctl = 0xc0486957 // _IOWR('i', 87, struct in6_ndireq)
	SIOCSIFPREFIX_IN6    Ioctl = 0x80486964 // _IOW('i', 100, struct in6_prefixreq)
	SIOCGIFPREFIX_IN6    Ioctl = 0xc0486965 // _IOWR('i', 101, struct in6_prefixreq)
	SIOCDIFPREFIX_IN6    Ioctl = 0x80486966 // _IOW('i', 102, struct in6_prefixreq)
	SIOCAIFPREFIX_IN6    Ioctl = 0x806c6967 // _IOW('i', 103, struct in6_rrenumreq)
	SIOCCIFPREFIX_IN6    Ioctl = 0x806c6968 // _IOW('i', 104, struct in6_rrenumreq)
	SIOCSGIFPREFIX_IN6   Ioctl = 0x806c6969 // _IOW('i', 105, struct in6_rrenumreq)
	SIOCGIFALIFETIME_IN6 Ioctl = 0xc120696a // _IOWR('i', 106, struct in6_ifreq)
	SIOCAIFADDR_IN6      Ioctl = 0x8080696b // _IOW('i', 107, struct in6_aliasreq)
	SIOCGIFINFO_IN6      Ioctl = 0xc048696c // _IOWR('i', 108, struct in6_ndireq)
	SIOCSIFINFO_IN6      Ioctl = 0xc048696d // _IOWR('i', 109, struct in6_ndireq)
	SIOCSIFPHYADDR_IN6   Ioctl = 0x8080696e // _IOW('i', 110, struct in6_aliasreq)
	SIOCAADDRCTL_POLICY  Ioctl = 0x8048756c // _IOW('u', 108, struct in6_addrpolicy)
	SIOCDADDRCTL_POLICY  Ioctl = 0x8048756d // _IOW('u', 109, struct in6_addrpolicy)
)

// GRE tunnels, from <net/if_gre.h>. The numbers of these overlap with those of IPv6; the length and the socket tell them apart.
const (
	GRESADDRS Ioctl = 0x80906965 // _IOW('i', 101, struct ifreq)
	GRESADDRD Ioctl = 0x80906966 // _IOW('i', 102, struct ifreq)
	GREGADDRS Ioctl = 0xc0906967 // _IOWR('i', 103, struct ifreq)
	GREGADDRD Ioctl = 0xc0906968 // _IOWR('i', 104, struct ifreq)
	GRESPROTO Ioctl = 0x80906969 // _IOW('i', 105, struct ifreq)
	GREGPROTO Ioctl = 0xc090696a // _IOWR('i', 106, struct ifreq)
	GRESSOCK  Ioctl = 0x8090696b // _IOW('i', 107, struct ifreq)
	GREDSOCK  Ioctl = 0x8090696c // _IOW('i', 108, struct ifreq)
)

// PPP over Ethernet, from <net/if_pppoe.h> and <net/if_sppp.h>.
const (
	PPPOESETPARMS       Ioctl = 0x8040696e // _IOW('i', 110, struct pppoediscparms)
	PPPOEGETPARMS       Ioctl = 0xc040696f // _IOWR('i', 111, struct pppoediscparms)
	PPPOEGETSESSION     Ioctl = 0xc0206970 // _IOWR('i', 112, struct pppoeconnectionstate)
	SPPPGETAUTHCFG      Ioctl = 0xc0506978 // _IOWR('i', 120, struct spppauthcfg)
	SPPPSETAUTHCFG      Ioctl = 0x80506979 // _IOW('i', 121, struct spppauthcfg)
	SPPPGETLCPCFG       Ioctl = 0xc014697a // _IOWR('i', 122, struct sppplcpcfg)
	SPPPSETLCPCFG       Ioctl = 0x8014697b // _IOW('i', 123, struct sppplcpcfg)
	SPPPGETSTATUS       Ioctl = 0xc014697c // _IOWR('i', 124, struct spppstatus)
	SPPPGETSTATUSNCP    Ioctl = 0xc0186986 // _IOWR('i', 134, struct spppstatusncp)
	SPPPGETIDLETO       Ioctl = 0xc018697d // _IOWR('i', 125, struct spppidletimeout)
	SPPPSETIDLETO       Ioctl = 0x8018697e // _IOW('i', 126, struct spppidletimeout)
	SPPPGETAUTHFAILURES Ioctl = 0xc018697f // _IOWR('i', 127, struct spppauthfailurestats)
	SPPPSETAUTHFAILURE  Ioctl = 0x80146980 // _IOW('i', 128, struct spppauthfailuresettings)
	SPPPSETDNSOPTS      Ioctl = 0x80146981 // _IOW('i', 129, struct spppdnssettings)
	SPPPGETDNSOPTS      Ioctl = 0xc0146982 // _IOWR('i', 130, struct spppdnssettings)
	SPPPGETDNSADDRS     Ioctl = 0xc0186983 // _IOWR('i', 131, struct spppdnsaddrs)
	SPPPSETKEEPALIVE    Ioctl = 0x80206984 // _IOW('i', 132, struct spppkeepalivesettings)
	SPPPGETKEEPALIVE    Ioctl = 0xc0206985 // _IOWR('i', 133, struct spppkeepalivesettings)
)

// Wireless interfaces, from <net80211/ieee80211_ioctl.h>. ifconfig(8) asks any interface for them.
const (
	SIOCS80211        Ioctl = 0x802069f4 // _IOW('i', 244, struct ieee80211req)
	SIOCG80211        Ioctl = 0xc02069f5 // _IOWR('i', 245, struct ieee80211req)
	SIOCG80211STATS   Ioctl = 0xc09069f6 // _IOWR('i', 246, struct ifreq)
	SIOCG80211ZSTATS  Ioctl = 0xc09069f7 // _IOWR('i', 247, struct ifreq)
	SIOCS80211NWID    Ioctl = 0xc09069e6 // _IOWR('i', 230, struct ifreq)
	SIOCG80211NWID    Ioctl = 0xc09069e7 // _IOWR('i', 231, struct ifreq)
	SIOCS80211NWKEY   Ioctl = 0x805869e8 // _IOW('i', 232, struct ieee80211_nwkey)
	SIOCG80211NWKEY   Ioctl = 0xc05869e9 // _IOWR('i', 233, struct ieee80211_nwkey)
	SIOCS80211POWER   Ioctl = 0x801869ea // _IOW('i', 234, struct ieee80211_power)
	SIOCG80211POWER   Ioctl = 0xc01869eb // _IOWR('i', 235, struct ieee80211_power)
	SIOCS80211AUTH    Ioctl = 0x801469ec // _IOW('i', 236, struct ieee80211_auth)
	SIOCG80211AUTH    Ioctl = 0xc01469ed // _IOWR('i', 237, struct ieee80211_auth)
	SIOCS80211CHANNEL Ioctl = 0x801269ee // _IOW('i', 238, struct ieee80211chanreq)
	SIOCG80211CHANNEL Ioctl = 0xc01269ef // _IOWR('i', 239, struct ieee80211chanreq)
	SIOCS80211BSSID   Ioctl = 0x801669f0 // _IOW('i', 240, struct ieee80211_bssid)
	SIOCG80211BSSID   Ioctl = 0xc01669f1 // _IOWR('i', 241, struct ieee80211_bssid)
)

// Tunnel and tap interfaces, from <net/if_tun.h> and <net/if_tap.h>.
const (
	TAPGIFNAME Ioctl = 0x40906500 // _IOR('e', 0, struct ifreq)
	TUNSDEBUG  Ioctl = 0x8004745a // _IOW('t', 90, int)
	TUNGDEBUG  Ioctl = 0x40047459 // _IOR('t', 89, int)
	TUNSIFMODE Ioctl = 0x80047458 // _IOW('t', 88, int)
	TUNSLMODE  Ioctl = 0x80047457 // _IOW('t', 87, int)
	TUNSIFHEAD Ioctl = 0x80047442 // _IOW('t', 66, int)
	TUNGIFHEAD Ioctl = 0x40047441 // _IOR('t', 65, int)
)

// The Berkeley packet filter, from <net/bpf.h>.
const (
	BIOCGBLEN     Ioctl = 0x40044266 // _IOR('B', 102, u_int)
	BIOCSBLEN     Ioctl = 0xc0044266 // _IOWR('B', 102, u_int)
	BIOCSETF      Ioctl = 0x80104267 // _IOW('B', 103, struct bpf_program)
	BIOCFLUSH     Ioctl = 0x20004268 // _IO('B', 104)
	BIOCPROMISC   Ioctl = 0x20004269 // _IO('B', 105)
	BIOCGDLT      Ioctl = 0x4004426a // _IOR('B', 106, u_int)
	BIOCGETIF     Ioctl = 0x4090426b // _IOR('B', 107, struct ifreq)
	BIOCSETIF     Ioctl = 0x8090426c // _IOW('B', 108, struct ifreq)
	BIOCGSTATS    Ioctl = 0x4080426f // _IOR('B', 111, struct bpf_stat)
	BIOCIMMEDIATE Ioctl = 0x80044270 // _IOW('B', 112, u_int)
	BIOCVERSION   Ioctl = 0x40044271 // _IOR('B', 113, struct bpf_version)
	BIOCSTCPF     Ioctl = 0x80104272 // _IOW('B', 114, struct bpf_program)
	BIOCSUDPF     Ioctl = 0x80104273 // _IOW('B', 115, struct bpf_program)
	BIOCGHDRCMPLT Ioctl = 0x40044274 // _IOR('B', 116, u_int)
	BIOCSHDRCMPLT Ioctl = 0x80044275 // _IOW('B', 117, u_int)
	BIOCSDLT      Ioctl = 0x80044276 // _IOW('B', 118, u_int)
	BIOCGDLTLIST  Ioctl = 0xc0104277 // _IOWR('B', 119, struct bpf_dltlist)
	BIOCGSEESENT  Ioctl = 0x40044278 // _IOR('B', 120, u_int)
	BIOCSSEESENT  Ioctl = 0x80044279 // _IOW('B', 121, u_int)
	BIOCSRTIMEOUT Ioctl = 0x8010427a // _IOW('B', 122, struct timeval)
	BIOCGRTIMEOUT Ioctl = 0x4010427b // _IOR('B', 123, struct timeval)
	BIOCGFEEDBACK Ioctl = 0x4004427c // _IOR('B', 124, u_int)
	BIOCSFEEDBACK Ioctl = 0x8004427d // _IOW('B', 125, u_int)
)

// The NPF packet filter, from <net/npf/npf.h>.
const (
	IOC_NPF_VERSION Ioctl = 0x40044e64 // _IOR('N', 100, int)
	IOC_NPF_SWITCH  Ioctl = 0x80044e65 // _IOW('N', 101, int)
	IOC_NPF_LOAD    Ioctl = 0xc0104e66 // _IOWR('N', 102, struct plistref)
	IOC_NPF_TABLE   Ioctl = 0x80284e67 // _IOW('N', 103, struct npf_ioctl_table)
	IOC_NPF_STATS   Ioctl = 0x80084e68 // _IOW('N', 104, void *)
	IOC_NPF_SAVE    Ioctl = 0x40104e69 // _IOR('N', 105, struct plistref)
	IOC_NPF_RULE    Ioctl = 0xc0104e6b // _IOWR('N', 107, struct plistref)
)

// Any file, from <sys/filio.h>.
const (
	FIOCLEX    Ioctl = 0x20006601 // _IO('f', 1)
	FIONCLEX   Ioctl = 0x20006602 // _IO('f', 2)
	FIONREAD   Ioctl = 0x4004667f // _IOR('f', 127, int)
	FIONBIO    Ioctl = 0x8004667e // _IOW('f', 126, int)
	FIOASYNC   Ioctl = 0x8004667d // _IOW('f', 125, int)
	FIOSETOWN  Ioctl = 0x8004667c // _IOW('f', 124, int)
	FIOGETOWN  Ioctl = 0x4004667b // _IOR('f', 123, int)
	FIOGETBMAP Ioctl = 0xc008667a // _IOWR('f', 122, daddr_t)
	FIONWRITE  Ioctl = 0x40046679 // _IOR('f', 121, int)
	FIONSPACE  Ioctl = 0x40046678 // _IOR('f', 120, int)
)

// Terminals, from <sys/ttycom.h>.
const (
	TIOCEXCL         Ioctl = 0x2000740d // _IO('t', 13)
	TIOCNXCL         Ioctl = 0x2000740e // _IO('t', 14)
	TIOCFLUSH        Ioctl = 0x80047410 // _IOW('t', 16, int)
	TIOCGETA         Ioctl = 0x402c7413 // _IOR('t', 19, struct termios)
	TIOCSETA         Ioctl = 0x802c7414 // _IOW('t', 20, struct termios)
	TIOCSETAW        Ioctl = 0x802c7415 // _IOW('t', 21, struct termios)
	TIOCSETAF        Ioctl = 0x802c7416 // _IOW('t', 22, struct termios)
	TIOCGETD         Ioctl = 0x4004741a // _IOR('t', 26, int)
	TIOCSETD         Ioctl = 0x8004741b // _IOW('t', 27, int)
	TIOCGLINED       Ioctl = 0x40207442 // _IOR('t', 66, linedn_t)
	TIOCSLINED       Ioctl = 0x80207443 // _IOW('t', 67, linedn_t)
	TIOCSBRK         Ioctl = 0x2000747b // _IO('t', 123)
	TIOCCBRK         Ioctl = 0x2000747a // _IO('t', 122)
	TIOCSDTR         Ioctl = 0x20007479 // _IO('t', 121)
	TIOCCDTR         Ioctl = 0x20007478 // _IO('t', 120)
	TIOCGPGRP        Ioctl = 0x40047477 // _IOR('t', 119, int)
	TIOCSPGRP        Ioctl = 0x80047476 // _IOW('t', 118, int)
	TIOCOUTQ         Ioctl = 0x40047473 // _IOR('t', 115, int)
	TIOCSTI          Ioctl = 0x80017472 // _IOW('t', 114, char)
	TIOCNOTTY        Ioctl = 0x20007471 // _IO('t', 113)
	TIOCPKT          Ioctl = 0x80047470 // _IOW('t', 112, int)
	TIOCSTOP         Ioctl = 0x2000746f // _IO('t', 111)
	TIOCSTART        Ioctl = 0x2000746e // _IO('t', 110)
	TIOCMSET         Ioctl = 0x8004746d // _IOW('t', 109, int)
	TIOCMBIS         Ioctl = 0x8004746c // _IOW('t', 108, int)
	TIOCMBIC         Ioctl = 0x8004746b // _IOW('t', 107, int)
	TIOCMGET         Ioctl = 0x4004746a // _IOR('t', 106, int)
	TIOCREMOTE       Ioctl = 0x80047469 // _IOW('t', 105, int)
	TIOCGWINSZ       Ioctl = 0x40087468 // _IOR('t', 104, struct winsize)
	TIOCSWINSZ       Ioctl = 0x80087467 // _IOW('t', 103, struct winsize)
	TIOCUCNTL        Ioctl = 0x80047466 // _IOW('t', 102, int)
	TIOCSTAT         Ioctl = 0x80047465 // _IOW('t', 101, int)
	TIOCGSID         Ioctl = 0x40047463 // _IOR('t', 99, int)
	TIOCCONS         Ioctl = 0x80047462 // _IOW('t', 98, int)
	TIOCSCTTY        Ioctl = 0x20007461 // _IO('t', 97)
	TIOCEXT          Ioctl = 0x80047460 // _IOW('t', 96, int)
	TIOCSIG          Ioctl = 0x2000745f // _IO('t', 95)
	TIOCDRAIN        Ioctl = 0x2000745e // _IO('t', 94)
	TIOCGFLAGS       Ioctl = 0x4004745d // _IOR('t', 93, int)
	TIOCSFLAGS       Ioctl = 0x8004745c // _IOW('t', 92, int)
	TIOCDCDTIMESTAMP Ioctl = 0x40107458 // _IOR('t', 88, struct timeval)
	TIOCRCVFRAME     Ioctl = 0x80087445 // _IOW('t', 69, struct mbuf *)
	TIOCXMTFRAME     Ioctl = 0x80087444 // _IOW('t', 68, struct mbuf *)
	TIOCPTMGET       Ioctl = 0x48087446 // _IOR('t', 70, struct ptmget)
	TIOCGRANTPT      Ioctl = 0x20007447 // _IO('t', 71)
	TIOCPTSNAME      Ioctl = 0x48087448 // _IOR('t', 72, struct ptmget)
)

// Disks and wedges, from <sys/dkio.h>.
const (
	DIOCGDINFO      Ioctl = 0x41986465 // _IOR('d', 101, struct disklabel)
	DIOCSDINFO      Ioctl = 0x81986466 // _IOW('d', 102, struct disklabel)
	DIOCWDINFO      Ioctl = 0x81986467 // _IOW('d', 103, struct disklabel)
	DIOCRFORMAT     Ioctl = 0xc0386469 // _IOWR('d', 105, struct format_op)
	DIOCWFORMAT     Ioctl = 0xc038646a // _IOWR('d', 106, struct format_op)
	DIOCSSTEP       Ioctl = 0x8004646b // _IOW('d', 107, int)
	DIOCSRETRIES    Ioctl = 0x8004646c // _IOW('d', 108, int)
	DIOCKLABEL      Ioctl = 0x80046477 // _IOW('d', 119, int)
	DIOCWLABEL      Ioctl = 0x8004646d // _IOW('d', 109, int)
	DIOCSBAD        Ioctl = 0x8200646e // _IOW('d', 110, struct dkbad)
	DIOCEJECT       Ioctl = 0x80046470 // _IOW('d', 112, int)
	DIOCLOCK        Ioctl = 0x80046471 // _IOW('d', 113, int)
	DIOCGDEFLABEL   Ioctl = 0x41986472 // _IOR('d', 114, struct disklabel)
	DIOCCLRLABEL    Ioctl = 0x20006473 // _IO('d', 115)
	DIOCGCACHE      Ioctl = 0x40046474 // _IOR('d', 116, int)
	DIOCSCACHE      Ioctl = 0x80046475 // _IOW('d', 117, int)
	DIOCCACHESYNC   Ioctl = 0x80046476 // _IOW('d', 118, int)
	DIOCBSLIST      Ioctl = 0xc0186477 // _IOWR('d', 119, struct disk_badsecinfo)
	DIOCBSFLUSH     Ioctl = 0x20006478 // _IO('d', 120)
	DIOCAWEDGE      Ioctl = 0xc0d06479 // _IOWR('d', 121, struct dkwedge_info)
	DIOCGWEDGEINFO  Ioctl = 0x40d0647a // _IOR('d', 122, struct dkwedge_info)
	DIOCDWEDGE      Ioctl = 0x80d0647b // _IOW('d', 123, struct dkwedge_info)
	DIOCLWEDGES     Ioctl = 0xc018647c // _IOWR('d', 124, struct dkwedge_list)
	DIOCGSTRATEGY   Ioctl = 0x4030647d // _IOR('d', 125, struct disk_strategy)
	DIOCSSTRATEGY   Ioctl = 0x8030647e // _IOW('d', 126, struct disk_strategy)
	DIOCGDISKINFO   Ioctl = 0x4010647f // _IOR('d', 127, struct plistref)
	DIOCTUR         Ioctl = 0x40046480 // _IOR('d', 128, int)
	DIOCMWEDGES     Ioctl = 0x40046483 // _IOR('d', 131, int)
	DIOCGSECTORSIZE Ioctl = 0x40046485 // _IOR('d', 133, u_int)
	DIOCGMEDIASIZE  Ioctl = 0x40086484 // _IOR('d', 132, off_t)
)

// Tapes, from <sys/mtio.h>. dd(1) asks any character device for them.
const (
	MTIOCTOP     Ioctl = 0x80086d01 // _IOW('m', 1, struct mtop)
	MTIOCGET     Ioctl = 0x40386d02 // _IOR('m', 2, struct mtget)
	MTIOCIEOT    Ioctl = 0x20006d03 // _IO('m', 3)
	MTIOCEEOT    Ioctl = 0x20006d04 // _IO('m', 4)
	MTIOCRDSPOS  Ioctl = 0x40046d05 // _IOR('m', 5, uint32_t)
	MTIOCRDHPOS  Ioctl = 0x40046d06 // _IOR('m', 6, uint32_t)
	MTIOCSLOCATE Ioctl = 0x80046d05 // _IOW('m', 5, uint32_t)
	MTIOCHLOCATE Ioctl = 0x80046d06 // _IOW('m', 6, uint32_t)
)

// Disks in files, from <dev/vndvar.h>, and encrypted disks, from <dev/cgdvar.h>.
const (
	VNDIOCSET Ioctl = 0xc0284600 // _IOWR('F', 0, struct vnd_ioctl)
	VNDIOCCLR Ioctl = 0x80284601 // _IOW('F', 1, struct vnd_ioctl)
	VNDIOCGET Ioctl = 0xc0184603 // _IOWR('F', 3, struct vnd_user)
	CGDIOCSET Ioctl = 0xc0404612 // _IOWR('F', 18, struct cgd_ioctl)
	CGDIOCCLR Ioctl = 0x80404613 // _IOW('F', 19, struct cgd_ioctl)
	CGDIOCGET Ioctl = 0xc0404614 // _IOWR('F', 20, struct cgd_user)
)

// The entropy pool, from <sys/rndio.h>.
const (
	RNDGETENTCNT   Ioctl = 0x40045265 // _IOR('R', 101, uint32_t)
	RNDGETSRCNUM   Ioctl = 0xc1205266 // _IOWR('R', 102, rndstat_t)
	RNDGETSRCNAME  Ioctl = 0xc02c5267 // _IOWR('R', 103, rndstat_name_t)
	RNDCTL         Ioctl = 0x801c5268 // _IOW('R', 104, rndctl_t)
	RNDADDDATA     Ioctl = 0x82085269 // _IOW('R', 105, rnddata_t)
	RNDGETPOOLSTAT Ioctl = 0x4020526a // _IOR('R', 106, rndpoolstat_t)
	RNDGETESTNUM   Ioctl = 0xc1c0526b // _IOWR('R', 107, rndstat_est_t)
	RNDGETESTNAME  Ioctl = 0xc03c526c // _IOWR('R', 108, rndstat_est_name_t)
)

// The names of event filters, from <sys/event.h>; the file is a kqueue.
const (
	KFILTER_BYFILTER Ioctl = 0xc0186b00 // _IOWR('k', 0, struct kfilter_mapping)
	KFILTER_BYNAME   Ioctl = 0xc0186b01 // _IOWR('k', 1, struct kfilter_mapping)
)

// Names for generic commands by the drivers that answer them, from
// <net/if_vlanvar.h> and <net/agr/if_agrioctl.h>. The parameter is an [Ifreq]
// whose data point to a [Vlanreq] or an [Agrreq].
const (
	SIOCSETVLAN = SIOCSIFGENERIC
	SIOCGETVLAN = SIOCGIFGENERIC
	SIOCSETAGR  = SIOCSIFGENERIC
	SIOCGETAGR  = SIOCGIFGENERIC
)

// ioctlNames is made when somebody first asks for a name, which few programs do.
var ioctlNames = sync.OnceValue(func() map[Ioctl]string {
	return map[Ioctl]string{
		SIOCSHIWAT:           "SIOCSHIWAT",
		SIOCGHIWAT:           "SIOCGHIWAT",
		SIOCSLOWAT:           "SIOCSLOWAT",
		SIOCGLOWAT:           "SIOCGLOWAT",
		SIOCATMARK:           "SIOCATMARK",
		SIOCSPGRP:            "SIOCSPGRP",
		SIOCGPGRP:            "SIOCGPGRP",
		SIOCADDRT:            "SIOCADDRT",
		SIOCDELRT:            "SIOCDELRT",
		SIOCSIFADDR:          "SIOCSIFADDR",
		SIOCGIFADDR:          "SIOCGIFADDR",
		SIOCSIFDSTADDR:       "SIOCSIFDSTADDR",
		SIOCGIFDSTADDR:       "SIOCGIFDSTADDR",
		SIOCSIFFLAGS:         "SIOCSIFFLAGS",
		SIOCGIFFLAGS:         "SIOCGIFFLAGS",
		SIOCGIFBRDADDR:       "SIOCGIFBRDADDR",
		SIOCSIFBRDADDR:       "SIOCSIFBRDADDR",
		SIOCGIFCONF:          "SIOCGIFCONF",
		SIOCGIFNETMASK:       "SIOCGIFNETMASK",
		SIOCSIFNETMASK:       "SIOCSIFNETMASK",
		SIOCGIFMETRIC:        "SIOCGIFMETRIC",
		SIOCSIFMETRIC:        "SIOCSIFMETRIC",
		SIOCDIFADDR:          "SIOCDIFADDR",
		SIOCAIFADDR:          "SIOCAIFADDR",
		SIOCGIFALIAS:         "SIOCGIFALIAS",
		SIOCGIFAFLAG_IN:      "SIOCGIFAFLAG_IN",
		SIOCALIFADDR:         "SIOCALIFADDR",
		SIOCGLIFADDR:         "SIOCGLIFADDR",
		SIOCDLIFADDR:         "SIOCDLIFADDR",
		SIOCSIFADDRPREF:      "SIOCSIFADDRPREF",
		SIOCGIFADDRPREF:      "SIOCGIFADDRPREF",
		SIOCADDMULTI:         "SIOCADDMULTI",
		SIOCDELMULTI:         "SIOCDELMULTI",
		SIOCSIFMEDIA:         "SIOCSIFMEDIA",
		SIOCGIFMEDIA:         "SIOCGIFMEDIA",
		SIOCSIFGENERIC:       "SIOCSIFGENERIC",
		SIOCGIFGENERIC:       "SIOCGIFGENERIC",
		SIOCSIFPHYADDR:       "SIOCSIFPHYADDR",
		SIOCGIFPSRCADDR:      "SIOCGIFPSRCADDR",
		SIOCGIFPDSTADDR:      "SIOCGIFPDSTADDR",
		SIOCDIFPHYADDR:       "SIOCDIFPHYADDR",
		SIOCSLIFPHYADDR:      "SIOCSLIFPHYADDR",
		SIOCGLIFPHYADDR:      "SIOCGLIFPHYADDR",
		SIOCSIFMTU:           "SIOCSIFMTU",
		SIOCGIFMTU:           "SIOCGIFMTU",
		SIOCSDRVSPEC:         "SIOCSDRVSPEC",
		SIOCGDRVSPEC:         "SIOCGDRVSPEC",
		SIOCIFCREATE:         "SIOCIFCREATE",
		SIOCIFDESTROY:        "SIOCIFDESTROY",
		SIOCIFGCLONERS:       "SIOCIFGCLONERS",
		SIOCGIFDLT:           "SIOCGIFDLT",
		SIOCGIFCAP:           "SIOCGIFCAP",
		SIOCSIFCAP:           "SIOCSIFCAP",
		SIOCSVH:              "SIOCSVH",
		SIOCGVH:              "SIOCGVH",
		SIOCINITIFADDR:       "SIOCINITIFADDR",
		SIOCGIFDATA:          "SIOCGIFDATA",
		SIOCZIFDATA:          "SIOCZIFDATA",
		SIOCGLINKSTR:         "SIOCGLINKSTR",
		SIOCSLINKSTR:         "SIOCSLINKSTR",
		SIOCGETHERCAP:        "SIOCGETHERCAP",
		SIOCGIFINDEX:         "SIOCGIFINDEX",
		SIOCSETPFSYNC:        "SIOCSETPFSYNC",
		SIOCGETPFSYNC:        "SIOCGETPFSYNC",
		SIOCSIFADDR_IN6:      "SIOCSIFADDR_IN6",
		SIOCGIFADDR_IN6:      "SIOCGIFADDR_IN6",
		SIOCGIFDSTADDR_IN6:   "SIOCGIFDSTADDR_IN6",
		SIOCGIFNETMASK_IN6:   "SIOCGIFNETMASK_IN6",
		SIOCDIFADDR_IN6:      "SIOCDIFADDR_IN6",
		SIOCGIFPSRCADDR_IN6:  "SIOCGIFPSRCADDR_IN6",
		SIOCGIFPDSTADDR_IN6:  "SIOCGIFPDSTADDR_IN6",
		SIOCGIFAFLAG_IN6:     "SIOCGIFAFLAG_IN6",
		SIOCGDRLST_IN6:       "SIOCGDRLST_IN6",
		SIOCSNDFLUSH_IN6:     "SIOCSNDFLUSH_IN6",
		SIOCGNBRINFO_IN6:     "SIOCGNBRINFO_IN6",
		SIOCSPFXFLUSH_IN6:    "SIOCSPFXFLUSH_IN6",
		SIOCSRTRFLUSH_IN6:    "SIOCSRTRFLUSH_IN6",
		SIOCGIFSTAT_IN6:      "SIOCGIFSTAT_IN6",
		SIOCGIFSTAT_ICMP6:    "SIOCGIFSTAT_ICMP6",
		SIOCSDEFIFACE_IN6:    "SIOCSDEFIFACE_IN6",
		SIOCGDEFIFACE_IN6:    "SIOCGDEFIFACE_IN6",
		SIOCSIFINFO_FLAGS:    "SIOCSIFINFO_FLAGS",
		SIOCSIFPREFIX_IN6:    "SIOCSIFPREFIX_IN6",
		SIOCGIFPREFIX_IN6:    "SIOCGIFPREFIX_IN6",
		SIOCDIFPREFIX_IN6:    "SIOCDIFPREFIX_IN6",
		SIOCAIFPREFIX_IN6:    "SIOCAIFPREFIX_IN6",
		SIOCCIFPREFIX_IN6:    "SIOCCIFPREFIX_IN6",
		SIOCSGIFPREFIX_IN6:   "SIOCSGIFPREFIX_IN6",
		SIOCGIFALIFETIME_IN6: "SIOCGIFALIFETIME_IN6",
		SIOCAIFADDR_IN6:      "SIOCAIFADDR_IN6",
		SIOCGIFINFO_IN6:      "SIOCGIFINFO_IN6",
		SIOCSIFINFO_IN6:      "SIOCSIFINFO_IN6",
		SIOCSIFPHYADDR_IN6:   "SIOCSIFPHYADDR_IN6",
		SIOCAADDRCTL_POLICY:  "SIOCAADDRCTL_POLICY",
		SIOCDADDRCTL_POLICY:  "SIOCDADDRCTL_POLICY",
		GRESADDRS:            "GRESADDRS",
		GRESADDRD:            "GRESADDRD",
		GREGADDRS:            "GREGADDRS",
		GREGADDRD:            "GREGADDRD",
		GRESPROTO:            "GRESPROTO",
		GREGPROTO:            "GREGPROTO",
		GRESSOCK:             "GRESSOCK",
		GREDSOCK:             "GREDSOCK",
		PPPOESETPARMS:        "PPPOESETPARMS",
		PPPOEGETPARMS:        "PPPOEGETPARMS",
		PPPOEGETSESSION:      "PPPOEGETSESSION",
		SPPPGETAUTHCFG:       "SPPPGETAUTHCFG",
		SPPPSETAUTHCFG:       "SPPPSETAUTHCFG",
		SPPPGETLCPCFG:        "SPPPGETLCPCFG",
		SPPPSETLCPCFG:        "SPPPSETLCPCFG",
		SPPPGETSTATUS:        "SPPPGETSTATUS",
		SPPPGETSTATUSNCP:     "SPPPGETSTATUSNCP",
		SPPPGETIDLETO:        "SPPPGETIDLETO",
		SPPPSETIDLETO:        "SPPPSETIDLETO",
		SPPPGETAUTHFAILURES:  "SPPPGETAUTHFAILURES",
		SPPPSETAUTHFAILURE:   "SPPPSETAUTHFAILURE",
		SPPPSETDNSOPTS:       "SPPPSETDNSOPTS",
		SPPPGETDNSOPTS:       "SPPPGETDNSOPTS",
		SPPPGETDNSADDRS:      "SPPPGETDNSADDRS",
		SPPPSETKEEPALIVE:     "SPPPSETKEEPALIVE",
		SPPPGETKEEPALIVE:     "SPPPGETKEEPALIVE",
		SIOCS80211:           "SIOCS80211",
		SIOCG80211:           "SIOCG80211",
		SIOCG80211STATS:      "SIOCG80211STATS",
		SIOCG80211ZSTATS:     "SIOCG80211ZSTATS",
		SIOCS80211NWID:       "SIOCS80211NWID",
		SIOCG80211NWID:       "SIOCG80211NWID",
		SIOCS80211NWKEY:      "SIOCS80211NWKEY",
		SIOCG80211NWKEY:      "SIOCG80211NWKEY",
		SIOCS80211POWER:      "SIOCS80211POWER",
		SIOCG80211POWER:      "SIOCG80211POWER",
		SIOCS80211AUTH:       "SIOCS80211AUTH",
		SIOCG80211AUTH:       "SIOCG80211AUTH",
		SIOCS80211CHANNEL:    "SIOCS80211CHANNEL",
		SIOCG80211CHANNEL:    "SIOCG80211CHANNEL",
		SIOCS80211BSSID:      "SIOCS80211BSSID",
		SIOCG80211BSSID:      "SIOCG80211BSSID",
		TAPGIFNAME:           "TAPGIFNAME",
		TUNSDEBUG:            "TUNSDEBUG",
		TUNGDEBUG:            "TUNGDEBUG",
		TUNSIFMODE:           "TUNSIFMODE",
		TUNSLMODE:            "TUNSLMODE",
		TUNSIFHEAD:           "TUNSIFHEAD",
		TUNGIFHEAD:           "TUNGIFHEAD",
		BIOCGBLEN:            "BIOCGBLEN",
		BIOCSBLEN:            "BIOCSBLEN",
		BIOCSETF:             "BIOCSETF",
		BIOCFLUSH:            "BIOCFLUSH",
		BIOCPROMISC:          "BIOCPROMISC",
		BIOCGDLT:             "BIOCGDLT",
		BIOCGETIF:            "BIOCGETIF",
		BIOCSETIF:            "BIOCSETIF",
		BIOCGSTATS:           "BIOCGSTATS",
		BIOCIMMEDIATE:        "BIOCIMMEDIATE",
		BIOCVERSION:          "BIOCVERSION",
		BIOCSTCPF:            "BIOCSTCPF",
		BIOCSUDPF:            "BIOCSUDPF",
		BIOCGHDRCMPLT:        "BIOCGHDRCMPLT",
		BIOCSHDRCMPLT:        "BIOCSHDRCMPLT",
		BIOCSDLT:             "BIOCSDLT",
		BIOCGDLTLIST:         "BIOCGDLTLIST",
		BIOCGSEESENT:         "BIOCGSEESENT",
		BIOCSSEESENT:         "BIOCSSEESENT",
		BIOCSRTIMEOUT:        "BIOCSRTIMEOUT",
		BIOCGRTIMEOUT:        "BIOCGRTIMEOUT",
		BIOCGFEEDBACK:        "BIOCGFEEDBACK",
		BIOCSFEEDBACK:        "BIOCSFEEDBACK",
		IOC_NPF_VERSION:      "IOC_NPF_VERSION",
		IOC_NPF_SWITCH:       "IOC_NPF_SWITCH",
		IOC_NPF_LOAD:         "IOC_NPF_LOAD",
		IOC_NPF_TABLE:        "IOC_NPF_TABLE",
		IOC_NPF_STATS:        "IOC_NPF_STATS",
		IOC_NPF_SAVE:         "IOC_NPF_SAVE",
		IOC_NPF_RULE:         "IOC_NPF_RULE",
		FIOCLEX:              "FIOCLEX",
		FIONCLEX:             "FIONCLEX",
		FIONREAD:             "FIONREAD",
		FIONBIO:              "FIONBIO",
		FIOASYNC:             "FIOASYNC",
		FIOSETOWN:            "FIOSETOWN",
		FIOGETOWN:            "FIOGETOWN",
		FIOGETBMAP:           "FIOGETBMAP",
		FIONWRITE:            "FIONWRITE",
		FIONSPACE:            "FIONSPACE",
		TIOCEXCL:             "TIOCEXCL",
		TIOCNXCL:             "TIOCNXCL",
		TIOCFLUSH:            "TIOCFLUSH",
		TIOCGETA:             "TIOCGETA",
		TIOCSETA:             "TIOCSETA",
		TIOCSETAW:            "TIOCSETAW",
		TIOCSETAF:            "TIOCSETAF",
		TIOCGETD:             "TIOCGETD",
		TIOCSETD:             "TIOCSETD",
		TIOCGLINED:           "TIOCGLINED",
		TIOCSLINED:           "TIOCSLINED",
		TIOCSBRK:             "TIOCSBRK",
		TIOCCBRK:             "TIOCCBRK",
		TIOCSDTR:             "TIOCSDTR",
		TIOCCDTR:             "TIOCCDTR",
		TIOCGPGRP:            "TIOCGPGRP",
		TIOCSPGRP:            "TIOCSPGRP",
		TIOCOUTQ:             "TIOCOUTQ",
		TIOCSTI:              "TIOCSTI",
		TIOCNOTTY:            "TIOCNOTTY",
		TIOCPKT:              "TIOCPKT",
		TIOCSTOP:             "TIOCSTOP",
		TIOCSTART:            "TIOCSTART",
		TIOCMSET:             "TIOCMSET",
		TIOCMBIS:             "TIOCMBIS",
		TIOCMBIC:             "TIOCMBIC",
		TIOCMGET:             "TIOCMGET",
		TIOCREMOTE:           "TIOCREMOTE",
		TIOCGWINSZ:           "TIOCGWINSZ",
		TIOCSWINSZ:           "TIOCSWINSZ",
		TIOCUCNTL:            "TIOCUCNTL",
		TIOCSTAT:             "TIOCSTAT",
		TIOCGSID:             "TIOCGSID",
		TIOCCONS:             "TIOCCONS",
		TIOCSCTTY:            "TIOCSCTTY",
		TIOCEXT:              "TIOCEXT",
		TIOCSIG:              "TIOCSIG",
		TIOCDRAIN:            "TIOCDRAIN",
		TIOCGFLAGS:           "TIOCGFLAGS",
		TIOCSFLAGS:           "TIOCSFLAGS",
		TIOCDCDTIMESTAMP:     "TIOCDCDTIMESTAMP",
		TIOCRCVFRAME:         "TIOCRCVFRAME",
		TIOCXMTFRAME:         "TIOCXMTFRAME",
		TIOCPTMGET:           "TIOCPTMGET",
		TIOCGRANTPT:          "TIOCGRANTPT",
		TIOCPTSNAME:          "TIOCPTSNAME",
		DIOCGDINFO:           "DIOCGDINFO",
		DIOCSDINFO:           "DIOCSDINFO",
		DIOCWDINFO:           "DIOCWDINFO",
		DIOCRFORMAT:          "DIOCRFORMAT",
		DIOCWFORMAT:          "DIOCWFORMAT",
		DIOCSSTEP:            "DIOCSSTEP",
		DIOCSRETRIES:         "DIOCSRETRIES",
		DIOCKLABEL:           "DIOCKLABEL",
		DIOCWLABEL:           "DIOCWLABEL",
		DIOCSBAD:             "DIOCSBAD",
		DIOCEJECT:            "DIOCEJECT",
		DIOCLOCK:             "DIOCLOCK",
		DIOCGDEFLABEL:        "DIOCGDEFLABEL",
		DIOCCLRLABEL:         "DIOCCLRLABEL",
		DIOCGCACHE:           "DIOCGCACHE",
		DIOCSCACHE:           "DIOCSCACHE",
		DIOCCACHESYNC:        "DIOCCACHESYNC",
		DIOCBSLIST:           "DIOCBSLIST",
		DIOCBSFLUSH:          "DIOCBSFLUSH",
		DIOCAWEDGE:           "DIOCAWEDGE",
		DIOCGWEDGEINFO:       "DIOCGWEDGEINFO",
		DIOCDWEDGE:           "DIOCDWEDGE",
		DIOCLWEDGES:          "DIOCLWEDGES",
		DIOCGSTRATEGY:        "DIOCGSTRATEGY",
		DIOCSSTRATEGY:        "DIOCSSTRATEGY",
		DIOCGDISKINFO:        "DIOCGDISKINFO",
		DIOCTUR:              "DIOCTUR",
		DIOCMWEDGES:          "DIOCMWEDGES",
		DIOCGSECTORSIZE:      "DIOCGSECTORSIZE",
		DIOCGMEDIASIZE:       "DIOCGMEDIASIZE",
		MTIOCTOP:             "MTIOCTOP",
		MTIOCGET:             "MTIOCGET",
		MTIOCIEOT:            "MTIOCIEOT",
		MTIOCEEOT:            "MTIOCEEOT",
		MTIOCRDSPOS:          "MTIOCRDSPOS",
		MTIOCRDHPOS:          "MTIOCRDHPOS",
		MTIOCSLOCATE:         "MTIOCSLOCATE",
		MTIOCHLOCATE:         "MTIOCHLOCATE",
		VNDIOCSET:            "VNDIOCSET",
		VNDIOCCLR:            "VNDIOCCLR",
		VNDIOCGET:            "VNDIOCGET",
		CGDIOCSET:            "CGDIOCSET",
		CGDIOCCLR:            "CGDIOCCLR",
		CGDIOCGET:            "CGDIOCGET",
		RNDGETENTCNT:         "RNDGETENTCNT",
		RNDGETSRCNUM:         "RNDGETSRCNUM",
		RNDGETSRCNAME:        "RNDGETSRCNAME",
		RNDCTL:               "RNDCTL",
		RNDADDDATA:           "RNDADDDATA",
		RNDGETPOOLSTAT:       "RNDGETPOOLSTAT",
		RNDGETESTNUM:         "RNDGETESTNUM",
		RNDGETESTNAME:        "RNDGETESTNAME",
		KFILTER_BYFILTER:     "KFILTER_BYFILTER",
		KFILTER_BYNAME:       "KFILTER_BYNAME",
	}
})
