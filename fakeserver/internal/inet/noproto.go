package inet

import (
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// noProtocol refuses everything that an endpoint may be asked for; it is
// embedded in those which can do less than all.
type noProtocol struct{}

func (noProtocol) bind(*kern.Call, sockaddr) netbsd.Errno { return netbsd.EOPNOTSUPP }
func (noProtocol) listen(int) netbsd.Errno                { return netbsd.EOPNOTSUPP }
func (noProtocol) accept(*kern.Call) (*socket, sockaddr, netbsd.Errno) {
	return nil, nil, netbsd.EOPNOTSUPP
}
func (noProtocol) connect(*kern.Call, sockaddr) netbsd.Errno { return netbsd.EOPNOTSUPP }
func (noProtocol) disconnect()                               {}
func (noProtocol) finished() bool                            { return true }
func (noProtocol) send(*kern.Call, *message) (int, netbsd.Errno) {
	return 0, netbsd.EOPNOTSUPP
}
func (noProtocol) recv(*kern.Call, int, bool) (*message, netbsd.Errno) {
	return nil, netbsd.EOPNOTSUPP
}
func (noProtocol) sockname() (sockaddr, netbsd.Errno) { return nil, netbsd.EOPNOTSUPP }
func (noProtocol) peername() (sockaddr, netbsd.Errno) { return nil, netbsd.EOPNOTSUPP }
func (noProtocol) shutdown(int) netbsd.Errno          { return netbsd.EOPNOTSUPP }
func (noProtocol) setopt(*kern.Call, int, int, []byte) netbsd.Errno {
	return netbsd.ENOPROTOOPT
}
func (noProtocol) getopt(int, int) ([]byte, netbsd.Errno) { return nil, netbsd.ENOPROTOOPT }
func (noProtocol) ioctl(*kern.Call, netbsd.Ioctl, []byte) netbsd.Errno {
	return netbsd.EOPNOTSUPP
}
func (noProtocol) status() status { return status{} }
func (noProtocol) close()         {}

// linkSocket is the endpoint of a socket of AF_LINK, which is there for its
// ioctls only.
type linkSocket struct {
	noProtocol
	rcvDone atomic.Bool
}

// shutdown can end reading, which has never begun.
func (l *linkSocket) shutdown(how int) netbsd.Errno {
	if how != netbsd.SHUT_WR {
		l.rcvDone.Store(true)
	}
	if how != netbsd.SHUT_RD {
		return netbsd.EOPNOTSUPP
	}
	return 0
}

func (l *linkSocket) status() status { return status{rcvDone: l.rcvDone.Load()} }

func (*linkSocket) recv(*kern.Call, int, bool) (*message, netbsd.Errno) {
	return nil, netbsd.EWOULDBLOCK
}
