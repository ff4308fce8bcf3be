package rump

import (
	"io"
	"sync"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A transfer of many bytes is cut into chunks, and several of them are in flight
// at once: while the kernel works on one, the bytes of another travel. That is
// done with regular files only and with pread(2) and pwrite(2), whose order does
// not matter. The two numbers bound the memory that it takes.
const (
	chunkSize = 256 << 10
	inFlight  = 4
)

// part is what has become of one chunk.
type part struct {
	n   int
	err error
}

// readAtMany is ReadAt with several calls in flight.
func (f *File) readAtMany(p []byte, off int64) (int, error) {
	parts := make([]part, (len(p)+chunkSize-1)/chunkSize)
	slots := make(chan struct{}, inFlight)
	var over atomic.Bool // the end of the file, or an error: what comes after does not count
	var wg sync.WaitGroup
	for i := range parts {
		slots <- struct{}{}
		if over.Load() {
			break
		}
		wg.Go(func() {
			from := i * chunkSize
			to := min(from+chunkSize, len(p))
			n, err := f.readAt(f.ctx, p[from:to], off+int64(from))
			parts[i] = part{n, err}
			if err != nil {
				over.Store(true)
			}
			<-slots
		})
	}
	wg.Wait()
	total := 0
	for _, p := range parts {
		total += p.n
		if p.err != nil {
			return total, p.err
		}
	}
	return total, nil
}

// chunk is a piece of a stream.
type chunk struct {
	off  int64
	buf  []byte
	part part
	done chan struct{} // receives once part is known
}

// start makes a call for the chunk.
func (c *chunk) start(call func() (int, error)) {
	go func() {
		c.part.n, c.part.err = call()
		c.done <- struct{}{}
	}()
}

// chunks is a queue of chunks in flight, and of buffers to be used again.
type chunks struct {
	queue []*chunk
	spare []*chunk
}

// next returns a chunk to be filled and put.
func (q *chunks) next() *chunk {
	if n := len(q.spare); n > 0 {
		c := q.spare[n-1]
		q.spare = q.spare[:n-1]
		return c
	}
	return &chunk{buf: make([]byte, chunkSize), done: make(chan struct{}, 1)}
}

func (q *chunks) put(c *chunk) { q.queue = append(q.queue, c) }

// take waits for the oldest chunk; give it back to spare.
func (q *chunks) take() *chunk {
	c := q.queue[0]
	q.queue = q.queue[1:]
	<-c.done
	return c
}

// drain waits for all chunks.
func (q *chunks) drain() {
	for len(q.queue) > 0 {
		q.take()
	}
}

// WriteTo writes the rest of the file to w and returns how much that was. Of a
// regular file several chunks are read at once; w gets them in order.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	if err := f.check("read"); err != nil {
		return 0, err
	}
	size := int64(0)
	if st, err := f.Fstat(); err == nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFREG {
		size = st.Size
	}
	if size <= chunkSize {
		return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{f}, make([]byte, min(chunkSize, max(size+1, 64<<10))))
	}
	begin, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	total, err := f.writeToMany(w, begin, size)
	if _, serr := f.Seek(begin+total, io.SeekStart); err == nil {
		err = serr
	}
	return total, err
}

// writeToMany reads from begin on. Up to size many chunks are in flight; beyond,
// where the file may have grown, one.
func (f *File) writeToMany(w io.Writer, begin, size int64) (total int64, err error) {
	var q chunks
	defer q.drain()
	next := begin
	for {
		for len(q.queue) == 0 || len(q.queue) < inFlight && next < size {
			c := q.next()
			c.off = next
			c.start(func() (int, error) { return f.readAt(f.ctx, c.buf, c.off) })
			q.put(c)
			next += chunkSize
		}
		c := q.take()
		if c.part.n > 0 {
			n, werr := w.Write(c.buf[:c.part.n])
			total += int64(n)
			if werr == nil && n < c.part.n {
				werr = io.ErrShortWrite
			}
			if werr != nil {
				return total, werr
			}
		}
		if c.part.err == io.EOF {
			return total, nil
		}
		if c.part.err != nil {
			return total, c.part.err
		}
		q.spare = append(q.spare, c)
	}
}

// ReadFrom writes what r has to the file, until io.EOF, and returns how much of
// it was written: all up to there is in the file, and if the file has grown,
// nothing after it. To a regular file several chunks are written at once, unless
// it was opened with O_APPEND.
func (f *File) ReadFrom(r io.Reader) (int64, error) {
	if err := f.check("write"); err != nil {
		return 0, err
	}
	// Most streams are short.
	first := make([]byte, chunkSize)
	n, err := io.ReadFull(r, first)
	if err != nil {
		wrote, werr := 0, error(nil)
		if n > 0 {
			wrote, werr = f.Write(first[:n])
		}
		if werr == nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			werr = err
		}
		return int64(wrote), werr
	}
	st, err := f.Fstat()
	if err != nil {
		return 0, err
	}
	flags, err := f.Fcntl(netbsd.F_GETFL, 0)
	if st.Mode&netbsd.S_IFMT != netbsd.S_IFREG || err == nil && flags&netbsd.O_APPEND != 0 {
		wrote, err := f.Write(first)
		if err != nil {
			return int64(wrote), err
		}
		more, err := f.readFromPlain(r)
		return int64(wrote) + more, err
	}
	begin, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	total, beyond, err := f.readFromMany(first, r, begin)
	if end := begin + total; beyond && end >= st.Size {
		f.Truncate(end) // later chunks that did find room
	}
	if _, serr := f.Seek(begin+total, io.SeekStart); err == nil {
		err = serr
	}
	return total, err
}

func (f *File) readFromPlain(r io.Reader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{f}, struct{ io.Reader }{r}, make([]byte, chunkSize))
}

// readFromMany writes first, which is a whole chunk, and then what r has. It
// reports whether anything after the total was written nevertheless.
func (f *File) readFromMany(first []byte, r io.Reader, begin int64) (total int64, beyond bool, err error) {
	var q chunks
	next := begin
	write := func(c *chunk, n int) {
		c.off = next
		next += int64(n)
		c.start(func() (int, error) { return f.WriteAt(c.buf[:n], c.off) })
		q.put(c)
	}
	write(&chunk{buf: first, done: make(chan struct{}, 1)}, len(first))
	// take takes note of the oldest chunk.
	take := func() {
		c := q.take()
		if err == nil {
			total += int64(c.part.n)
			err = c.part.err
		} else if c.part.n > 0 {
			beyond = true
		}
		q.spare = append(q.spare, c)
	}
	var rerr error
	for err == nil && rerr == nil {
		if len(q.queue) == inFlight {
			take()
			continue
		}
		c := q.next()
		var n int
		n, rerr = io.ReadFull(r, c.buf)
		if n > 0 {
			write(c, n)
		}
	}
	for len(q.queue) > 0 {
		take()
	}
	if err == nil && rerr != io.EOF && rerr != io.ErrUnexpectedEOF {
		err = rerr
	}
	return total, beyond, err
}
