//go:build unix

package shmif

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(f *os.File) (memory, error) {
	m, err := unix.Mmap(int(f.Fd()), 0, Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("shmif: mapping %s: %w", f.Name(), err)
	}
	return m, nil
}

func (m memory) unmap() error { return unix.Munmap(m) }
