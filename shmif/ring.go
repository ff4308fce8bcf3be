package shmif

import (
	"encoding/binary"
	"time"
)

// A view is the head of a bus, checked and turned into positions. It is valid while the lock is held.
type view struct {
	gen    uint64
	oldest Position // where the oldest frame begins
	last   Position // where the newest frame begins
	end    Position // where the next frame will begin
}

// checkHead looks at the words that say whether this is a bus at all.
func (m memory) checkHead(path string) error {
	if v := m.load32(offMagic); v != magic {
		reason := "not a bus"
		if v == 0x54d011ca {
			reason = "a bus of the other byte order"
		}
		return &FormatError{Path: path, Field: "magic", Value: uint64(v), Reason: reason}
	}
	// The C code never sets the version when it makes a bus; the first wake-up does.
	if v := m.load32(offVersion); v != version && v != 0 {
		return &FormatError{Path: path, Field: "version", Value: uint64(v), Reason: "not a bus of version 3"}
	}
	return nil
}

// view reads the head and refuses one that cannot be true.
func (m memory) view(path string) (view, error) {
	if err := m.checkHead(path); err != nil {
		return view{}, err
	}
	bad := func(field string, v uint64, reason string) (view, error) {
		return view{}, &FormatError{Path: path, Field: field, Value: v, Reason: reason}
	}
	gen, first, last := m.load64(offGen), m.load32(offFirst), m.load32(offLast)
	switch {
	case gen > maxGen:
		return bad("generation", gen, "out of range")
	case last >= ringSize:
		return bad("last", uint64(last), "outside the ring")
	case first > ringSize, first == ringSize && gen > 0:
		return bad("first", uint64(first), "outside the ring")
	case first != ringSize && gen == 0:
		return bad("first", uint64(first), "frames are gone from a ring that was never full")
	}
	n := m.length(last)
	if n > MaxFrame {
		return bad("length", uint64(n), "longer than a frame can be")
	}

	// The newest frame is of generation gen, unless it reaches or crosses the ring's end: then writing it has begun
	// generation gen and it lies in the one before.
	base := Position(gen) * ringSize
	v := view{gen: gen, last: base + Position(last)}
	if last+hdrSize+n >= ringSize {
		if gen == 0 {
			return bad("generation", gen, "the newest frame reaches the end of the ring")
		}
		v.last -= ringSize
	}
	v.end = v.last + hdrSize + Position(n)

	switch {
	case gen == 0:
		v.oldest = 0
	case Position(first)+base > v.last:
		v.oldest = base - ringSize + Position(first)
	default:
		v.oldest = base + Position(first)
	}
	if v.oldest > v.last || v.end-v.oldest > ringSize {
		return bad("first", uint64(first), "does not fit last and generation")
	}
	return v, nil
}

// put writes a frame behind the newest, dropping the oldest ones as needed, and returns where it begins. Everything is
// checked before anything is written.
func (m memory) put(path string, sender uint64, sent time.Duration, data []byte) (Position, error) {
	v, err := m.view(path)
	if err != nil {
		return 0, err
	}
	end := v.end + hdrSize + Position(len(data))
	oldest := v.oldest
	// The frame at the very start goes as soon as the ring is full, though there would be room for it: first says that
	// nothing is gone by pointing behind the ring, which it can only do in generation 0.
	for end-oldest > ringSize || v.gen == 0 && oldest == 0 && end >= ringSize {
		n := m.length(oldest.Offset())
		if n > MaxFrame || oldest+hdrSize+Position(n) > v.last {
			return 0, &FormatError{Path: path, Field: "length", Value: uint64(n), Reason: "of the frame at " + oldest.String()}
		}
		oldest += hdrSize + Position(n)
	}

	var h [hdrSize]byte
	binary.NativeEndian.PutUint32(h[hdrLen:], uint32(len(data)))
	binary.NativeEndian.PutUint32(h[hdrSec:], uint32(sent/time.Second))
	binary.NativeEndian.PutUint32(h[hdrUsec:], uint32(sent%time.Second/time.Microsecond))
	binary.NativeEndian.PutUint64(h[hdrSender:], sender)
	m.copyIn(v.end.Offset(), h[:])
	m.copyIn((v.end + hdrSize).Offset(), data)
	if oldest != v.oldest {
		m.store32(offFirst, oldest.Offset())
	}
	m.store32(offLast, v.end.Offset())
	m.store64(offGen, end.Generation())
	return v.end, nil
}

// A chunk is a piece of the ring, copied so that it can be looked at without the lock.
type chunk struct {
	pos   Position // where the next frame in buf begins
	end   Position // the end of the bus when buf was copied
	buf   []byte
	lost  uint64
	stamp time.Time
}

// maxChunk bounds how much is copied under the lock, and how much memory a frame that is kept can keep alive.
const maxChunk = 32 << 10

// grab copies what is new behind pos, skipping what has been overwritten.
func (m memory) grab(path string, pos Position) (chunk, error) {
	v, err := m.view(path)
	if err != nil {
		return chunk{}, err
	}
	c := chunk{pos: pos, end: v.end}
	if pos > v.end {
		return chunk{}, &FormatError{Path: path, Field: "position", Value: uint64(pos), Reason: "behind the end of the bus, at " + v.end.String()}
	}
	if pos < v.oldest {
		c.lost = uint64(v.oldest - pos)
		c.pos = v.oldest
	}
	if n := min(v.end-c.pos, maxChunk); n > 0 {
		c.buf = make([]byte, n)
		m.copyOut(c.buf, c.pos.Offset())
	}
	return c, nil
}

// next takes a frame from the chunk. It reports false when there is no whole frame in it any more.
func (c *chunk) next(path string) (Frame, bool, error) {
	for len(c.buf) >= hdrSize {
		n := binary.NativeEndian.Uint32(c.buf[hdrLen:])
		if n > MaxFrame || c.pos+hdrSize+Position(n) > c.end {
			return Frame{}, false, &FormatError{Path: path, Field: "length", Value: uint64(n), Reason: "of the frame at " + c.pos.String()}
		}
		if uint32(len(c.buf)-hdrSize) < n {
			break
		}
		whole := hdrSize + int(n)
		f := Frame{
			Position: c.pos,
			Sender:   binary.NativeEndian.Uint64(c.buf[hdrSender:]),
			Sent: time.Duration(binary.NativeEndian.Uint32(c.buf[hdrSec:]))*time.Second +
				time.Duration(binary.NativeEndian.Uint32(c.buf[hdrUsec:]))*time.Microsecond,
			Time: c.stamp,
			Lost: c.lost,
			Data: c.buf[hdrSize:whole:whole],
		}
		c.buf = c.buf[whole:]
		c.pos += Position(whole)
		if n == 0 {
			continue // what a new bus begins with
		}
		c.lost = 0
		return f, true, nil
	}
	if c.pos < c.end && len(c.buf) < hdrSize && c.end-c.pos < hdrSize {
		return Frame{}, false, &FormatError{Path: path, Field: "length", Value: uint64(c.end - c.pos), Reason: "no room for a header at " + c.pos.String()}
	}
	return Frame{}, false, nil
}
