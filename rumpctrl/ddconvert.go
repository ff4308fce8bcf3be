package rumpctrl

import "strings"

// caseTable is a table which changes case after another.
func caseTable(first *[256]byte, lower bool) *[256]byte {
	var t [256]byte
	for i := range t {
		c := byte(i)
		if first != nil {
			c = first[i]
		}
		switch {
		case lower && c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case !lower && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		t[i] = c
	}
	return &t
}

// convert takes a block of input.
func (d *copier) convert(p []byte) error {
	if d.has(ddBs) {
		return d.flush(p, true)
	}
	if d.has(ddSwab) {
		n := len(p)
		if n&1 != 0 {
			d.stat.swab++
			n--
		}
		for i := 0; i < n; i += 2 {
			p[i], p[i+1] = p[i+1], p[i]
		}
	}
	switch {
	case d.has(ddBlock):
		d.block(p)
	case d.has(ddUnblock):
		d.record = append(d.record, d.translate(p)...)
		for len(d.record) >= d.recordSize {
			d.unblock(d.record[:d.recordSize])
			d.record = d.record[d.recordSize:]
		}
	default:
		d.buf = append(d.buf, d.translate(p)...)
	}
	done := 0
	for len(d.buf)-done >= d.out.size {
		if err := d.flush(d.buf[done:done+d.out.size], false); err != nil {
			return err
		}
		done += d.out.size
	}
	d.buf = d.buf[:copy(d.buf, d.buf[done:])]
	return nil
}

func (d *copier) translate(p []byte) []byte {
	if d.table != nil {
		for i, c := range p {
			p[i] = d.table[c]
		}
	}
	return p
}

// block makes lines into records of the same length.
func (d *copier) block(p []byte) {
	for _, c := range p {
		switch {
		case d.toss:
			d.toss = c != '\n'
		case c == '\n':
			d.endRecord()
		case len(d.record) == d.recordSize:
			d.stat.trunc++
			d.endRecord()
			d.toss = true
		default:
			if d.table != nil {
				c = d.table[c]
			}
			d.record = append(d.record, c)
		}
	}
	if len(d.record) == d.recordSize && !d.toss {
		// Whether a newline would follow is not known here.
		d.stat.trunc++
		d.endRecord()
		d.toss = true
	}
}

// endRecord pads a record with spaces.
func (d *copier) endRecord() {
	space := byte(' ')
	if d.table != nil {
		space = d.table[' ']
	}
	for len(d.record) < d.recordSize {
		d.record = append(d.record, space)
	}
	d.buf = append(d.buf, d.record...)
	d.record = d.record[:0]
}

// unblock makes a record into a line.
func (d *copier) unblock(r []byte) {
	d.buf = append(d.buf, strings.TrimRight(string(r), " ")...)
	d.buf = append(d.buf, '\n')
}
