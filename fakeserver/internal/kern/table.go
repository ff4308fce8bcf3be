package kern

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// A Func carries out a system call.
type Func func(c *Call) netbsd.Errno

// A Table has a handler for each system call that the kernel has.
type Table struct{ funcs [netbsd.SYS_NSYSENT]Func }

// Register adds a handler, or replaces one. It must not be called once there is
// a process.
func (t *Table) Register(n netbsd.Sysno, f Func) { t.funcs[n] = f }

// Lookup returns a handler, or nil.
func (t *Table) Lookup(n netbsd.Sysno) Func {
	if uint64(n) >= uint64(len(t.funcs)) {
		return nil
	}
	return t.funcs[n]
}

// Syscall carries out a system call.
func (p *Proc) Syscall(ctx context.Context, t *sysproxy.Trap) (r0, r1 uint64, errno int) {
	k := p.Kernel
	if k.stopped.Load() {
		return k.unanswered(ctx)
	}
	c := &Call{Ctx: ctx, Proc: p, Num: netbsd.Sysno(t.Num), trap: t, lid: p.lids.Add(1)}
	e := netbsd.ENOSYS
	if fault := k.fault.Load(); fault != nil && *fault != nil {
		if e = (*fault)(c); e == 0 {
			e = p.dispatch(c)
		}
	} else {
		e = p.dispatch(c)
	}
	if trace := k.trace.Load(); trace != nil && *trace != nil {
		(*trace)(c, e)
	}
	if k.stopped.Load() {
		return k.unanswered(ctx)
	}
	if e != 0 && !c.partial {
		return 0, 0, int(e)
	}
	return c.r0, c.r1, int(e)
}

// unanswered waits for the end of the connection, which comes with that of the
// kernel, so that nobody is told how a call has ended that has outlived it.
func (k *Kernel) unanswered(ctx context.Context) (r0, r1 uint64, errno int) {
	<-ctx.Done()
	return 0, 0, int(netbsd.EIO)
}

func (p *Proc) dispatch(c *Call) netbsd.Errno {
	f := p.Kernel.Table.Lookup(c.Num)
	if f == nil {
		f = sysMissing
	}
	if p.trace.Load() == nil {
		return f(c)
	}
	c.traceEnter()
	errno := f(c)
	c.traceLeave(errno)
	return errno
}
