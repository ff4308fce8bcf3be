package harness

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/rumpkernel/rumpscript/shmif"
)

// busError says what a kernel has died of that was killed by SIGBUS, as far as
// that is known: buses are files that it has mapped, whose pages the file system
// may have no room for.
func busError(how *os.ProcessState, buses string) string {
	ws, ok := how.Sys().(syscall.WaitStatus)
	if !ok || !ws.Signaled() || ws.Signal() != syscall.SIGBUS {
		return ""
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(buses, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) >= shmif.Size {
		return ""
	}
	return ": the disk with its buses, at " + buses + ", is full"
}
