//go:build !unix

package shmif

import "os"

func mapFile(*os.File) (memory, error) { return nil, ErrUnsupported }

func (m memory) unmap() error { return nil }
