package rump

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// SocketTable returns the sockets of a protocol, by the name of its sysctl node
// without ".pcblist": "net.inet.tcp", "net.inet6.udp6", "net.local.stream". A
// kernel without the protocol has none.
func (k *Kernel) SocketTable(ctx context.Context, protocol string) ([]netbsd.KinfoPcb, error) {
	n, err := k.LookupSysctl(ctx, protocol+".pcblist")
	if errors.Is(err, netbsd.ENOENT) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n.MIB = append(n.MIB, netbsd.PCB_ALL, 0, netbsd.SizeofKinfoPcb, math.MaxInt32)
	b, err := k.sysctlRaw(ctx, n.MIB, nil, n.Name, 32*netbsd.SizeofKinfoPcb)
	if err != nil {
		return nil, err
	}
	return netbsd.ParseKinfoPcbs(b)
}

// OpenFiles returns the descriptors of all processes, in order of the processes.
func (k *Kernel) OpenFiles(ctx context.Context) ([]netbsd.KinfoFile, error) {
	n, err := k.LookupSysctl(ctx, "kern.file2")
	if err != nil {
		return nil, err
	}
	n.MIB = append(n.MIB, netbsd.KERN_FILE_BYPID, 0, netbsd.SizeofKinfoFile, math.MaxInt32)
	b, err := k.sysctlRaw(ctx, n.MIB, nil, n.Name, 128*netbsd.SizeofKinfoFile)
	if err != nil {
		return nil, err
	}
	files, err := netbsd.ParseKinfoFiles(b)
	slices.SortFunc(files, func(a, b netbsd.KinfoFile) int {
		return cmp.Or(cmp.Compare(a.Pid, b.Pid), cmp.Compare(a.Fd, b.Fd))
	})
	return files, err
}

// Process returns what the kernel knows about a process.
func (k *Kernel) Process(ctx context.Context, pid int) (netbsd.KinfoProc2, error) {
	mib := MIB{netbsd.CTL_KERN, netbsd.KERN_PROC2, netbsd.KERN_PROC_PID, int32(pid), netbsd.SizeofKinfoProc2, 1}
	b, err := k.sysctlRaw(ctx, mib, nil, "kern.proc2", netbsd.SizeofKinfoProc2)
	if err != nil {
		return netbsd.KinfoProc2{}, err
	}
	return netbsd.ParseKinfoProc2(b)
}

// Stats returns the counters of a protocol, by the name of its sysctl node
// without ".stats": "net.inet.ip". Their order is that of netbsd.IP_STAT_*.
func (k *Kernel) Stats(ctx context.Context, protocol string) (netbsd.Stats, error) {
	n, err := k.LookupSysctl(ctx, protocol+".stats")
	if err != nil {
		return nil, err
	}
	b, err := k.ReadSysctl(ctx, n)
	if err != nil {
		return nil, err
	}
	return netbsd.ParseStats(b)
}
