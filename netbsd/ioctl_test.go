package netbsd

import "testing"

// The commands that the utilities and a test program gave to a real kernel.
var recordedIoctls = map[Ioctl]string{
	0x40044e64: "IOC_NPF_VERSION", 0x4004667f: "FIONREAD", 0x40087468: "TIOCGWINSZ", 0x40104e69: "IOC_NPF_SAVE",
	0x4010647f: "DIOCGDISKINFO", 0x402c7413: "TIOCGETA", 0x40386d02: "MTIOCGET", 0x40d0647a: "DIOCGWEDGEINFO",
	0x41986465: "DIOCGDINFO", 0x80044e65: "IOC_NPF_SWITCH", 0x80286988: "SIOCSLINKSTR", 0x8040691a: "SIOCAIFADDR",
	0x8080696b: "SIOCAIFADDR_IN6", 0x80906910: "SIOCSIFFLAGS", 0x80906919: "SIOCDIFADDR",
	0x80906979: "SIOCIFDESTROY", 0x8090697a: "SIOCIFCREATE", 0x8090697f: "SIOCSIFMTU", 0xc0104e66: "IOC_NPF_LOAD",
	0xc0104e6b: "IOC_NPF_RULE", 0xc018698b: "SIOCGETHERCAP", 0xc0206976: "SIOCGIFCAP", 0xc0286987: "SIOCGLINKSTR",
	0xc0306936: "SIOCGIFMEDIA", 0xc038694e: "SIOCGNBRINFO_IN6", 0xc040691b: "SIOCGIFALIAS",
	0xc0906911: "SIOCGIFFLAGS", 0xc0906917: "SIOCGIFMETRIC", 0xc0906921: "SIOCGIFADDR",
	0xc0906927: "SIOCGIFAFLAG_IN", 0xc090697e: "SIOCGIFMTU", 0xc0906983: "SIOCGVH", 0xc09069e7: "SIOCG80211NWID",
	0xc09069f8: "SIOCGETPFSYNC", 0xc0986920: "SIOCGIFADDRPREF", 0xc118691d: "SIOCGLIFADDR",
	0xc118694b: "SIOCGLIFPHYADDR", 0xc1206921: "SIOCGIFADDR_IN6", 0xc1206925: "SIOCGIFNETMASK_IN6",
	0xc1206949: "SIOCGIFAFLAG_IN6", 0xc1c0526b: "RNDGETESTNUM",
}

func TestRecordedIoctls(t *testing.T) {
	for c, name := range recordedIoctls {
		if !c.Known() || c.String() != name {
			t.Errorf("0x%08x is %v, want %s", uint32(c), c, name)
		}
	}
}

// What a command says of its parameter's length must be the size of the struct
// that this package has for it.
func TestIoctlSizes(t *testing.T) {
	for c, size := range ioctlSizes {
		if c.Len() != size {
			t.Errorf("%v has a parameter of %d bytes, its struct %d", c, c.Len(), size)
		}
	}
}

