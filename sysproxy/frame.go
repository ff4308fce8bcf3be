package sysproxy

import (
	"encoding/binary"
	"fmt"
)

// HeaderSize is the size of a frame's header in bytes.
const HeaderSize = 24

// Class says whether a frame asks, answers or refuses (sp_common.c: RUMPSP_REQ,
// RUMPSP_RESP, RUMPSP_ERROR).
type Class uint16

// The classes of frames.
const (
	ClassRequest  Class = 0
	ClassResponse Class = 1
	ClassError    Class = 2
)

// String returns the name that the recordings and the debug output use.
func (c Class) String() string {
	switch c {
	case ClassRequest:
		return "req"
	case ClassResponse:
		return "resp"
	case ClassError:
		return "error"
	}
	return fmt.Sprintf("class(%d)", uint16(c))
}

// Type says what a frame is about (sp_common.c: RUMPSP_HANDSHAKE and the rest).
type Type uint16

// The types of frames, with the direction in which a request of that type goes.
const (
	TypeHandshake  Type = 0 // client to server
	TypeSyscall    Type = 1 // client to server
	TypeCopyin     Type = 2 // server to client
	TypeCopyinstr  Type = 3 // server to client; answered by a response of type copyin
	TypeCopyout    Type = 4 // server to client; no response
	TypeCopyoutstr Type = 5 // server to client; no response
	TypeAnonmmap   Type = 6 // server to client
	TypePrefork    Type = 7 // client to server
	TypeRaise      Type = 8 // server to client; no response
)

var typeNames = [...]string{"handshake", "syscall", "copyin", "copyinstr", "copyout", "copyoutstr", "anonmmap", "prefork", "raise"}

// String returns the name that the recordings and the debug output use.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint16(t))
}

// Handshake is the kind of a handshake, the Word of its frame (sp_common.c:
// HANDSHAKE_GUEST and the rest).
type Handshake uint32

// The kinds of handshakes. No server accepts HandshakeAuth.
const (
	HandshakeGuest Handshake = 0
	HandshakeAuth  Handshake = 1
	HandshakeFork  Handshake = 2
	HandshakeExec  Handshake = 3
)

// String returns the kind's name in lower case.
func (h Handshake) String() string {
	switch h {
	case HandshakeGuest:
		return "guest"
	case HandshakeAuth:
		return "auth"
	case HandshakeFork:
		return "fork"
	case HandshakeExec:
		return "exec"
	}
	return fmt.Sprintf("handshake(%d)", uint32(h))
}

// Header is the fixed part of a frame. On the wire it is little-endian here,
// since both sides use the kernel's own byte order:
//
//	struct rsp_hdr {
//		uint64_t rsp_len;	/* with the header */
//		uint64_t rsp_reqno;
//		uint16_t rsp_class;
//		uint16_t rsp_type;
//		union { uint32_t sysnum, error, handshake, signo; } u;
//	};
type Header struct {
	Len   uint64 // bytes of the whole frame, header included
	ReqNo uint64 // each side numbers its own requests; a response repeats the request's
	Class Class
	Type  Type
	Word  uint32 // system call number, error, handshake kind or signal number, by Class and Type
}

// Append appends the header in wire format to b.
func (h Header) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, h.Len)
	b = binary.LittleEndian.AppendUint64(b, h.ReqNo)
	b = binary.LittleEndian.AppendUint16(b, uint16(h.Class))
	b = binary.LittleEndian.AppendUint16(b, uint16(h.Type))
	return binary.LittleEndian.AppendUint32(b, h.Word)
}

// ParseHeader decodes the first HeaderSize bytes of b, which must be that long.
// It checks nothing: what a header may say depends on who reads it.
func ParseHeader(b []byte) Header {
	_ = b[HeaderSize-1]
	return Header{
		Len:   binary.LittleEndian.Uint64(b[0:]),
		ReqNo: binary.LittleEndian.Uint64(b[8:]),
		Class: Class(binary.LittleEndian.Uint16(b[16:])),
		Type:  Type(binary.LittleEndian.Uint16(b[18:])),
		Word:  binary.LittleEndian.Uint32(b[20:]),
	}
}

// payload returns the number of bytes after the header; ok is false if the
// length does not even cover the header.
func (h Header) payload() (n uint64, ok bool) {
	if h.Len < HeaderSize {
		return 0, false
	}
	return h.Len - HeaderSize, true
}

// String describes the header on one line, as the debug output does.
func (h Header) String() string {
	s := fmt.Sprintf("%s %s #%d", h.Class, h.Type, h.ReqNo)
	switch {
	case h.Class == ClassError:
		s += fmt.Sprintf(" %q", ErrorCode(h.Word).Error())
	case h.Class == ClassRequest && h.Type == TypeSyscall:
		s += fmt.Sprintf(" syscall=%d", h.Word)
	case h.Class == ClassRequest && h.Type == TypeHandshake:
		s += " " + Handshake(h.Word).String()
	case h.Class == ClassRequest && h.Type == TypeRaise:
		s += fmt.Sprintf(" signal=%d", h.Word)
	}
	if n, ok := h.payload(); ok {
		return fmt.Sprintf("%s %d bytes", s, n)
	}
	return fmt.Sprintf("%s bad length %d", s, h.Len)
}

// Frame is a whole frame: a header and what follows it. Header.Len is set from
// Data when the frame is written.
type Frame struct {
	Header
	Data []byte
}

// Append appends the frame in wire format to b.
func (f Frame) Append(b []byte) []byte {
	f.Len = uint64(HeaderSize + len(f.Data))
	return append(f.Header.Append(b), f.Data...)
}

// forkHandshakeSize is the payload of a fork handshake:
//
//	struct handshake_fork { uint32_t rf_auth[4]; int rf_cancel; };
const forkHandshakeSize = cookieSize + 4

// cookieSize is the size of the cookie which a prefork request is answered with.
const cookieSize = 16

// copySize is the fixed payload of copyin, copyinstr, copyout and copyoutstr:
//
//	struct rsp_copydata { size_t rcp_len; void *rcp_addr; uint8_t rcp_data[]; };
const copySize = 16

// sysrespSize is the payload of a system call's response:
//
//	struct rsp_sysresp { int rsys_error; register_t rsys_retval[2]; };
const sysrespSize = 24
