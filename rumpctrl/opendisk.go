package rumpctrl

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// openDiskNode opens a disk by its path or, without a slash in it, by its name in
// /dev, and returns the path that it tried last: opendisk(3). Of a name it opens
// the raw device unless cooked; the letter of the partition which is the whole
// disk may be left out.
func (e *Env) openDiskNode(ctx context.Context, name string, flags int, cooked bool) (*rump.File, string, error) {
	const whole = "d"
	paths := []string{name, name + whole}
	if !strings.Contains(name, "/") {
		r := "r"
		if cooked {
			r = ""
		}
		paths = append([]string{"/dev/" + r + name, "/dev/" + r + name + whole}, paths...)
	}
	var err error
	for _, p := range paths {
		var f *rump.File
		if f, err = e.Kernel.Open(ctx, p, flags, 0); err == nil {
			return f, p, nil
		}
		if errno, _ := rump.Errno(err); errno != netbsd.ENOENT {
			return nil, p, err
		}
	}
	return nil, paths[len(paths)-1], err
}
