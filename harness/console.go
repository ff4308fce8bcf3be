package harness

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// consoleTail is how much of a console's end is kept in memory.
const consoleTail = 64 << 10

// console is a writer that gets what a kernel prints. It never fails: a kernel
// must not end because nobody can note what it says.
type console struct {
	mu      sync.Mutex
	tail    []byte
	file    *os.File // the whole, nil if it is not to be kept
	also    io.Writer
	markers []*marker
}

// marker is a text that somebody waits for.
type marker struct {
	text []byte
	seen chan struct{}
}

// newConsole returns the console that a configuration asks for.
func newConsole(cfg Config) (*console, error) {
	c := &console{also: cfg.Console}
	if cfg.Dir != "" {
		if err := os.MkdirAll(cfg.Dir, 0o777); err != nil {
			return nil, err
		}
		f, err := createUnique(cfg.Dir, fileName(cfg.Name), ".console")
		if err != nil {
			return nil, err
		}
		c.file = f
	}
	return c, nil
}

// createUnique creates a file which was not there, with a number in its name if
// need be.
func createUnique(dir, name, ext string) (*os.File, error) {
	for n := 1; ; n++ {
		path := filepath.Join(dir, name+ext)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, n, ext))
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !os.IsExist(err) {
			return f, err
		}
	}
}

// fileName returns a kernel's name as the name of a file.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, strings.TrimLeft(name, "."))
}

// Write implements io.Writer.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		if _, err := c.file.Write(p); err != nil {
			c.keep(fmt.Appendf(nil, "\nrumpscript: the console is not kept from here on: %v\n", err))
			c.file.Close()
			c.file = nil
		}
	}
	if c.also != nil {
		c.also.Write(p)
	}
	c.keep(p)
	return len(p), nil
}

// printf writes a line of the harness's own.
func (c *console) printf(format string, args ...any) {
	fmt.Fprintf(c, "rumpscript: "+format+"\n", args...)
}

// keep appends to the tail and looks for markers in what is new.
func (c *console) keep(p []byte) {
	before := len(c.tail)
	c.tail = append(c.tail, p...)
	waiting := c.markers[:0]
	for _, m := range c.markers {
		if bytes.Contains(c.tail[max(0, before-len(m.text)):], m.text) {
			close(m.seen)
		} else {
			waiting = append(waiting, m)
		}
	}
	c.markers = waiting
	if over := len(c.tail) - consoleTail; over > 0 {
		c.tail = append(c.tail[:0], c.tail[over:]...)
	}
}

// expect returns a channel that is closed once the text has been printed, from
// now on.
func (c *console) expect(text string) <-chan struct{} {
	m := &marker{[]byte(text), make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.markers = append(c.markers, m)
	return m.seen
}

// String returns the end of what has been printed.
func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.tail)
}

// close closes the file.
func (c *console) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}
