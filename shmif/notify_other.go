//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd

package shmif

import "os"

func notify(*os.File, func()) (stop func(), err error) { return nil, ErrUnsupported }
