package kern

import "github.com/rumpkernel/rumpscript/netbsd"

// limits are a process's limits, by RLIMIT_*.
type limits [netbsd.RLIM_NLIMITS]netbsd.Rlimit

const (
	rlimitNofile = netbsd.RLIMIT_NOFILE
	maxFiles     = 1772 // the hard limit of a rump kernel (kern.maxfiles)
)

// defaultLimits are those of process 0, as recorded in proc.curproc.rlimit.
func (k *Kernel) defaultLimits() *limits {
	const inf = netbsd.RLIM_INFINITY
	l := new(limits)
	for i := range l {
		l[i] = netbsd.Rlimit{Cur: inf, Max: inf}
	}
	l[netbsd.RLIMIT_STACK] = netbsd.Rlimit{Cur: 4 << 20, Max: 128 << 20}
	mem := uint64(k.cfg.Memory)
	l[netbsd.RLIMIT_MEMLOCK] = netbsd.Rlimit{Cur: mem / 3, Max: mem}
	l[netbsd.RLIMIT_NPROC] = netbsd.Rlimit{Cur: 160, Max: 532}
	l[netbsd.RLIMIT_NOFILE] = netbsd.Rlimit{Cur: 128, Max: maxFiles}
	l[netbsd.RLIMIT_NTHR] = netbsd.Rlimit{Cur: 160, Max: 2048}
	return l
}

func sysGetrlimit(c *Call) netbsd.Errno {
	which := c.Uint(0)
	if which >= netbsd.RLIM_NLIMITS {
		return netbsd.EINVAL
	}
	return c.CopyoutStruct(c.Ptr(1), c.Proc.limits.Load()[which])
}

func sysSetrlimit(c *Call) netbsd.Errno {
	which := c.Uint(0)
	r, errno := CopyinStruct(c, c.Ptr(1), netbsd.SizeofRlimit, netbsd.ParseRlimit)
	if errno != 0 {
		return errno
	}
	if which >= netbsd.RLIM_NLIMITS {
		return netbsd.EINVAL
	}
	l := *c.Proc.limits.Load()
	if r.Cur > r.Max {
		return netbsd.EINVAL
	}
	if r.Max > l[which].Max && !c.Cred().Root() {
		return netbsd.EPERM
	}
	if which == rlimitNofile {
		r.Cur, r.Max = min(r.Cur, maxFiles), min(r.Max, maxFiles)
	}
	l[which] = r
	c.Proc.limits.Store(&l)
	return 0
}

// FileLimit returns how long a file the process may write (RLIMIT_FSIZE).
func (p *Proc) FileLimit() uint64 { return p.limits.Load()[netbsd.RLIMIT_FSIZE].Cur }
