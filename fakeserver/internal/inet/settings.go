package inet

import (
	"encoding/binary"
	"strings"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// settings are the sysctl values which have an effect here.
type settings struct {
	ipForwarding      atomic.Int64
	ipTTL             atomic.Int64
	ipRedirect        atomic.Int64
	ipForwSrcRt       atomic.Int64
	ipAllowSrcRt      atomic.Int64
	ipDADCount        atomic.Int64
	hostZeroBroadcast atomic.Int64
	anonPortMin       atomic.Int64
	anonPortMax       atomic.Int64
	lowPortMin        atomic.Int64
	gifTTL            atomic.Int64
	gifHopLimit       atomic.Int64
	nodeInfo          atomic.Int64
	carpAllow         atomic.Int64
	carpPreempt       atomic.Int64
	lowPortMax        atomic.Int64
	bmcastEcho        atomic.Int64
	redirAccept       atomic.Int64
	redirTimeout      atomic.Int64
	redir6Timeout     atomic.Int64
	ip6Redirect       atomic.Int64
	mtuDisc           atomic.Int64
	mtuDiscTimeout    atomic.Int64
	arpKeep           atomic.Int64
	arpDown           atomic.Int64
	tcpSendSpace      atomic.Int64
	tcpRecvSpace      atomic.Int64
	tcpKeepIdle       atomic.Int64
	tcpKeepIntvl      atomic.Int64
	tcpKeepCnt        atomic.Int64
	tcpKeepInit       atomic.Int64
	udpSendSpace      atomic.Int64
	udpRecvSpace      atomic.Int64

	ip6Forwarding    atomic.Int64
	ip6HopLimit      atomic.Int64
	ip6MultiHopLimit atomic.Int64
	ip6DADCount      atomic.Int64
	ip6AcceptRA      atomic.Int64
	ip6AutoLinkLocal atomic.Int64
	ip6V6Only        atomic.Int64
	ip6DefaultZone   atomic.Int64
	udp6RecvSpace    atomic.Int64
	icmp6RedirAccept atomic.Int64
	nd6Delay         atomic.Int64
	nd6MaxQueue      atomic.Int64

	localStreamSend atomic.Int64
	localStreamRecv atomic.Int64
	localDgramSend  atomic.Int64
	localDgramRecv  atomic.Int64
}

// A setting is a value with its name and what it is at first.
type setting struct {
	name string
	v    *atomic.Int64
	def  int64
}

func (s *settings) all() []setting {
	return []setting{
		{"net.inet.ip.forwarding", &s.ipForwarding, 1},
		{"net.inet.ip.ttl", &s.ipTTL, 64},
		{"net.inet.ip.redirect", &s.ipRedirect, 1},
		{"net.inet.ip.forwsrcrt", &s.ipForwSrcRt, 1},
		{"net.inet.ip.allowsrcrt", &s.ipAllowSrcRt, 1},
		{"net.inet.ip.dad_count", &s.ipDADCount, 3},
		{"net.inet.ip.hostzerobroadcast", &s.hostZeroBroadcast, 0},
		{"net.inet.ip.anonportmin", &s.anonPortMin, 49152},
		{"net.inet.ip.anonportmax", &s.anonPortMax, 65535},
		{"net.inet.ip.lowportmin", &s.lowPortMin, 600},
		{"net.inet.ip.lowportmax", &s.lowPortMax, 1023},
		{"net.inet.ip.gifttl", &s.gifTTL, gifTTL},
		{"net.inet.carp.allow", &s.carpAllow, 1},
		{"net.inet.carp.preempt", &s.carpPreempt, 0},
		{"net.inet.icmp.bmcastecho", &s.bmcastEcho, 0},
		{"net.inet.icmp.rediraccept", &s.redirAccept, 1},
		{"net.inet.icmp.redirtimeout", &s.redirTimeout, 600},
		{"net.inet6.icmp6.redirtimeout", &s.redir6Timeout, 600},
		{"net.inet6.ip6.redirect", &s.ip6Redirect, 1},
		{"net.inet.ip.mtudisc", &s.mtuDisc, 1},
		{"net.inet.ip.mtudisctimeout", &s.mtuDiscTimeout, 600},
		{"net.inet.arp.keep", &s.arpKeep, 1200},
		{"net.inet.arp.down", &s.arpDown, 20},
		{"net.inet.tcp.sendspace", &s.tcpSendSpace, 32768},
		{"net.inet.tcp.recvspace", &s.tcpRecvSpace, 32768},
		{"net.inet.tcp.keepidle", &s.tcpKeepIdle, 14400},
		{"net.inet.tcp.keepintvl", &s.tcpKeepIntvl, 150},
		{"net.inet.tcp.keepcnt", &s.tcpKeepCnt, 8},
		{"net.inet.tcp.keepinit", &s.tcpKeepInit, 150},
		{"net.inet.udp.sendspace", &s.udpSendSpace, 9216},
		{"net.inet.udp.recvspace", &s.udpRecvSpace, 41600},

		{"net.inet6.ip6.forwarding", &s.ip6Forwarding, 0},
		{"net.inet6.ip6.hlim", &s.ip6HopLimit, 64},
		{"net.inet6.ip6.defmcasthlim", &s.ip6MultiHopLimit, 1},
		{"net.inet6.ip6.dad_count", &s.ip6DADCount, 1},
		{"net.inet6.ip6.accept_rtadv", &s.ip6AcceptRA, 0},
		{"net.inet6.ip6.auto_linklocal", &s.ip6AutoLinkLocal, 1},
		{"net.inet6.ip6.gifhlim", &s.gifHopLimit, gifTTL},
		{"net.inet6.ip6.v6only", &s.ip6V6Only, 1},
		{"net.inet6.ip6.use_defaultzone", &s.ip6DefaultZone, 0},
		{"net.inet6.udp6.recvspace", &s.udp6RecvSpace, 42080},
		{"net.inet6.icmp6.nodeinfo", &s.nodeInfo, niTellName},
		{"net.inet6.icmp6.rediraccept", &s.icmp6RedirAccept, 1},
		{"net.inet6.icmp6.nd6_delay", &s.nd6Delay, 5},
		{"net.inet6.icmp6.maxqueuelen", &s.nd6MaxQueue, 1},

		{"net.local.stream.sendspace", &s.localStreamSend, 4096},
		{"net.local.stream.recvspace", &s.localStreamRecv, 4096},
		{"net.local.dgram.sendspace", &s.localDgramSend, 2560},
		{"net.local.dgram.recvspace", &s.localDgramRecv, 4096},
	}
}

func (s *settings) init() {
	for _, e := range s.all() {
		e.v.Store(e.def)
	}
}

// connect takes the settings from a sysctl tree and follows its changes.
func (n *Net) connect(t *sysctl.Tree) {
	for _, e := range n.set.all() {
		if b := t.Bytes(e.name); len(b) == 4 {
			e.v.Store(int64(int32(binary.LittleEndian.Uint32(b))))
		} else if b == nil {
			continue // the kernel lacks the component
		}
		t.OnSet(e.name, func(r *sysctl.Request, b []byte) netbsd.Errno {
			if len(b) != 4 {
				return netbsd.EINVAL
			}
			v := int64(int32(binary.LittleEndian.Uint32(b)))
			if name, ok := strings.CutPrefix(e.name, "net.inet.ip."); ok && strings.Contains(name, "port") && !portRange(t, "net.inet.ip.", name, v) {
				return netbsd.EINVAL
			}
			e.v.Store(v)
			n.lock()
			n.mirror.changed = true
			n.commit()
			return 0
		})
	}
}
