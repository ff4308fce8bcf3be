package sysproxy

// inbox holds the bytes that have been read and not yet understood.
type inbox struct {
	buf  []byte
	r, w int // buf[r:w] is unread
}

// The size of the buffer at first and at most. It grows when a read fills it.
const (
	minInbox = 4 << 10
	maxInbox = 16 << 10
)

func (in *inbox) bytes() []byte { return in.buf[in.r:in.w] }

func (in *inbox) skip(n int) { in.r += n }

// space returns room to read into: at least one byte, since no part of a frame
// that must be whole is as long as the buffer.
func (in *inbox) space() []byte {
	switch {
	case in.buf == nil:
		in.buf = make([]byte, minInbox)
	case in.r == in.w:
		in.r, in.w = 0, 0
	case in.w == len(in.buf) || in.r > len(in.buf)/2:
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	return in.buf[in.w:]
}

// filled notes that n bytes have been read into the space.
func (in *inbox) filled(n int) {
	in.w += n
	if in.w == len(in.buf) && len(in.buf) < maxInbox {
		bigger := make([]byte, min(4*len(in.buf), maxInbox))
		in.w = copy(bigger, in.buf[in.r:in.w])
		in.r, in.buf = 0, bigger
	}
}
