package kern

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Module is a part of the kernel that modstat(8) lists.
type Module struct {
	Name     string
	Class    netbsd.ModuleClass
	Requires string // others, separated by commas, or nothing
	Failed   bool   // it is there, but could not start
}

// maxModName is the size of a module's name with its NUL (MAXMODNAME).
const maxModName = 32

type moduleList struct {
	mu   sync.Mutex
	list []Module
}

func (l *moduleList) add(ms ...Module) {
	l.mu.Lock()
	l.list = append(l.list, ms...)
	l.mu.Unlock()
}

// refs is how many modules require one. The lock is held.
func (l *moduleList) refs(name string) uint32 {
	var n uint32
	for _, m := range l.list {
		if !m.Failed && slices.Contains(strings.Split(m.Requires, ","), name) {
			n++
		}
	}
	return n
}

// AddModule adds to the list of modules.
func (k *Kernel) AddModule(ms ...Module) { k.modules.add(ms...) }

func sysModctl(c *Call) netbsd.Errno {
	switch c.Int(0) {
	case netbsd.MODCTL_LOAD:
		name, errno := c.modctlLoad()
		if errno != 0 {
			return errno
		}
		if !c.Cred().Root() {
			return netbsd.EPERM
		}
		if c.Kernel().hasModule(name) {
			return netbsd.EEXIST
		}
		return netbsd.ENOENT
	case netbsd.MODCTL_UNLOAD:
		name, errno := c.CopyinString(c.Ptr(1), maxModName)
		if errno != 0 {
			return errno
		}
		if !c.Cred().Root() {
			return netbsd.EPERM
		}
		if c.Kernel().hasModule(name) {
			return netbsd.EBUSY
		}
		return netbsd.ENOENT
	case netbsd.MODCTL_STAT:
		return c.modstat()
	case netbsd.MODCTL_EXISTS:
		const load, autoload = 0, 1
		switch how := c.Size(1); {
		case how != load && how != autoload:
			return netbsd.EINVAL
		case !c.Cred().Root():
			return netbsd.EPERM
		}
		return 0
	}
	return netbsd.EINVAL
}

// modctlLoad reads the name out of a modctl_load_t, whose first member points
// to it.
func (c *Call) modctlLoad() (string, netbsd.Errno) {
	const size = 32
	b := make([]byte, size)
	if errno := c.Copyin(c.Ptr(1), b); errno != 0 {
		return "", errno
	}
	name, props, propsLen := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
	if (props == 0) != (propsLen == 0) {
		return "", netbsd.EINVAL
	}
	return c.CopyinString(name, netbsd.PATH_MAX)
}

func (k *Kernel) hasModule(name string) bool {
	k.modules.mu.Lock()
	defer k.modules.mu.Unlock()
	for _, m := range k.modules.list {
		if m.Name == name {
			return true
		}
	}
	return false
}

func (c *Call) modstat() netbsd.Errno {
	iov := make([]byte, 16)
	if errno := c.Copyin(c.Ptr(1), iov); errno != 0 {
		return errno
	}
	var b []byte
	l := &c.Kernel().modules
	l.mu.Lock()
	for _, m := range l.list {
		refs := l.refs(m.Name)
		if m.Failed {
			refs = ^uint32(0)
		}
		b = netbsd.Modstat{Name: m.Name, Required: m.Requires, Class: int32(m.Class), Refcnt: refs}.Append(b)
	}
	l.mu.Unlock()
	base, room := binary.LittleEndian.Uint64(iov), binary.LittleEndian.Uint64(iov[8:])
	if errno := c.Copyout(base, b[:min(uint64(len(b)), room)]); errno != 0 {
		return errno
	}
	binary.LittleEndian.PutUint64(iov[8:], uint64(len(b)))
	return c.Copyout(c.Ptr(1), iov)
}
