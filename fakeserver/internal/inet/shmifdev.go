package inet

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/shmif"
)

// maxPathLen is the greatest length of a path (MAXPATHLEN).
const maxPathLen = 1024

// shmifDriver is the driver of interfaces on a shared-memory bus.
type shmifDriver struct {
	ifp    *Interface
	sender uint64

	// Both are set while the interface is attached to a bus.
	path string
	bus  *shmif.Bus

	mu     sync.Mutex // protects what follows; it is never held while Net.mu is wanted
	live   *shmif.Bus // bus, while the interface is running
	cancel context.CancelFunc
	done   chan struct{} // closed when the reader has ended
}

func (n *Net) cloneShmif(name string, unit int) netbsd.Errno {
	mac := []byte{0xb2, 0xa0, 0, 0, 0, 0}
	binary.LittleEndian.PutUint32(mac[2:], n.rand.Uint32())
	if n.cfg.HardwareAddr != nil {
		if a := n.cfg.HardwareAddr(name); len(a) == len(mac) {
			mac = slices.Clone(a)
		}
	}
	ifp := n.etherInterface(name, "shmif", unit, mac)
	d := &shmifDriver{ifp: ifp}
	for d.sender == 0 {
		d.sender = n.rand.Uint64()
	}
	ifp.drv = d
	n.attach(ifp)
	return 0
}

// etherInterface makes an Ethernet interface as ether_ifattach does.
func (n *Net) etherInterface(name, kind string, unit int, mac []byte) *Interface {
	return &Interface{
		name: name, kind: kind, unit: unit, typ: netbsd.IFT_ETHER, mtu: maxMTU, hdrlen: ethernetHeader, baud: 10000000, mac: mac,
		flags: netbsd.IFF_BROADCAST | netbsd.IFF_SIMPLEX | netbsd.IFF_MULTICAST,
	}
}

func (d *shmifDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	ifp := d.ifp
	switch cmd {
	case netbsd.SIOCGLINKSTR:
		req, err := netbsd.ParseIfdrv(data)
		if err != nil {
			return netbsd.EINVAL
		}
		if d.bus == nil {
			return netbsd.ENOENT
		}
		req.Len = uint64(len(d.path) + 1)
		copy(data[offUnion:], req.Append(nil)[offUnion:])
		switch req.Cmd {
		case netbsd.IFLINKSTR_QUERYLEN:
			return 0
		case 0:
		default:
			return netbsd.EINVAL
		}
		return c.Copyout(req.Data, netbsd.AppendString(nil, d.path))
	case netbsd.SIOCSLINKSTR:
		if ifp.up() {
			return netbsd.EBUSY
		}
		req, err := netbsd.ParseIfdrv(data)
		if err != nil {
			return netbsd.EINVAL
		}
		switch {
		case req.Cmd == netbsd.IFLINKSTR_UNSET:
			d.release()
			return 0
		case req.Cmd != 0:
			return netbsd.EINVAL
		case d.bus != nil:
			return netbsd.EBUSY
		case req.Len > maxPathLen:
			return netbsd.E2BIG
		case req.Len < 1:
			return netbsd.EINVAL
		}
		path, errno := c.CopyinString(req.Data, int(req.Len))
		if errno != 0 {
			return errno
		}
		bus, err := ifp.n.cfg.OpenBus(path)
		if err != nil {
			return busErrno(err)
		}
		d.path, d.bus = path, bus
		return 0
	}
	return ifp.etherIoctl(cmd, data, d.start, d.stop)
}

// busErrno is what the kernel says when a bus cannot be opened.
func busErrno(err error) netbsd.Errno {
	var format *shmif.FormatError
	switch {
	case errors.As(err, &format):
		return netbsd.ENOEXEC
	case errors.Is(err, os.ErrNotExist):
		return netbsd.ENOENT
	case errors.Is(err, os.ErrPermission):
		return netbsd.EACCES
	case errors.Is(err, syscall.EISDIR):
		return netbsd.EISDIR
	case errors.Is(err, syscall.ENOTDIR):
		return netbsd.ENOTDIR
	case errors.Is(err, syscall.ENAMETOOLONG):
		return netbsd.ENAMETOOLONG
	case errors.Is(err, syscall.EMFILE):
		return netbsd.EMFILE
	case errors.Is(err, syscall.ENOSPC):
		return netbsd.ENOSPC
	}
	return netbsd.EIO
}

func (d *shmifDriver) initAddr(ifa *ifaddr) netbsd.Errno { return d.ifp.etherInitAddr(ifa, d.start) }

// start makes the interface take part in what happens on its bus from now on
// (shmif_init).
func (d *shmifDriver) start() netbsd.Errno {
	if d.bus == nil {
		return netbsd.ENXIO
	}
	d.ifp.flags |= netbsd.IFF_RUNNING
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live != nil {
		return 0
	}
	end, err := d.bus.End()
	if err != nil {
		return busErrno(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.live, d.cancel, d.done = d.bus, cancel, make(chan struct{})
	go d.receive(ctx, d.bus.NewReader(end), d.done)
	return 0
}

// stop is the opposite (shmif_stop). The reader ends by itself, since it may be
// waiting for the lock that the caller holds.
func (d *shmifDriver) stop() {
	d.ifp.flags &^= netbsd.IFF_RUNNING
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live != nil {
		d.live = nil
		d.cancel()
	}
}

// release closes the bus, once nobody reads from it.
func (d *shmifDriver) release() {
	d.stop()
	bus, done := d.bus, d.done
	d.bus, d.path, d.done = nil, "", nil
	if bus != nil {
		d.ifp.n.later(func() {
			if done != nil {
				<-done
			}
			bus.Close()
		})
	}
}

func (d *shmifDriver) detach() { d.release() }

// halt ends the interface's work before it is detached (shmif_unclone).
func (d *shmifDriver) halt() {
	d.stop()
	d.ifp.down()
}

func (d *shmifDriver) transmit(f []byte) {
	d.mu.Lock()
	bus := d.live
	d.mu.Unlock()
	if bus == nil {
		return
	}
	if _, err := bus.SendAs(d.sender, f); err != nil {
		d.ifp.out.errors.Add(1)
	}
}

// receive takes in what others put on the bus.
func (d *shmifDriver) receive(ctx context.Context, r *shmif.Reader, done chan struct{}) {
	defer close(done)
	defer r.Close()
	for {
		f, err := r.Next(ctx)
		if err != nil {
			return
		}
		if f.Sender != d.sender {
			d.ifp.etherInput(f.Data)
		}
	}
}
