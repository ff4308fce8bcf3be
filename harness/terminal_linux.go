package harness

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal that passes on what is printed as it is.
type terminal struct{ master, slave *os.File }

func newTerminal() (*terminal, error) {
	// Non-blocking, so that reading it can end.
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("open /dev/ptmx", err)
	}
	master := os.NewFile(uintptr(fd), "/dev/ptmx")
	slave, err := openSlave(fd)
	if err != nil {
		master.Close()
		return nil, err
	}
	return &terminal{master, slave}, nil
}

func openSlave(master int) (*os.File, error) {
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return nil, os.NewSyscallError("unlockpt", err)
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return nil, os.NewSyscallError("ptsname", err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	t, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err == nil {
		t.Oflag &^= unix.OPOST
		err = unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, t)
	}
	if err != nil {
		slave.Close()
		return nil, os.NewSyscallError("tcsetattr", err)
	}
	return slave, nil
}

// copyTo copies what is printed until nobody can print any more, which closes the
// channel. From now on that is up to others.
func (t *terminal) copyTo(w io.Writer) <-chan struct{} {
	t.slave.Close()
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		io.Copy(w, t.master) // ends with EIO
	}()
	return copied
}

// finish ends the copying once it has copied what there is.
func (t *terminal) finish(copied <-chan struct{}) {
	t.master.SetReadDeadline(time.Now().Add(lingerTimeout))
	<-copied
	t.master.Close()
}
