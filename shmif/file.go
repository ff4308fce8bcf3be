package shmif

import (
	"fmt"
	"io"
	"os"
	"time"
)

// ReadFile returns the frames in a bus file at rest: one whose kernels are gone, or which only may be read. Frames before
// the one that makes no sense are returned together with the error. On a bus in use take Snapshot, which locks it.
func ReadFile(path string) ([]Frame, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("shmif: %w", err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("shmif: %w", err)
	}
	if fi.Size() != Size || !fi.Mode().IsRegular() {
		return nil, &FormatError{Path: path, Field: "size", Value: uint64(fi.Size()), Reason: "a bus is a file of 1 MiB"}
	}
	m := newMemory()
	if _, err := io.ReadFull(f, m); err != nil {
		return nil, fmt.Errorf("shmif: reading %s: %w", path, err)
	}
	return m.frames(path)
}

func (m memory) frames(path string) ([]Frame, error) {
	c, err := m.grabAll(path)
	if err != nil {
		return nil, err
	}
	frames, err := c.rest(path)
	for i := range frames {
		frames[i].Time = time.Unix(0, 0).Add(frames[i].Sent)
	}
	return frames, err
}

// grabAll copies everything that is in the ring.
func (m memory) grabAll(path string) (chunk, error) {
	v, err := m.view(path)
	if err != nil {
		return chunk{}, err
	}
	c := chunk{pos: v.oldest, end: v.end, buf: make([]byte, v.end-v.oldest)}
	m.copyOut(c.buf, v.oldest.Offset())
	return c, nil
}

func (c *chunk) rest(path string) ([]Frame, error) {
	var frames []Frame
	for {
		f, ok, err := c.next(path)
		if !ok || err != nil {
			return frames, err
		}
		frames = append(frames, f)
	}
}
