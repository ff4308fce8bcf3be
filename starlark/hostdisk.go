package starlark

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
)

// hostDisks unpacks the disks of a kernel, a dict of host files by their paths in
// the kernel.
type hostDisks []harness.Disk

// Unpack implements starlark.Unpacker.
func (d *hostDisks) Unpack(v starlark.Value) error {
	dict, ok := v.(*starlark.Dict)
	if !ok {
		return fmt.Errorf("got %s where a dict of disks is wanted: {\"/disk\": \"disk.img\"}", v.Type())
	}
	for _, item := range dict.Items() {
		key, ok := starlark.AsString(item[0])
		if !ok {
			return fmt.Errorf("got %s as the path of a disk", item[0].Type())
		}
		disk, err := hostDisk(item[1])
		if err != nil {
			return fmt.Errorf("disk %s: %w", key, err)
		}
		disk.Key = key
		*d = append(*d, disk)
	}
	return nil
}

// hostDisk returns the disk that a host file's path, or a dict, describes.
func hostDisk(v starlark.Value) (harness.Disk, error) {
	var d harness.Disk
	if path, ok := starlark.AsString(v); ok {
		d.Path = path
		return d, nil
	}
	dict, ok := v.(*starlark.Dict)
	if !ok {
		return d, fmt.Errorf("got %s, want the path of a host file or a dict", v.Type())
	}
	words := make([]starlark.Tuple, 0, dict.Len())
	for _, item := range dict.Items() {
		if _, ok := item[0].(starlark.String); !ok {
			return d, fmt.Errorf("got %s as the name of what a disk has", item[0].Type())
		}
		words = append(words, item)
	}
	err := starlark.UnpackArgs("disks", nil, words, "path", &d.Path, "type?", &d.Type, "size?", &d.Size, "offset?", &d.Offset)
	return d, err
}
