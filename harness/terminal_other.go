//go:build !linux

package harness

import (
	"errors"
	"io"
	"os"
)

// terminal is what there is only on Linux.
type terminal struct{ slave *os.File }

func newTerminal() (*terminal, error) { return nil, errors.ErrUnsupported }

func (t *terminal) copyTo(io.Writer) <-chan struct{} { return nil }
func (t *terminal) finish(<-chan struct{})           {}
