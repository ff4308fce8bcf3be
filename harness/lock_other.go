//go:build !unix

package harness

import "os"

// lock is a file. Where nothing tells whether its maker is alive, it counts as
// locked for as long as it is there.
type lock struct{ f *os.File }

func lockNew(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &lock{f}, nil
}

func (l *lock) release() { l.f.Close() }

func isLocked(path string) (bool, error) {
	_, err := os.Stat(path)
	return err == nil, err
}
