package netbsd

import (
	"encoding/binary"
	"fmt"
)

// A Msghdr is a message of sendmsg(2) and recvmsg(2). Iov points to Iovlen
// [Iovec], Control to control messages.
//
//	// sys/socket.h
//	struct msghdr {
//		void *msg_name;
//		socklen_t msg_namelen;
//		struct iovec *msg_iov;
//		int msg_iovlen;
//		void *msg_control;
//		socklen_t msg_controllen;
//		int msg_flags;
//	};
type Msghdr struct {
	Name       uint64
	Namelen    uint32
	Iov        uint64
	Iovlen     int32
	Control    uint64
	Controllen uint32
	Flags      int32
}

// SizeofMsghdr is sizeof(struct msghdr).
const SizeofMsghdr = 48

func (m *Msghdr) layout(v view) {
	v.u64(0, &m.Name)
	v.u32(8, &m.Namelen)
	v.u64(16, &m.Iov)
	v.i32(24, &m.Iovlen)
	v.u64(32, &m.Control)
	v.u32(40, &m.Controllen)
	v.i32(44, &m.Flags)
}

// Append appends m in C layout to b.
func (m Msghdr) Append(b []byte) []byte { return appendStruct(b, SizeofMsghdr, &m) }

// ParseMsghdr reads a struct msghdr from the front of b.
func ParseMsghdr(b []byte) (Msghdr, error) {
	return parseStruct[Msghdr](b, "struct msghdr", SizeofMsghdr)
}

// A Mmsghdr is a message of sendmmsg(2) and recvmmsg(2). Len is how many bytes
// were transferred.
//
//	// sys/socket.h
//	struct mmsghdr {
//		struct msghdr msg_hdr;
//		unsigned int msg_len;
//	};
type Mmsghdr struct {
	Hdr Msghdr
	Len uint32
}

// SizeofMmsghdr is sizeof(struct mmsghdr).
const SizeofMmsghdr = 56

func (m *Mmsghdr) layout(v view) {
	m.Hdr.layout(v.at(0, SizeofMsghdr))
	v.u32(48, &m.Len)
}

// Append appends m in C layout to b.
func (m Mmsghdr) Append(b []byte) []byte { return appendStruct(b, SizeofMmsghdr, &m) }

// ParseMmsghdr reads a struct mmsghdr from the front of b.
func ParseMmsghdr(b []byte) (Mmsghdr, error) {
	return parseStruct[Mmsghdr](b, "struct mmsghdr", SizeofMmsghdr)
}

// An Iovec is a piece of memory.
//
//	// sys/uio.h
//	struct iovec {
//		void *iov_base;
//		size_t iov_len;
//	};
type Iovec struct {
	Base uint64
	Len  uint64
}

// SizeofIovec is sizeof(struct iovec).
const SizeofIovec = 16

func (i *Iovec) layout(v view) {
	v.u64(0, &i.Base)
	v.u64(8, &i.Len)
}

// Append appends i in C layout to b.
func (i Iovec) Append(b []byte) []byte { return appendStruct(b, SizeofIovec, &i) }

// ParseIovec reads a struct iovec from the front of b.
func ParseIovec(b []byte) (Iovec, error) { return parseStruct[Iovec](b, "struct iovec", SizeofIovec) }

// ParseIovecs reads all pieces in b.
func ParseIovecs(b []byte) ([]Iovec, error) {
	return parseArray[Iovec](b, "struct iovec", SizeofIovec)
}

// UIO_MAXIOV is how many Iovec one system call takes at most.
const UIO_MAXIOV = 1024

// A ControlMessage is what travels with a message beside its data: the struct
// cmsghdr and what follows it.
//
//	// sys/socket.h
//	struct cmsghdr {
//		socklen_t cmsg_len; /* of the header, padding and data */
//		int       cmsg_level;
//		int       cmsg_type;
//	};
type ControlMessage struct {
	Level int32
	Type  int32
	Data  []byte
}

// SizeofCmsghdr is sizeof(struct cmsghdr).
const SizeofCmsghdr = 12

// cmsgASize is the header's size with the padding before the data.
//
//	// #define __CMSG_ALIGN(n) (((n) + __ALIGNBYTES) & ~__ALIGNBYTES)
//	// #define __CMSG_ASIZE __CMSG_ALIGN(sizeof(struct cmsghdr))
const cmsgASize = 16

// CmsgLen is the cmsg_len of n bytes of data.
//
//	// #define CMSG_LEN(l) (__CMSG_ASIZE + (l))
func CmsgLen(n int) int { return cmsgASize + n }

// CmsgSpace is the room that a message with n bytes of data takes.
//
//	// #define CMSG_SPACE(l) (__CMSG_ASIZE + __CMSG_ALIGN(l))
func CmsgSpace(n int) int { return cmsgASize + roundUp(n, 8) }

// Append appends the message and its padding to b.
func (m ControlMessage) Append(b []byte) []byte {
	n := len(b)
	b = append(b, make([]byte, CmsgSpace(len(m.Data)))...)
	binary.LittleEndian.PutUint32(b[n:], uint32(CmsgLen(len(m.Data))))
	binary.LittleEndian.PutUint32(b[n+4:], uint32(m.Level))
	binary.LittleEndian.PutUint32(b[n+8:], uint32(m.Type))
	copy(b[n+cmsgASize:], m.Data)
	return b
}

// ParseControlMessages reads all control messages in b. The last one may come
// without its padding.
func ParseControlMessages(b []byte) ([]ControlMessage, error) {
	var ms []ControlMessage
	for off := 0; len(b)-off >= cmsgASize; {
		p := b[off:]
		n := binary.LittleEndian.Uint32(p)
		if n < cmsgASize || uint64(n) > uint64(len(p)) {
			return nil, &FormatError{What: "struct cmsghdr", Offset: off, Reason: fmt.Sprintf("cmsg_len %d, %d bytes left", n, len(p))}
		}
		ms = append(ms, ControlMessage{
			Level: int32(binary.LittleEndian.Uint32(p[4:])),
			Type:  int32(binary.LittleEndian.Uint32(p[8:])),
			Data:  append([]byte(nil), p[cmsgASize:n]...),
		})
		off += min(roundUp(int(n), 8), len(p))
	}
	return ms, nil
}
