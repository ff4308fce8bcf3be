package harness

import "os"

// ensureSize makes a file at least so large.
func ensureSize(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || fi.Size() >= size || !fi.Mode().IsRegular() {
		return err
	}
	return f.Truncate(size)
}
