package sysproxy

import (
	"bufio"
	"fmt"
	"io"
)

// MaxFrame is the greatest length of a frame that ReadFrame and a Proxy take.
const MaxFrame = MaxCopy + 4<<10

// A LengthError says that a frame has a length that cannot be: less than its
// header's, or more than MaxFrame. What follows is no frame any more.
type LengthError struct{ Header Header }

func (e *LengthError) Error() string {
	return fmt.Sprintf("frame of impossible length %d", e.Header.Len)
}

// ReadFrame reads a frame. It stores the payload in buf if there is room for it,
// and allocates as the bytes come, so that a length alone costs nothing. The
// error is io.EOF at the end of the input, io.ErrUnexpectedEOF within a frame, or
// a *LengthError once the header has been read.
func ReadFrame(r io.Reader, buf []byte) (Frame, error) {
	var head [HeaderSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Frame{}, err
	}
	f := Frame{Header: ParseHeader(head[:])}
	size, ok := f.payload()
	if !ok || f.Len > MaxFrame {
		return f, &LengthError{f.Header}
	}
	f.Data = buf[:0]
	for have := 0; have < int(size); {
		step := min(int(size)-have, max(cap(f.Data)-have, 64<<10))
		f.Data = append(f.Data, make([]byte, step)...)
		n, err := io.ReadFull(r, f.Data[have:])
		have += n
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return f, err
		}
	}
	return f, nil
}

// ReadBanner reads the line with which a server greets and returns it with its
// newline.
func ReadBanner(r *bufio.Reader) (string, error) {
	var line []byte
	for len(line) < maxBanner {
		c, err := r.ReadByte()
		if err != nil {
			return string(line), err
		}
		if line = append(line, c); c == '\n' {
			return string(line), nil
		}
	}
	return string(line), errBannerTooLong
}