var ioctlSizes = map[Ioctl]int{
	SIOCGIFFLAGS:      SizeofIfreq,
	SIOCGIFCONF:       SizeofIfconf,
	SIOCAIFADDR:       SizeofIfaliasreq,
	SIOCGLIFADDR:      SizeofIfLaddrreq,
	SIOCGIFADDRPREF:   SizeofIfAddrprefreq,
	SIOCGIFMEDIA:      SizeofIfmediareq,
	SIOCGDRVSPEC:      SizeofIfdrv,
	SIOCGLINKSTR:      SizeofIfdrv,
	SIOCIFGCLONERS:    SizeofIfClonereq,
	SIOCGIFCAP:        SizeofIfcapreq,
	SIOCGIFDATA:       SizeofIfdatareq,
	SIOCGETHERCAP:     SizeofEccapreq,
	SIOCGIFADDR_IN6:   SizeofIn6Ifreq,
	SIOCAIFADDR_IN6:   SizeofIn6Aliasreq,
	TIOCGWINSZ:        SizeofWinsize,
	TIOCGETA:          SizeofTermios,
	DIOCGDINFO:        SizeofDisklabel,
	DIOCGWEDGEINFO:    SizeofDkwedgeInfo,
	DIOCLWEDGES:       SizeofDkwedgeList,
	DIOCGDISKINFO:     SizeofPlistref,
	VNDIOCSET:         SizeofVndIoctl,
	VNDIOCGET:         SizeofVndUser,
	CGDIOCSET:         SizeofCgdIoctl,
	CGDIOCGET:         SizeofCgdUser,
	RNDGETSRCNUM:      SizeofRndstat,
	RNDCTL:            SizeofRndctl,
	RNDADDDATA:        SizeofRnddata,
	RNDGETPOOLSTAT:    SizeofRndpoolstat,
	RNDGETESTNUM:      SizeofRndstatEst,
	KFILTER_BYNAME:    SizeofKfilterMapping,
	BIOCSETF:          SizeofBpfProgram,
	BIOCGSTATS:        SizeofBpfStat,
	BIOCVERSION:       SizeofBpfVersion,
	BIOCGDLTLIST:      SizeofBpfDltlist,
	BIOCGETIF:         SizeofIfreq,
	IOC_NPF_SAVE:      SizeofPlistref,
	IOC_NPF_TABLE:     SizeofNpfIoctlTable,
	BIOCSRTIMEOUT:     SizeofTimeval,
	PPPOESETPARMS:     SizeofPppoediscparms,
	PPPOEGETSESSION:   SizeofPppoeconnectionstate,
	SPPPGETAUTHCFG:    SizeofSpppauthcfg,
	SIOCS80211:        SizeofIeee80211req,
	SIOCS80211NWKEY:   SizeofIeee80211Nwkey,
	SIOCS80211POWER:   SizeofIeee80211Power,
	SIOCS80211CHANNEL: SizeofIeee80211chanreq,
	SIOCS80211BSSID:   SizeofIeee80211Bssid,
	SIOCGIFINFO_IN6:   SizeofIn6Ndireq,
	SIOCGNBRINFO_IN6:  SizeofIn6Nbrinfo,
	SIOCGDEFIFACE_IN6: SizeofIn6Ndifreq,
	TIOCDCDTIMESTAMP:  SizeofTimeval,
}

func TestIoctl(t *testing.T) {
	for _, tt := range []struct {
		got, want Ioctl
	}{
		{IO('t', 13), TIOCEXCL},
		{IOR('f', 127, 4), FIONREAD},
		{IOW('i', 16, SizeofIfreq), SIOCSIFFLAGS},
		{IOWR('i', 17, SizeofIfreq), SIOCGIFFLAGS},
	} {
		if tt.got != tt.want {
			t.Errorf("composed 0x%08x, want %v", uint32(tt.got), tt.want)
		}
	}
	c := SIOCGIFFLAGS
	if c.Len() != 144 || c.Group() != 'i' || c.Num() != 17 || !c.In() || !c.Out() {
		t.Errorf("SIOCGIFFLAGS: %d %q %d %v %v", c.Len(), c.Group(), c.Num(), c.In(), c.Out())
	}
	for c, want := range map[Ioctl]string{
		IO('x', 1): "_IO('x', 1)", IOR('x', 2, 8): "_IOR('x', 2, 8)", IOW('x', 3, 8): "_IOW('x', 3, 8)",
		IOWR('x', 4, 8): "_IOWR('x', 4, 8)", IOC(IOC_VOID, 'x', 5, 4): "_IOC(IOC_VOID, 'x', 5, 4)", 1: "ioctl 0x00000001",
	} {
		if c.String() != want {
			t.Errorf("String() = %s, want %s", c, want)
		}
	}
	for c, name := range ioctlNames() {
		if c.String() != name {
			t.Errorf("0x%08x is %v, want %s", uint32(c), c, name)
		}
	}
}
