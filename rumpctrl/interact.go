package rumpctrl

import (
	"fmt"
	"io"
)

// confirm asks on standard error and reads a line of standard input. It reports
// whether the answer begins with a y.
func (e *Env) confirm(format string, args ...any) bool {
	fmt.Fprintf(e.Stderr, format, args...)
	line := e.line()
	return len(line) > 0 && (line[0] == 'y' || line[0] == 'Y')
}

// line reads a line of standard input, not more, without its newline.
func (e *Env) line() string {
	var line []byte
	var b [1]byte
	for {
		n, err := io.ReadFull(e.Stdin, b[:])
		if n == 0 || err != nil || b[0] == '\n' {
			return string(line)
		}
		if len(line) < 1024 {
			line = append(line, b[0])
		}
	}
}
