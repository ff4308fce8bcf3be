package netbsd

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
)

type appender interface{ Append([]byte) []byte }

// checkStruct checks, with random bytes, that a struct of fixed size encodes
// what it decodes, and that it refuses fewer bytes than it needs.
func checkStruct[T appender](t *testing.T, size int, parse func([]byte) (T, error)) {
	t.Helper()
	var zero T
	what := reflect.TypeOf(zero).Name()
	if got := zero.Append([]byte{1})[1:]; len(got) != size {
		t.Errorf("%s: zero value takes %d bytes, want %d", what, len(got), size)
	}
	r := rand.New(rand.NewPCG(1, uint64(size)))
	for range 50 {
		b := make([]byte, size)
		for i := range b {
			if r.IntN(4) > 0 {
				b[i] = byte(r.Uint32())
			}
		}
		v, err := parse(b)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		c := v.Append(nil)
		if len(c) != size {
			t.Fatalf("%s: Append appends %d bytes, want %d", what, len(c), size)
		}
		w, err := parse(append(c, 0xff))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !reflect.DeepEqual(v, w) {
			t.Fatalf("%s: parse(append(v)) differs\n got %+v\nwant %+v", what, w, v)
		}
		if d := w.Append(nil); !bytes.Equal(c, d) {
			t.Fatalf("%s: append(parse(b)) differs\n got %x\nwant %x", what, d, c)
		}
	}
	_, err := parse(make([]byte, size-1))
	var short *ShortError
	if !errors.As(err, &short) || short.Want != size || short.Got != size-1 {
		t.Errorf("%s: parse of %d bytes = %v, want a ShortError for %d", what, size-1, err, size)
	}
}

