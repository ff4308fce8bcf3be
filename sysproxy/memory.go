package sysproxy

import (
	"bytes"
	"fmt"
)

// Access says what a server may do with lent bytes.
type Access uint8

// The kinds of access.
const (
	Read  Access = 1 << iota // the server may copy them in
	Write                    // the server may copy data out to them
)

// A client has no real address space: the addresses that it gives to the server
// are its own invention. Each call in flight has a window of them, and each loan
// a range within the window which is not used again before the window has been
// gone through, so that an address which was good for an earlier call is found
// to be stale. All stay below 1<<47, as user addresses on amd64 do.
const (
	windowBits = 34
	windowSize = 1 << windowBits
	maxWindows = 1 << 12
	windowBase = 1 << 46

	// maxLoan is the greatest number of bytes that one loan may have.
	maxLoan = windowSize / 4

	// maxLent is the greatest number of bytes that one call may lend, so that
	// no loan begins where another one of the same call is.
	maxLent = windowSize / 2

	// loanGap separates two loans, so that running over one's end is noticed.
	loanGap = pageSize

	pageSize = 4096
)

// windowOf returns the window to which an address belongs; it is negative for
// an address outside all of them.
func windowOf(addr uint64) int {
	if addr < windowBase || addr >= windowBase+maxWindows*windowSize {
		return -1
	}
	return int((addr - windowBase) >> windowBits)
}

// loan is a range of bytes that the server may reach during a call.
type loan struct {
	addr   uint64
	size   uint64
	access Access
	mem    []byte // nil once a call was abandoned, if it was for writing only
}

// memory is what one call has lent.
type memory struct {
	base, next uint64 // the window, and the next free address in it
	loans      []loan
}

// lend adds a loan and returns its address.
func (m *memory) lend(b []byte, a Access) uint64 {
	size := uint64(len(b))
	if m.next+size+loanGap > m.base+windowSize {
		m.next = m.base
	}
	addr := m.next
	m.next += (size+15)&^15 + loanGap
	m.loans = append(m.loans, loan{addr: addr, size: size, access: a, mem: b})
	return addr
}

// lendPage adds a loan that begins at a page, as mmap(2) would return it.
func (m *memory) lendPage(b []byte) uint64 {
	m.next = (m.next + pageSize - 1) &^ (pageSize - 1)
	return m.lend(b, Read|Write)
}

// find returns the loan which holds addr, and the offset in it. An address at
// the very end of a loan is good, for zero bytes.
func (m *memory) find(addr uint64) (*loan, uint64) {
	for i := range m.loans {
		l := &m.loans[i]
		if addr >= l.addr && addr-l.addr <= l.size {
			return l, addr - l.addr
		}
	}
	return nil, 0
}

// read returns n lent bytes at addr.
func (m *memory) read(addr, n uint64) ([]byte, error) {
	l, off := m.find(addr)
	switch {
	case l == nil || l.access&Read == 0:
		return nil, fmt.Errorf("asks for %d bytes at %#x, which were not lent", n, addr)
	case n > l.size-off:
		return nil, fmt.Errorf("asks for %d bytes at %#x, where %d were lent", n, addr, l.size-off)
	}
	return l.mem[off : off+n], nil
}

// readString returns the string at addr with its NUL, or n bytes of it if it is longer.
func (m *memory) readString(addr, n uint64) ([]byte, error) {
	l, off := m.find(addr)
	if l == nil || l.access&Read == 0 {
		return nil, fmt.Errorf("asks for a string at %#x, which was not lent", addr)
	}
	b := l.mem[off:]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i+1]
	} else if n > uint64(len(b)) {
		return nil, fmt.Errorf("asks for a string at %#x, where the %d lent bytes have no NUL", addr, len(b))
	}
	return b[:min(n, uint64(len(b)))], nil
}

// writable checks that n bytes may be written at addr.
func (m *memory) writable(addr, n uint64) error {
	l, off := m.find(addr)
	switch {
	case l == nil || l.access&Write == 0:
		return fmt.Errorf("copies %d bytes out to %#x, which were not lent", n, addr)
	case n > l.size-off:
		return fmt.Errorf("copies %d bytes out to %#x, where %d were lent", n, addr, l.size-off)
	}
	return nil
}

// write copies b to addr, which writable has found good; after detach it
// goes nowhere.
func (m *memory) write(addr uint64, b []byte) {
	if l, off := m.find(addr); l != nil && l.mem != nil {
		copy(l.mem[off:], b)
	}
}

// space returns the n bytes at addr, which writable has found good; nil after detach.
func (m *memory) space(addr, n uint64) []byte {
	if l, off := m.find(addr); l != nil && l.mem != nil {
		return l.mem[off : off+n]
	}
	return nil
}

// detach gives the lent bytes back to their owner: what the server may still
// read is copied, what it writes is dropped.
func (m *memory) detach() {
	for i := range m.loans {
		l := &m.loans[i]
		if l.access&Read != 0 {
			l.mem = bytes.Clone(l.mem)
		} else {
			l.mem = nil
		}
	}
}

// clear ends all loans.
func (m *memory) clear() {
	clear(m.loans) // do not hold on to the owners' bytes
	m.loans = m.loans[:0]
}
