package shmif

import (
	"encoding/binary"
	"errors"
	"runtime/debug"
	"sync/atomic"
	"unsafe"
)

// memory is a bus's Size bytes: a shared mapping, or a copy of a file. This is the only file which uses unsafe.
//
// The words of the head are accessed atomically, because kernels look at them from outside; the ring is only touched
// with the lock held, and what is read from it is copied before it is believed.
type memory []byte

// newMemory returns private memory whose words are aligned.
func newMemory() memory {
	words := make([]uint64, Size/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), Size)
}

func (m memory) word32(off int) *uint32 { return (*uint32)(unsafe.Pointer(&m[off : off+4][0])) }
func (m memory) word64(off int) *uint64 { return (*uint64)(unsafe.Pointer(&m[off : off+8][0])) }

func (m memory) load32(off int) uint32     { return atomic.LoadUint32(m.word32(off)) }
func (m memory) store32(off int, v uint32) { atomic.StoreUint32(m.word32(off), v) }
func (m memory) swap32(off int, v uint32)  { atomic.SwapUint32(m.word32(off), v) }
func (m memory) cas32(off int, o, n uint32) bool {
	return atomic.CompareAndSwapUint32(m.word32(off), o, n)
}
func (m memory) load64(off int) uint64     { return atomic.LoadUint64(m.word64(off)) }
func (m memory) store64(off int, v uint64) { atomic.StoreUint64(m.word64(off), v) }

// ring is the part behind the head.
func (m memory) ring() []byte { return m[offData:Size] }

// copyOut fills p from the ring, beginning at off.
func (m memory) copyOut(p []byte, off uint32) {
	n := copy(p, m.ring()[off:])
	copy(p[n:], m.ring())
}

// copyIn writes p to the ring, beginning at off.
func (m memory) copyIn(off uint32, p []byte) {
	n := copy(m.ring()[off:], p)
	copy(m.ring(), p[n:])
}

// length reads the length word of the header at off.
func (m memory) length(off uint32) uint32 {
	var b [4]byte
	m.copyOut(b[:], off+hdrLen)
	return binary.NativeEndian.Uint32(b[:])
}

// errFault is what guard returns when the memory went away: someone truncated the file.
var errFault = errors.New("memory fault")

// guard runs f, which accesses m, and turns a fault at one of m's addresses into errFault. Without it a process that
// truncates the file would end ours with SIGBUS.
func (m memory) guard(f func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		fault, ok := r.(interface{ Addr() uintptr })
		if !ok {
			panic(r)
		}
		start := uintptr(unsafe.Pointer(&m[0]))
		if a := fault.Addr(); a < start || a >= start+Size {
			panic(r)
		}
		err = errFault
	}()
	return f()
}
