package rump

import (
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Disklabel reads the label of a disk: DIOCGDINFO.
func (f *File) Disklabel() (netbsd.Disklabel, error) {
	buf := make([]byte, netbsd.SizeofDisklabel)
	if err := f.Ioctl(netbsd.DIOCGDINFO, buf); err != nil {
		return netbsd.Disklabel{}, err
	}
	return netbsd.ParseDisklabel(buf)
}
