package inet

import (
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

func (t *tcpSocket) setopt(c *kern.Call, level, name int, b []byte) netbsd.Errno {
	if t.gone() {
		return netbsd.ECONNRESET
	}
	switch level {
	case netbsd.SOL_SOCKET:
		t.setSocketOpt(name)
	case netbsd.IPPROTO_TCP:
		return t.setTCPOpt(name, b)
	}
	errno := t.s.n.setIPOpt(c, &t.inp, level, name, b)
	if errno == 0 {
		t.mu.Lock()
		t.applyTTL()
		if t.ep != nil && t.s.family == netbsd.AF_INET6 {
			t.ep.SocketOptions().SetV6Only(t.inp.v6only)
		}
		t.mu.Unlock()
	}
	return errno
}

// setSocketOpt lets gVisor know of an option that has been set.
func (t *tcpSocket) setSocketOpt(name int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ep == nil {
		return
	}
	so := t.ep.SocketOptions()
	switch name {
	case netbsd.SO_KEEPALIVE:
		so.SetKeepAlive(t.s.option(netbsd.SO_KEEPALIVE))
	case netbsd.SO_LINGER:
		t.s.mu.Lock()
		l := tcpip.LingerOption{Enabled: t.s.opts&netbsd.SO_LINGER != 0, Timeout: time.Duration(t.s.linger) * time.Second}
		t.s.mu.Unlock()
		so.SetLinger(l)
	case netbsd.SO_RCVBUF, netbsd.SO_SNDBUF:
		t.s.mu.Lock()
		rcv, snd := t.s.rcvBuf, t.s.sndBuf
		t.s.mu.Unlock()
		if name == netbsd.SO_RCVBUF {
			so.SetReceiveBufferSize(int64(rcv), true)
		} else {
			so.SetSendBufferSize(int64(snd), true)
		}
	}
}

func (t *tcpSocket) setTCPOpt(name int, b []byte) netbsd.Errno {
	v, errno := optInt(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch name {
	case netbsd.TCP_NODELAY:
		if errno != 0 {
			return errno
		}
		t.nodelay = v != 0
		if t.ep != nil {
			t.ep.SocketOptions().SetDelayOption(!t.nodelay)
		}
	case netbsd.TCP_MAXSEG:
		if errno != 0 {
			return errno
		}
		if v <= 0 || v > 536 && t.maxseg == 0 || v > t.maxseg && t.maxseg != 0 {
			return netbsd.EINVAL
		}
		t.maxseg = v
		if t.ep != nil {
			t.ep.SetSockOptInt(tcpip.MaxSegOption, v)
		}
	case netbsd.TCP_KEEPIDLE, netbsd.TCP_KEEPINTVL, netbsd.TCP_KEEPCNT, netbsd.TCP_KEEPINIT:
		if errno != 0 {
			return errno
		}
		if v == 0 {
			return netbsd.EINVAL
		}
		v = min(int(uint32(v)), 1<<30) // it has no sign
		i := map[int]int{netbsd.TCP_KEEPIDLE: 0, netbsd.TCP_KEEPINTVL: 1, netbsd.TCP_KEEPCNT: 2, netbsd.TCP_KEEPINIT: 3}[name]
		t.keep[i] = v
		if t.ep == nil {
			return 0
		}
		switch i {
		case 0:
			o := tcpip.KeepaliveIdleOption(time.Duration(v) * time.Second)
			t.ep.SetSockOpt(&o)
		case 1:
			o := tcpip.KeepaliveIntervalOption(time.Duration(v) * time.Second)
			t.ep.SetSockOpt(&o)
		case 2:
			t.ep.SetSockOptInt(tcpip.KeepaliveCountOption, v)
		}
	default:
		return netbsd.ENOPROTOOPT
	}
	return 0
}

// tfNoDelay is how TCP_NODELAY is shown if it is set (TF_NODELAY).
const tfNoDelay = 4

func (t *tcpSocket) getopt(level, name int) ([]byte, netbsd.Errno) {
	if t.gone() {
		return nil, netbsd.ECONNRESET
	}
	if level != netbsd.IPPROTO_TCP {
		return t.s.n.getIPOpt(&t.inp, level, name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch name {
	case netbsd.TCP_NODELAY:
		v := 0
		if t.nodelay {
			v = tfNoDelay
		}
		return intValue(v), 0
	case netbsd.TCP_MAXSEG:
		v := t.maxseg
		if v == 0 {
			v = 536
			if t.ep != nil && t.state == tcpConnected {
				if seg, err := t.ep.GetSockOptInt(tcpip.MaxSegOption); err == nil && seg > 0 {
					v = seg
				}
			}
		}
		return intValue(v), 0
	case netbsd.TCP_INFO:
		return t.info(), 0
	}
	return nil, netbsd.ENOPROTOOPT
}

// info is struct tcp_info.
func (t *tcpSocket) info() []byte {
	i := netbsd.TCPInfo{State: uint8(t.tcpState())}
	return i.Append(nil)
}

// tcpState is the connection's state as NetBSD numbers it. t.mu is held.
func (t *tcpSocket) tcpState() netbsd.TCPState {
	if t.listening {
		return netbsd.TCPS_LISTEN
	}
	if t.ep == nil {
		return netbsd.TCPS_CLOSED
	}
	switch tcp.EndpointState(t.ep.State()) {
	case tcp.StateListen:
		return netbsd.TCPS_LISTEN
	case tcp.StateSynSent, tcp.StateConnecting:
		return netbsd.TCPS_SYN_SENT
	case tcp.StateSynRecv:
		return netbsd.TCPS_SYN_RECEIVED
	case tcp.StateEstablished:
		return netbsd.TCPS_ESTABLISHED
	case tcp.StateCloseWait:
		return netbsd.TCPS_CLOSE_WAIT
	case tcp.StateFinWait1:
		return netbsd.TCPS_FIN_WAIT_1
	case tcp.StateClosing:
		return netbsd.TCPS_CLOSING
	case tcp.StateLastAck:
		return netbsd.TCPS_LAST_ACK
	case tcp.StateFinWait2:
		return netbsd.TCPS_FIN_WAIT_2
	case tcp.StateTimeWait:
		return netbsd.TCPS_TIME_WAIT
	}
	return netbsd.TCPS_CLOSED
}
