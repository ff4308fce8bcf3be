package fakeserver

// A DiskType says how a host file appears in the kernel.
type DiskType string

// The types of disks, as rump_server's -d has them.
const (
	DiskBlock DiskType = "blk"
	DiskChar  DiskType = "chr"
	DiskFile  DiskType = "reg"
)

// A Disk is a host file which appears in the kernel under the name Key: an
// argument of rump_server's -d.
type Disk struct {
	Key      string // the path in the kernel
	HostPath string
	Type     DiskType // DiskBlock if empty
	Offset   int64    // where in the host file it begins
	Size     int64    // 0 means up to the end of the host file
	ReadOnly bool
}
