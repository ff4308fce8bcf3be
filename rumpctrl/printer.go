package rumpctrl

import "bufio"

// A printer is standard output with a buffer, as stdio has. A utility flushes it
// before it says something on standard error, so that a reader of both sees them
// in order.
type printer struct{ *bufio.Writer }

func (e *Env) buffered() *printer { return &printer{bufio.NewWriterSize(e.Stdout, 16<<10)} }
