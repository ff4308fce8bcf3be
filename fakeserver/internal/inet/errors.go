package inet

import (
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// errnoOf is what NetBSD says to an error of gVisor's.
func errnoOf(err tcpip.Error) netbsd.Errno {
	switch err.(type) {
	case nil:
		return 0
	case *tcpip.ErrAborted, *tcpip.ErrConnectionAborted:
		return netbsd.ECONNABORTED
	case *tcpip.ErrAddressFamilyNotSupported:
		return netbsd.EAFNOSUPPORT
	case *tcpip.ErrAlreadyBound, *tcpip.ErrBadAddress, *tcpip.ErrInvalidEndpointState, *tcpip.ErrInvalidOptionValue, *tcpip.ErrInvalidPortRange:
		return netbsd.EINVAL
	case *tcpip.ErrAlreadyConnected:
		return netbsd.EISCONN
	case *tcpip.ErrAlreadyConnecting:
		return netbsd.EALREADY
	case *tcpip.ErrBadBuffer:
		return netbsd.EFAULT
	case *tcpip.ErrBadLocalAddress, *tcpip.ErrUnknownNICID:
		return netbsd.EADDRNOTAVAIL
	case *tcpip.ErrBroadcastDisabled, *tcpip.ErrNotPermitted:
		return netbsd.EACCES
	case *tcpip.ErrClosedForReceive, *tcpip.ErrNotConnected:
		return netbsd.ENOTCONN
	case *tcpip.ErrClosedForSend:
		return netbsd.EPIPE
	case *tcpip.ErrConnectStarted:
		return netbsd.EINPROGRESS
	case *tcpip.ErrConnectionRefused:
		return netbsd.ECONNREFUSED
	case *tcpip.ErrConnectionReset:
		return netbsd.ECONNRESET
	case *tcpip.ErrDestinationRequired:
		return netbsd.EDESTADDRREQ
	case *tcpip.ErrDuplicateAddress:
		return netbsd.EEXIST
	case *tcpip.ErrHostDown:
		return netbsd.EHOSTDOWN
	case *tcpip.ErrHostUnreachable, *tcpip.ErrNetworkUnreachable:
		return netbsd.EHOSTUNREACH
	case *tcpip.ErrMessageTooLong:
		return netbsd.EMSGSIZE
	case *tcpip.ErrNoBufferSpace:
		return netbsd.ENOBUFS
	case *tcpip.ErrNoPortAvailable:
		return netbsd.EAGAIN
	case *tcpip.ErrNotSupported:
		return netbsd.EOPNOTSUPP
	case *tcpip.ErrPortInUse:
		return netbsd.EADDRINUSE
	case *tcpip.ErrTimeout:
		return netbsd.ETIMEDOUT
	case *tcpip.ErrUnknownDevice:
		return netbsd.ENXIO
	case *tcpip.ErrUnknownProtocol, *tcpip.ErrUnknownProtocolOption:
		return netbsd.ENOPROTOOPT
	case *tcpip.ErrWouldBlock:
		return netbsd.EWOULDBLOCK
	}
	return netbsd.EINVAL
}

// stackError is the error of gVisor's which errnoOf turns into errno.
func stackError(errno netbsd.Errno) tcpip.Error {
	switch errno {
	case 0:
		return nil
	case netbsd.EHOSTDOWN:
		return &tcpip.ErrHostDown{}
	case netbsd.ENETDOWN:
		return &tcpip.ErrClosedForSend{}
	case netbsd.ENOBUFS:
		return &tcpip.ErrNoBufferSpace{}
	}
	return &tcpip.ErrHostUnreachable{}
}
