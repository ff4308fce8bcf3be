package netbsd

import "encoding/binary"

// sizeofSlot is the size of one argument: a register.
//
//	// #define syscallarg(x) union { register_t pad; struct { x datum; } le; ... }
const sizeofSlot = 8

// Args are the arguments of a system call as they travel: one register a
// slot. A pointer is an address in the caller's memory. An argument narrower
// than the slot sits in its low bytes, and the rest of the slot has no meaning.
type Args []uint64

// ParseArgs reads the argument struct of system call n. Bytes beyond the
// call's own arguments are kept as further slots when they make up whole ones.
func ParseArgs(n Sysno, b []byte) (Args, error) {
	if err := need("struct sys_"+n.String()+"_args", b, n.ArgSize()); err != nil {
		return nil, err
	}
	a := make(Args, len(b)/sizeofSlot)
	for i := range a {
		a[i] = binary.LittleEndian.Uint64(b[i*sizeofSlot:])
	}
	return a, nil
}

// Append appends the slots to b.
func (a Args) Append(b []byte) []byte {
	for _, s := range a {
		b = binary.LittleEndian.AppendUint64(b, s)
	}
	return b
}

// slot is argument i, or 0 when there are fewer.
func (a Args) slot(i int) uint64 {
	if i < 0 || i >= len(a) {
		return 0
	}
	return a[i]
}

// Int is argument i as a C int.
func (a Args) Int(i int) int { return int(int32(a.slot(i))) }

// Uint is argument i as a C unsigned int, mode_t, uid_t or socklen_t.
func (a Args) Uint(i int) uint32 { return uint32(a.slot(i)) }

// Long is argument i as a C long or off_t.
func (a Args) Long(i int) int64 { return int64(a.slot(i)) }

// Size is argument i as a size_t, u_long or dev_t.
func (a Args) Size(i int) uint64 { return a.slot(i) }

// Ptr is argument i as an address in the caller's memory.
func (a Args) Ptr(i int) uint64 { return a.slot(i) }
