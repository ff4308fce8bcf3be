package vfs

import (
	"encoding/binary"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// rndSources is the state behind /dev/random: where the kernel says that its
// entropy comes from.
type rndSources struct {
	mu      sync.Mutex
	sources []netbsd.RndsourceEst
}

// AddRandom makes /dev/random and /dev/urandom.
func (fs *FS) AddRandom() {
	s := &rndSources{sources: []netbsd.RndsourceEst{
		{Rt: netbsd.Rndsource{Name: "rump_hyperent", Total: 40960, Type: netbsd.RND_TYPE_VM, Flags: 0x2c00}},
		{Rt: netbsd.Rndsource{Name: "autoconf", Flags: 0x5000}},
		{Rt: netbsd.Rndsource{Name: "printf", Flags: 0x100}},
		{
			Rt:        netbsd.Rndsource{Name: "callout", Total: 4, Type: netbsd.RND_TYPE_SKEW, Flags: 0x1a800},
			DtSamples: 2, DtTotal: 2, DvSamples: 2, DvTotal: 2,
		},
	}}
	fs.RegisterDriver(false, randomMajor, func(c *kern.Call, minor, flags uint32) (Device, netbsd.Errno) {
		if minor > 1 {
			return nil, netbsd.ENXIO
		}
		return &randomDevice{s: s}, 0
	})
	fs.MakeDevice("/dev/random", false, randomMajor, 0)
	fs.MakeDevice("/dev/urandom", false, randomMajor, 1)
}

type randomDevice struct {
	kern.Unsupported
	s *rndSources
}

func (d *randomDevice) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	for u.Resid > 0 {
		b := make([]byte, u.Chunk(bufferSize))
		c.Kernel().Random(b)
		if errno := u.Put(b); errno != 0 {
			return errno
		}
	}
	return 0
}

// Write takes entropy, which the fake has no use for.
func (d *randomDevice) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	for u.Resid > 0 {
		b := make([]byte, u.Chunk(bufferSize))
		if errno := u.Take(b); errno != 0 {
			return errno
		}
	}
	return 0
}

func (d *randomDevice) Poll(c *kern.Call, f *kern.OpenFile, events int16) int16 {
	return events & (netbsd.POLLIN | netbsd.POLLOUT | netbsd.POLLRDNORM | netbsd.POLLWRNORM)
}

func (d *randomDevice) Ioctl(c *kern.Call, f *kern.OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	switch cmd {
	case netbsd.FIONBIO, netbsd.FIOASYNC:
		return 0
	case netbsd.RNDGETENTCNT:
		binary.LittleEndian.PutUint32(data, 0)
		return 0
	case netbsd.RNDGETPOOLSTAT:
		copy(data, netbsd.Rndpoolstat{Poolsize: 128, Threshold: 20, Maxentropy: 4096}.Append(nil))
		return 0
	case netbsd.RNDGETSRCNUM, netbsd.RNDGETESTNUM:
		return s.byNumber(cmd, data)
	case netbsd.RNDGETSRCNAME, netbsd.RNDGETESTNAME:
		return s.byName(cmd, data)
	case netbsd.RNDCTL:
		return s.control(c, data)
	case netbsd.RNDADDDATA:
		if !c.Cred().Root() {
			return netbsd.EPERM
		}
		return 0
	}
	return netbsd.ENOTTY
}

// byNumber lists sources from Start on. What is beyond them in the caller's
// array stays as it was.
func (s *rndSources) byNumber(cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	start, count := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])
	if count == 0 {
		return 0
	}
	if count > netbsd.RND_MAXSTATCOUNT {
		return netbsd.EINVAL
	}
	n := uint32(0)
	for i := start; n < count && i < uint32(len(s.sources)); i++ {
		if cmd == netbsd.RNDGETSRCNUM {
			copy(data[8+netbsd.SizeofRndsource*n:], s.sources[i].Rt.Append(nil))
		} else {
			copy(data[8+netbsd.SizeofRndsourceEst*n:], s.sources[i].Append(nil))
		}
		n++
	}
	binary.LittleEndian.PutUint32(data[4:], n)
	return 0
}

func (s *rndSources) byName(cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	const nameSize = 16
	name, err := netbsd.ParseString(append(append([]byte(nil), data[:nameSize]...), 0))
	if err != nil {
		return netbsd.EINVAL
	}
	for _, src := range s.sources {
		if src.Rt.Name == name {
			if cmd == netbsd.RNDGETSRCNAME {
				copy(data[nameSize:], src.Rt.Append(nil))
			} else {
				copy(data[nameSize:], src.Append(nil))
			}
			return 0
		}
	}
	return netbsd.ENOENT
}

// control changes flags of a source, or of all sources of a type.
func (s *rndSources) control(c *kern.Call, data []byte) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	ctl, err := netbsd.ParseRndctl(data)
	if err != nil {
		return netbsd.EINVAL
	}
	const every = 0xff
	found := false
	for i := range s.sources {
		src := &s.sources[i].Rt
		if ctl.Type == every && src.Name == ctl.Name || ctl.Type != every && src.Type == ctl.Type {
			src.Flags = src.Flags&^ctl.Mask | ctl.Flags&ctl.Mask
			found = true
		}
	}
	if !found && ctl.Type == every {
		return netbsd.ENOENT
	}
	return 0
}
