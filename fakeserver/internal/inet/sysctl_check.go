package inet

import (
	"encoding/binary"
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// intRanges are the least and the greatest value of nodes that do not take any.
var intRanges = map[string][2]int64{
	"net.inet.tcp.rfc1323":          {0, 1<<31 - 1},
	"net.inet.tcp.win_scale":        {0, 1<<31 - 1},
	"net.inet.tcp.timestamps":       {0, 1<<31 - 1},
	"net.inet.tcp.mssdflt":          {32, 1<<31 - 1},
	"net.inet.tcp.init_win":         {0, 10}, // the number of segments
	"net.inet.tcp.init_win_local":   {0, 10},
	"net.inet.ip.ifq.maxlen":        {1, 65535},
	"net.inet6.ip6.ifq.maxlen":      {1, 65535},
	"net.inet.icmp.returndatabytes": {8, 512},
	"net.inet.icmp.redirtimeout":    {0, 1<<31 - 1},
}

// congestionControls are the algorithms there are (net.inet.tcp.congctl.available).
const congestionControls = "reno newreno cubic"

// tcpSettings are those that TCP over IPv6 has in common with that over IPv4.
const tcpSettings = "rfc1323 sendspace recvspace mssdflt syn_cache_limit syn_bucket_limit init_win mss_ifmtu " +
	"sack.enable sack.maxholes sack.globalmaxholes sack.globalholes win_scale timestamps compat_42 cwm cwm_burstsize " +
	"ack_on_push keepidle keepintvl keepcnt slowhz log_refused rstppslimit delack_ticks init_win_local do_loopback_cksum " +
	"msl minmss congctl.available congctl.selected keepinit recvbuf_auto recvbuf_inc recvbuf_max sendbuf_auto sendbuf_inc " +
	"sendbuf_max ecn.enable ecn.maxretries local_by_rtt iss_hash abc.enable abc.aggressive mslt.enable mslt.loopback " +
	"mslt.local mslt.remote mslt.remote_threshold vtw.entries"

// shareSettings makes a setting with two names one.
func shareSettings(t *sysctl.Tree) {
	share := func(six, four string) {
		if t.Has(six) {
			t.Share(six, four)
		}
	}
	for _, name := range strings.Fields(tcpSettings) {
		share("net.inet6.tcp6."+name, "net.inet.tcp."+name)
	}
	share("net.inet6.udp6.do_loopback_cksum", "net.inet.udp.do_loopback_cksum")
}

// plugChecks makes nodes refuse the values that the kernel refuses, where a setting
// does not do so already.
func (n *Net) plugChecks(t *sysctl.Tree) {
	for name, r := range intRanges {
		onInt(t, name, func(v int64) bool { return v >= r[0] && v <= r[1] })
	}
	if t.Has("net.inet.tcp.congctl.selected") {
		t.OnSet("net.inet.tcp.congctl.selected", func(_ *sysctl.Request, b []byte) netbsd.Errno {
			name, _, _ := strings.Cut(string(b), "\x00")
			for _, known := range strings.Fields(congestionControls) {
				if name == known {
					return 0
				}
			}
			return netbsd.EINVAL
		})
	}
	if t.Has("net.inet6.ip6.rtadv_numroutes") {
		t.Value("net.inet6.ip6.rtadv_numroutes", sysctl.Value{Get: func(*sysctl.Request) ([]byte, netbsd.Errno) { return n.prefixRoutes(), 0 }})
	}
	for _, name := range []string{"net.inet.ip.hashsize", "net.inet6.ip6.hashsize"} {
		onInt(t, name, func(v int64) bool { return v > 0 && v&(v-1) == 0 })
	}
	for _, name := range []string{"anonportmin", "anonportmax", "lowportmin", "lowportmax"} {
		onInt(t, "net.inet6.ip6."+name, func(v int64) bool { return portRange(t, "net.inet6.ip6.", name, v) })
	}
}

// onInt makes a node take those ints alone which ok agrees to.
func onInt(t *sysctl.Tree, name string, ok func(v int64) bool) {
	if !t.Has(name) {
		return
	}
	t.OnSet(name, func(_ *sysctl.Request, b []byte) netbsd.Errno {
		if len(b) != 4 || !ok(int64(int32(binary.LittleEndian.Uint32(b)))) {
			return netbsd.EINVAL
		}
		return 0
	})
}

// portRange reports whether a bound of the ports that sockets get is one
// (sysctl_net_inet_ip_ports).
func portRange(t *sysctl.Tree, prefix, name string, v int64) bool {
	const reservedMin, reserved = 600, 1024
	get := func(name string) int64 {
		b := t.Bytes(prefix + name)
		if len(b) != 4 {
			return 0
		}
		return int64(int32(binary.LittleEndian.Uint32(b)))
	}
	switch name {
	case "anonportmin":
		return v >= reserved && v < get("anonportmax")
	case "anonportmax":
		return v >= reserved && v <= 65535 && v > get("anonportmin")
	case "lowportmin":
		return v >= reservedMin && v < reserved && v < get("lowportmax")
	}
	return v >= reservedMin && v < reserved && v > get("lowportmin")
}
