package vfs

// content is the bytes of a file: in pieces, of which those that were never
// written to are not there and read as zeros.
type content struct {
	size  int64
	parts [][]byte // a part is at most partSize long; what is missing at its end is zeros
}

const partSize = 64 << 10

// readAt fills b from off on and returns how many bytes there were.
func (c *content) readAt(b []byte, off int64) int {
	if off >= c.size {
		return 0
	}
	return c.raw(b[:min(int64(len(b)), c.size-off)], off)
}

// raw is readAt without regard to the size.
func (c *content) raw(b []byte, off int64) int {
	for done := 0; done < len(b); {
		i, at := (off+int64(done))/partSize, int((off+int64(done))%partSize)
		n := min(len(b)-done, partSize-at)
		got := 0
		if i < int64(len(c.parts)) && at < len(c.parts[i]) {
			got = copy(b[done:done+n], c.parts[i][at:])
		}
		clear(b[done+got : done+n])
		done += n
	}
	return len(b)
}

// writeAt writes b at off; the size grows as needed.
func (c *content) writeAt(b []byte, off int64) {
	c.size = max(c.size, off+int64(len(b)))
	for len(b) > 0 {
		i, at := int(off/partSize), int(off%partSize)
		for len(c.parts) <= i {
			c.parts = append(c.parts, nil)
		}
		n := min(len(b), partSize-at)
		p := c.parts[i]
		if need := at + n; need > len(p) {
			if need > cap(p) {
				grown := make([]byte, need, min(max(need, 2*cap(p)), partSize))
				copy(grown, p)
				p = grown
			} else {
				clear(p[len(p):need])
				p = p[:need]
			}
		}
		copy(p[at:], b[:n])
		c.parts[i] = p
		b = b[n:]
		off += int64(n)
	}
}

// resizePaged is resize as a page cache does it which forgets to clear the rest
// of the last page: what was there is seen again when the file grows.
func (c *content) resizePaged(size int64) {
	c.resize(int64(roundUp(uint64(size), pageSize)))
	c.size = size
}

// resize cuts or extends.
func (c *content) resize(size int64) {
	if size < c.size {
		keep := int((size + partSize - 1) / partSize)
		if keep < len(c.parts) {
			clear(c.parts[keep:])
			c.parts = c.parts[:keep]
		}
		if at := int(size % partSize); at > 0 && keep > 0 && keep <= len(c.parts) && len(c.parts[keep-1]) > at {
			c.parts[keep-1] = c.parts[keep-1][:at]
		}
	}
	c.size = size
}