func TestStructs(t *testing.T) {
	checkStruct(t, SizeofTimespec, ParseTimespec)
	checkStruct(t, SizeofTimeval, ParseTimeval)
	checkStruct(t, SizeofItimerval, ParseItimerval)
	checkStruct(t, SizeofItimerspec, ParseItimerspec)
	checkStruct(t, SizeofTimezone, ParseTimezone)
	checkStruct(t, SizeofStat, ParseStat)
	checkStruct(t, SizeofSockaddrIn, ParseSockaddrIn)
	checkStruct(t, SizeofSockaddrIn6, ParseSockaddrIn6)
	checkStruct(t, SizeofIfreq, ParseIfreq)
	checkStruct(t, SizeofIfaliasreq, ParseIfaliasreq)
	checkStruct(t, SizeofIfLaddrreq, ParseIfLaddrreq)
	checkStruct(t, SizeofIfAddrprefreq, ParseIfAddrprefreq)
	checkStruct(t, SizeofIfdrv, ParseIfdrv)
	checkStruct(t, SizeofIfconf, ParseIfconf)
	checkStruct(t, SizeofIfClonereq, ParseIfClonereq)
	checkStruct(t, SizeofIfcapreq, ParseIfcapreq)
	checkStruct(t, SizeofEccapreq, ParseEccapreq)
	checkStruct(t, SizeofIfdatareq, ParseIfdatareq)
	checkStruct(t, SizeofIfmediareq, ParseIfmediareq)
	checkStruct(t, SizeofIn6Ifreq, ParseIn6Ifreq)
	checkStruct(t, SizeofIn6Addrlifetime, ParseIn6Addrlifetime)
	checkStruct(t, SizeofIn6Aliasreq, ParseIn6Aliasreq)
	checkStruct(t, SizeofIn6Ifstat, ParseIn6Ifstat)
	checkStruct(t, SizeofIcmp6Ifstat, ParseIcmp6Ifstat)
	checkStruct(t, SizeofIfData, ParseIfData)
	checkStruct(t, SizeofIfMsghdr, ParseIfMsghdr)
	checkStruct(t, SizeofIfaMsghdr, ParseIfaMsghdr)
	checkStruct(t, SizeofIfAnnouncemsghdr, ParseIfAnnouncemsghdr)
	checkStruct(t, SizeofSysctlnode, ParseSysctlnode)
	checkStruct(t, SizeofIfbreq, ParseIfbreq)
	checkStruct(t, SizeofIfbifconf, ParseIfbifconf)
	checkStruct(t, SizeofIfbareq, ParseIfbareq)
	checkStruct(t, SizeofIfbrparam, ParseIfbrparam)
	checkStruct(t, SizeofVlanreq, ParseVlanreq)
	checkStruct(t, SizeofAgrreq, ParseAgrreq)
	checkStruct(t, SizeofAgrportlist, ParseAgrportlist)
	checkStruct(t, SizeofAgrportinfo, ParseAgrportinfo)
	checkStruct(t, SizeofCarpreq, ParseCarpreq)
	checkStruct(t, SizeofPppoediscparms, ParsePppoediscparms)
	checkStruct(t, SizeofPppoeconnectionstate, ParsePppoeconnectionstate)
	checkStruct(t, SizeofSpppauthcfg, ParseSpppauthcfg)
	checkStruct(t, SizeofSpppstatus, ParseSpppstatus)
	checkStruct(t, SizeofPfsyncreq, ParsePfsyncreq)
	checkStruct(t, SizeofIeee80211req, ParseIeee80211req)
	checkStruct(t, SizeofIeee80211Nwid, ParseIeee80211Nwid)
	checkStruct(t, SizeofIeee80211Nwkey, ParseIeee80211Nwkey)
	checkStruct(t, SizeofIeee80211Power, ParseIeee80211Power)
	checkStruct(t, SizeofIeee80211chanreq, ParseIeee80211chanreq)
	checkStruct(t, SizeofIeee80211Bssid, ParseIeee80211Bssid)
	checkStruct(t, SizeofNdIfinfo, ParseNdIfinfo)
	checkStruct(t, SizeofIn6Ndireq, ParseIn6Ndireq)
	checkStruct(t, SizeofIn6Nbrinfo, ParseIn6Nbrinfo)
	checkStruct(t, SizeofIn6Defrouter, ParseIn6Defrouter)
	checkStruct(t, SizeofIn6Prefix, ParseIn6Prefix)
	checkStruct(t, SizeofIn6Ndifreq, ParseIn6Ndifreq)
	checkStruct(t, SizeofRtMetrics, ParseRtMetrics)
	checkStruct(t, SizeofRtMsghdr, ParseRtMsghdr)
	checkStruct(t, SizeofClockinfo, ParseClockinfo)
	checkStruct(t, SizeofLoadavg, ParseLoadavg)
	checkStruct(t, SizeofVmtotal, ParseVmtotal)
	checkStruct(t, SizeofUvmexp, ParseUvmexp)
	checkStruct(t, SizeofKinfoDriver, ParseKinfoDriver)
	checkStruct(t, SizeofIoSysctl, ParseIoSysctl)
	checkStruct(t, SizeofNtptimeval, ParseNtptimeval)
	checkStruct(t, SizeofKinfoProc2, ParseKinfoProc2)
	checkStruct(t, SizeofKinfoLwp, ParseKinfoLwp)
	checkStruct(t, SizeofKinfoFile, ParseKinfoFile)
	checkStruct(t, SizeofKinfoPcb, ParseKinfoPcb)
	checkStruct(t, SizeofBpfProgram, ParseBpfProgram)
	checkStruct(t, SizeofBpfInsn, ParseBpfInsn)
	checkStruct(t, SizeofBpfStat, ParseBpfStat)
	checkStruct(t, SizeofBpfVersion, ParseBpfVersion)
	checkStruct(t, SizeofBpfDltlist, ParseBpfDltlist)
	checkStruct(t, SizeofBpfHdr, ParseBpfHdr)
	checkStruct(t, SizeofDisklabel, ParseDisklabel)
	checkStruct(t, SizeofPartition, ParsePartition)
	checkStruct(t, SizeofFlock, ParseFlock)
	checkStruct(t, SizeofTmpfsArgs, ParseTmpfsArgs)
	checkStruct(t, SizeofUfsArgs, ParseUfsArgs)
	checkStruct(t, SizeofIsoArgs, ParseIsoArgs)
	checkStruct(t, SizeofMsdosfsArgs, ParseMsdosfsArgs)
	checkStruct(t, SizeofNfsArgs, ParseNfsArgs)
	checkStruct(t, SizeofNullArgs, ParseNullArgs)
	checkStruct(t, SizeofUnionArgs, ParseUnionArgs)
	checkStruct(t, SizeofPtyfsArgs, ParsePtyfsArgs)
	checkStruct(t, SizeofProcfsArgs, ParseProcfsArgs)
	checkStruct(t, SizeofMfsArgs, ParseMfsArgs)
	checkStruct(t, SizeofKevent, ParseKevent)
	checkStruct(t, SizeofKfilterMapping, ParseKfilterMapping)
	checkStruct(t, SizeofKtrHeader, ParseKtrHeader)
	checkStruct(t, SizeofKtrSyscall, ParseKtrSyscall)
	checkStruct(t, SizeofKtrSysret, ParseKtrSysret)
	checkStruct(t, SizeofKtrGenio, ParseKtrGenio)
	checkStruct(t, SizeofKtrPsig, ParseKtrPsig)
	checkStruct(t, SizeofKtrCsw, ParseKtrCsw)
	checkStruct(t, SizeofKtrUser, ParseKtrUser)
	checkStruct(t, SizeofKtrExecfd, ParseKtrExecfd)
	checkStruct(t, SizeofModstat, ParseModstat)
	checkStruct(t, SizeofModctlLoad, ParseModctlLoad)
	checkStruct(t, SizeofMsghdr, ParseMsghdr)
	checkStruct(t, SizeofMmsghdr, ParseMmsghdr)
	checkStruct(t, SizeofIovec, ParseIovec)
	checkStruct(t, SizeofNpfIoctlTable, ParseNpfIoctlTable)
	checkStruct(t, SizeofPollfd, ParsePollfd)
	checkStruct(t, SizeofRusage, ParseRusage)
	checkStruct(t, SizeofRlimit, ParseRlimit)
	checkStruct(t, SizeofRndsource, ParseRndsource)
	checkStruct(t, SizeofRndsourceEst, ParseRndsourceEst)
	checkStruct(t, SizeofRndctl, ParseRndctl)
	checkStruct(t, SizeofRndstat, ParseRndstat)
	checkStruct(t, SizeofRndstatEst, ParseRndstatEst)
	checkStruct(t, SizeofRndpoolstat, ParseRndpoolstat)
	checkStruct(t, SizeofRnddata, ParseRnddata)
	checkStruct(t, SizeofLinger, ParseLinger)
	checkStruct(t, SizeofAcceptFilterArg, ParseAcceptFilterArg)
	checkStruct(t, SizeofIpMreq, ParseIpMreq)
	checkStruct(t, SizeofInPktinfo, ParseInPktinfo)
	checkStruct(t, SizeofIpv6Mreq, ParseIpv6Mreq)
	checkStruct(t, SizeofIn6Pktinfo, ParseIn6Pktinfo)
	checkStruct(t, SizeofIp6Mtuinfo, ParseIp6Mtuinfo)
	checkStruct(t, SizeofIcmp6Filter, ParseIcmp6Filter)
	checkStruct(t, SizeofTCPInfo, ParseTCPInfo)
	checkStruct(t, SizeofStatvfs, ParseStatvfs)
	checkStruct(t, SizeofFsid, ParseFsid)
	checkStruct(t, SizeofWinsize, ParseWinsize)
	checkStruct(t, SizeofTermios, ParseTermios)
	checkStruct(t, SizeofVndIoctl, ParseVndIoctl)
	checkStruct(t, SizeofVndgeom, ParseVndgeom)
	checkStruct(t, SizeofVndUser, ParseVndUser)
	checkStruct(t, SizeofCgdIoctl, ParseCgdIoctl)
	checkStruct(t, SizeofCgdUser, ParseCgdUser)
	checkStruct(t, SizeofDkwedgeInfo, ParseDkwedgeInfo)
	checkStruct(t, SizeofDkwedgeList, ParseDkwedgeList)
	checkStruct(t, SizeofPlistref, ParsePlistref)
}
