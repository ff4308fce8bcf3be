package netbsd

import (
	"bytes"
	"encoding/binary"
)

// A view is a window on the bytes of one struct. Each struct describes its
// layout once, as calls of a view's methods with a field's offset and address;
// whether the bytes are read or written is the view's business.
type view struct {
	b     []byte
	write bool
}

// A layouter is a pointer to a struct that knows its layout.
type layouter[T any] interface {
	*T
	layout(view)
}

// appendStruct appends the size bytes of p to b.
func appendStruct[T any, P layouter[T]](b []byte, size int, p P) []byte {
	n := len(b)
	b = append(b, make([]byte, size)...)
	p.layout(view{b[n:], true})
	return b
}

// parseStruct reads a T from the first size bytes of b.
func parseStruct[T any, P layouter[T]](b []byte, what string, size int) (T, error) {
	var t T
	if err := need(what, b, size); err != nil {
		return t, err
	}
	P(&t).layout(view{b[:size], false})
	return t, nil
}

// parseArray reads as many structs of the size as b holds; a rest is an error.
func parseArray[T any, P layouter[T]](b []byte, what string, size int) ([]T, error) {
	if len(b)%size != 0 {
		return nil, &FormatError{What: "array of " + what, Offset: len(b) - len(b)%size, Reason: "incomplete element"}
	}
	ts := make([]T, len(b)/size)
	for i := range ts {
		P(&ts[i]).layout(view{b[i*size : (i+1)*size], false})
	}
	return ts, nil
}

// at is the window on a struct inside the struct.
func (v view) at(off, size int) view { return view{v.b[off : off+size], v.write} }

func (v view) u8(off int, p *uint8) {
	if v.write {
		v.b[off] = *p
	} else {
		*p = v.b[off]
	}
}

func (v view) u16(off int, p *uint16) {
	if v.write {
		binary.LittleEndian.PutUint16(v.b[off:], *p)
	} else {
		*p = binary.LittleEndian.Uint16(v.b[off:])
	}
}

func (v view) u32(off int, p *uint32) {
	if v.write {
		binary.LittleEndian.PutUint32(v.b[off:], *p)
	} else {
		*p = binary.LittleEndian.Uint32(v.b[off:])
	}
}

func (v view) u64(off int, p *uint64) {
	if v.write {
		binary.LittleEndian.PutUint64(v.b[off:], *p)
	} else {
		*p = binary.LittleEndian.Uint64(v.b[off:])
	}
}

func (v view) i8(off int, p *int8) {
	u := uint8(*p)
	v.u8(off, &u)
	*p = int8(u)
}

func (v view) i16(off int, p *int16) {
	u := uint16(*p)
	v.u16(off, &u)
	*p = int16(u)
}

func (v view) i32(off int, p *int32) {
	u := uint32(*p)
	v.u32(off, &u)
	*p = int32(u)
}

func (v view) i64(off int, p *int64) {
	u := uint64(*p)
	v.u64(off, &u)
	*p = int64(u)
}

// be16 is a 16-bit field in network byte order.
func (v view) be16(off int, p *uint16) {
	if v.write {
		binary.BigEndian.PutUint16(v.b[off:], *p)
	} else {
		*p = binary.BigEndian.Uint16(v.b[off:])
	}
}

// be32 is a 32-bit field in network byte order.
func (v view) be32(off int, p *uint32) {
	if v.write {
		binary.BigEndian.PutUint32(v.b[off:], *p)
	} else {
		*p = binary.BigEndian.Uint32(v.b[off:])
	}
}

func (v view) bool(off int, p *bool) {
	var u uint8
	if *p {
		u = 1
	}
	v.u8(off, &u)
	*p = u != 0
}

// bytes is an array of bytes that is carried as it is.
func (v view) bytes(off int, p []byte) {
	if v.write {
		copy(v.b[off:], p)
	} else {
		copy(p, v.b[off:])
	}
}

// str is a NUL-terminated string in an array of size bytes, the last of which
// is the NUL whatever it says.
func (v view) str(off, size int, p *string) { v.chars(off, size-1, p) }

// chars is a string in an array of size bytes, NUL-terminated only when
// shorter than that.
func (v view) chars(off, size int, p *string) {
	if v.write {
		copy(v.b[off:off+size], *p)
	} else {
		*p = cstring(v.b[off : off+size])
	}
}

// cstring is b up to its first NUL.
func cstring(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// AppendString appends s and a NUL to b: the way C hands over a path or a name.
func AppendString(b []byte, s string) []byte {
	b = append(b, s...)
	return append(b, 0)
}

// ParseString reads a string up to its NUL from the front of b.
func ParseString(b []byte) (string, error) {
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return "", &FormatError{What: "string", Offset: len(b), Reason: "no NUL"}
	}
	return string(b[:i]), nil
}

// roundUp rounds n up to a multiple of to, which is a power of two.
func roundUp(n, to int) int { return (n + to - 1) &^ (to - 1) }
