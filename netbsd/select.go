package netbsd

import "encoding/binary"

// FD_SETSIZE is the size of fd_set unless a program defines it larger.
const FD_SETSIZE = 256

// An FdSet is the set of files of select(2): words of 32 bits.
//
//	// sys/fd_set.h
//	typedef struct fd_set { __fd_mask fds_bits[__NFD_SIZE]; } fd_set;
type FdSet []uint32

// FdSetSize is how many bytes of its sets select(2) reads and writes when its
// first argument is nd.
func FdSetSize(nd int) int { return roundUp(max(nd, 0), 32) / 8 }

// NewFdSet makes a set for files below nd.
func NewFdSet(nd int) FdSet { return make(FdSet, FdSetSize(nd)/4) }

// ParseFdSet reads a set, which is all of b.
func ParseFdSet(b []byte) (FdSet, error) {
	if len(b)%4 != 0 {
		return nil, &FormatError{What: "fd_set", Offset: len(b) &^ 3, Reason: "incomplete word"}
	}
	s := make(FdSet, len(b)/4)
	for i := range s {
		s[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return s, nil
}

// Append appends s in C layout to b.
func (s FdSet) Append(b []byte) []byte {
	for _, w := range s {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// Set puts file fd into the set; one that does not fit is ignored.
func (s FdSet) Set(fd int) {
	if fd >= 0 && fd/32 < len(s) {
		s[fd/32] |= 1 << (fd % 32)
	}
}

// IsSet reports whether file fd is in the set.
func (s FdSet) IsSet(fd int) bool {
	return fd >= 0 && fd/32 < len(s) && s[fd/32]&(1<<(fd%32)) != 0
}
