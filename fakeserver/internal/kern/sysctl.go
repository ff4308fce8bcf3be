package kern

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

type sysctlCaller struct{ *Call }

// Root reports whether the caller is the superuser.
func (c sysctlCaller) Root() bool { return c.Cred().Root() }

// CallOf returns the system call behind a sysctl request.
func CallOf(r *sysctl.Request) *Call { return r.Caller.(sysctlCaller).Call }

func sysSysctl(c *Call) netbsd.Errno {
	namelen, old, oldlenp := c.Uint(1), c.Ptr(2), c.Ptr(3)
	r := sysctl.Request{Caller: sysctlCaller{c}, Old: old, New: c.Ptr(4), NewLen: c.Size(5)}
	if oldlenp != 0 {
		n, errno := c.CopyinLong(oldlenp)
		if errno != 0 {
			return errno
		}
		r.OldLen = n
	}
	room := r.OldLen
	if namelen > netbsd.CTL_MAXNAME || namelen < 1 {
		return netbsd.EINVAL
	}
	name := make([]byte, 4*namelen)
	if errno := c.Copyin(c.Ptr(0), name); errno != 0 {
		return errno
	}
	full, err := netbsd.ParseMib(name)
	if err != nil {
		return netbsd.EINVAL
	}
	r.Full = full
	errno := c.Kernel().Sysctl.Call(&r)
	if oldlenp != 0 {
		if e := c.CopyoutLong(oldlenp, r.OldLen); errno == 0 {
			errno = e
		}
	}
	if errno == 0 && old != 0 && room < r.OldLen {
		errno = netbsd.ENOMEM
	}
	return errno
}

// computed is a read-only value.
func computed(get func(c *Call) []byte) sysctl.Value {
	return sysctl.Value{Get: func(r *sysctl.Request) ([]byte, netbsd.Errno) { return get(CallOf(r)), 0 }}
}

func int32Bytes(v int) []byte   { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }
func int64Bytes(v int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(v)) }

// sysctlBase gives effect to the nodes that every kernel has.
func (k *Kernel) sysctlBase() {
	t := k.Sysctl
	t.SetString("kern.hostname", k.cfg.Hostname)
	t.SetBytes("hw.physmem", int32Bytes(int(k.cfg.Memory)))
	t.SetBytes("hw.physmem64", int64Bytes(k.cfg.Memory))
	t.Value("kern.hardclock_ticks", computed(func(c *Call) []byte { return int32Bytes(int(c.Kernel().Uptime() / tick)) }))
	t.Value("kern.urandom", computed(func(c *Call) []byte {
		b := make([]byte, 4)
		c.Kernel().Random(b)
		return b
	}))
	t.Handle("kern.arandom", func(r *sysctl.Request) netbsd.Errno {
		// The one node whose value is as long as there is room for it.
		const most = 256
		switch {
		case r.OldLen == 0:
			return 0
		case r.OldLen > most:
			return netbsd.E2BIG
		case r.Old == 0 || len(r.Name) > 0 || r.New != 0:
			return r.Default()
		}
		b := make([]byte, r.OldLen)
		k.Random(b)
		return r.Give(b)
	})
	k.counters = baseCounters()
	t.Handle("kern.evcnt", k.sysctlEvents)
	t.Handle("kern.msgbuf", k.sysctlMessages)
	t.Handle("kern.file2", func(r *sysctl.Request) netbsd.Errno {
		// It leaves out processes that are still being made, as which those of a
		// rump kernel pass.
		if len(r.Name) != 4 || r.Name[0] != netbsd.KERN_FILE_BYPID || r.Name[1] < -1 || r.Name[2] < 1 {
			return netbsd.EINVAL
		}
		return r.Give(nil)
	})
	t.Value("kern.uidinfo.proccnt", computed(func(c *Call) []byte {
		const ownProcs = 2 // processes 0 and 1
		return int64Bytes(int64(len(c.Kernel().Procs())) + ownProcs)
	}))
	// What has no value is empty, not an empty string with its NUL.
	for _, name := range [...]string{"hw.disknames", "hw.iostatnames"} {
		t.Value(name, computed(func(*Call) []byte { return nil }))
	}
	t.Handle("kern.timecounter.choice", func(r *sysctl.Request) netbsd.Errno {
		// The guess that NetBSD makes before it knows: so much a counter.
		const counters, guess = 2, 112
		return r.GiveText("clockinterrupt(q=0, f=100 Hz) dummy(q=-1000000, f=1000000 Hz)", counters*guess)
	})
	t.Value("kern.pool", computed(func(*Call) []byte { return pools() }))
	t.Value("kern.pipe.nbigpipes", computed(func(c *Call) []byte { return int32Bytes(int(c.Kernel().bigPipes.Load())) }))
	for i, name := range [...]string{
		"cputime", "filesize", "datasize", "stacksize", "coredumpsize", "memoryuse", "memorylocked", "maxproc", "descriptors",
		"sbsize", "vmemoryuse", "maxlwp",
	} {
		t.Value("proc.curproc.rlimit."+name+".soft", rlimitValue(i, func(r *netbsd.Rlimit) *uint64 { return &r.Cur }))
		t.Value("proc.curproc.rlimit."+name+".hard", rlimitValue(i, func(r *netbsd.Rlimit) *uint64 { return &r.Max }))
	}
}

// rlimitValue is a limit of the process that the name speaks of.
func rlimitValue(which int, field func(*netbsd.Rlimit) *uint64) sysctl.Value {
	proc := func(r *sysctl.Request) (*Proc, netbsd.Errno) {
		c := CallOf(r)
		const curproc = 0x7fffffff // PROC_CURPROC
		if len(r.Full) < 2 || r.Full[1] == curproc {
			return c.Proc, 0
		}
		return c.other(int(r.Full[1]))
	}
	return sysctl.Value{
		Get: func(r *sysctl.Request) ([]byte, netbsd.Errno) {
			p, errno := proc(r)
			if errno != 0 {
				return nil, errno
			}
			l := p.limits.Load()[which]
			return int64Bytes(int64(*field(&l))), 0
		},
		Set: func(r *sysctl.Request, v []byte) netbsd.Errno {
			p, errno := proc(r)
			if errno != 0 {
				return errno
			}
			l := *p.limits.Load()
			*field(&l[which]) = binary.LittleEndian.Uint64(v)
			if l[which].Cur > l[which].Max {
				return netbsd.EINVAL
			}
			p.limits.Store(&l)
			return 0
		},
	}
}
