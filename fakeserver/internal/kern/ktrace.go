package kern

import (
	"encoding/binary"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A trace is a file that gets records of what processes do.
type trace struct {
	mu   sync.Mutex
	file *OpenFile
}

// procTrace is what of a process is traced, and where to.
type procTrace struct {
	to   *trace
	facs uint32
	mu   sync.Mutex
	emul bool // the record which says what the process runs on is still to come
}

// traces reports whether records of a type are wanted.
func (p *Proc) traces(typ int16) bool {
	t := p.trace.Load()
	return t != nil && t.facs&(1<<typ) != 0
}

// record writes a record to the process's trace.
func (c *Call) record(typ int16, data []byte) {
	t := c.Proc.trace.Load()
	if t == nil {
		return
	}
	t.mu.Lock()
	first := t.emul
	t.emul = false
	t.mu.Unlock()
	var b []byte
	if first && t.facs&(1<<netbsd.KTR_EMUL) != 0 {
		b = c.entry(netbsd.KTR_EMUL, []byte("netbsd-rump")).Append(b)
	}
	b = c.entry(typ, data).Append(b)
	t.to.mu.Lock()
	errno := t.to.file.Write(c, t.to.file, KernelIO(b), Current)
	t.to.mu.Unlock()
	if errno != 0 && errno != netbsd.EWOULDBLOCK {
		// A trace that cannot be written ends there and is nobody's error.
		c.Kernel().stopTraces(t.to.file)
	}
}

// stopTraces ends the traces to a file.
func (k *Kernel) stopTraces(file *OpenFile) {
	for _, p := range k.Procs() {
		if t := p.trace.Load(); t != nil && t.to.file.File == file.File {
			p.stopTrace(^uint32(0))
		}
	}
}

func (c *Call) entry(typ int16, data []byte) netbsd.KtrRecord {
	return netbsd.KtrRecord{Data: data, Header: netbsd.KtrHeader{
		Type: typ, Version: netbsd.KTRFACv2 >> netbsd.KTRFAC_VER_SHIFT, Pid: int32(c.Proc.PID), Comm: c.Proc.Comm(),
		Time: netbsd.TimespecOf(c.Kernel().Now()), Lid: int32(c.lid),
	}}
}

// TraceName records a path that is looked up.
func (c *Call) TraceName(path string) {
	if c.Proc.traces(netbsd.KTR_NAMEI) {
		c.record(netbsd.KTR_NAMEI, netbsd.AppendString(nil, path))
	}
}

// Directions of a traced transfer.
const (
	traceRead  = 0
	traceWrite = 1
)

// TraceIO records data that a descriptor's reader got, or its writer gave.
func (c *Call) TraceIO(fd int, write bool, data []byte) {
	if !c.Proc.traces(netbsd.KTR_GENIO) {
		return
	}
	const headSize, page = 8, 4096
	rw := uint32(traceRead)
	if write {
		rw = traceWrite
	}
	for first := true; first || len(data) > 0; first = false {
		n := min(len(data), page-headSize)
		b := binary.LittleEndian.AppendUint32(nil, uint32(fd))
		b = binary.LittleEndian.AppendUint32(b, rw)
		c.record(netbsd.KTR_GENIO, append(b, data[:n]...))
		data = data[n:]
	}
}

func (c *Call) traceEnter() {
	if !c.Proc.traces(netbsd.KTR_SYSCALL) {
		return
	}
	size := c.Num.ArgSize()
	b := binary.LittleEndian.AppendUint32(nil, uint32(c.Num))
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	for i := range size / 8 {
		b = binary.LittleEndian.AppendUint64(b, c.trap.Arg(i))
	}
	c.record(netbsd.KTR_SYSCALL, b)
}

func (c *Call) traceLeave(errno netbsd.Errno) {
	if !c.Proc.traces(netbsd.KTR_SYSRET) {
		return
	}
	r0, r1 := c.r0, c.r1
	if errno != 0 {
		r0, r1 = 0, 0
	}
	b := binary.LittleEndian.AppendUint16(nil, uint16(c.Num))
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(errno))
	b = binary.LittleEndian.AppendUint64(b, r0)
	c.record(netbsd.KTR_SYSRET, binary.LittleEndian.AppendUint64(b, r1))
}

// Ktrace begins or ends the tracing of processes. It keeps file, which the
// caller holds and nil for an operation that needs none.
func (c *Call) Ktrace(file *OpenFile, ops, facs uint32, pid int) netbsd.Errno {
	k := c.Kernel()
	facs &^= netbsd.KTRFAC_PERSISTENT
	op := ops & 3
	if op == netbsd.KTROP_CLEARFILE {
		if file != nil {
			k.stopTraces(file)
		}
		return 0
	}
	if facs == 0 {
		return netbsd.EINVAL
	}
	var targets []*Proc
	for _, p := range k.Procs() {
		if pid >= 0 && p.PID == pid || pid < 0 && p.group() == -pid ||
			ops&netbsd.KTRFLAG_DESCEND != 0 && pid >= 0 && p.descends(pid) {
			targets = append(targets, p)
		}
	}
	switch {
	case len(targets) == 0 && (pid == 0 || pid == initPID): // the kernel's own
		return checkKtrace(ops, c.Cred().Root())
	case len(targets) == 0:
		return netbsd.ESRCH
	}
	to := &trace{file: file}
	errno := netbsd.EPERM
	for _, p := range targets {
		may := mayTrace(c.Cred(), p)
		if checkKtrace(ops, may) != 0 {
			continue
		}
		errno = 0
		switch {
		case !may:
		case op == netbsd.KTROP_CLEAR:
			p.stopTrace(facs)
		default:
			p.startTrace(to, facs)
		}
	}
	return errno
}

// mayTrace reports whether a process may be traced: by the superuser, or by its
// own user unless it has changed its ids.
func mayTrace(cr *Cred, p *Proc) bool {
	of := p.Cred()
	return cr.Root() || !p.sugid.Load() && cr.EUID == of.UID && cr.UID == of.SUID && cr.GID == of.GID && cr.GID == of.SGID
}

// startTrace makes a process write records to a file: these as well, if it does
// already, and none to another one any more.
func (p *Proc) startTrace(to *trace, facs uint32) {
	if old := p.trace.Load(); old != nil && old.to.file.File == to.file.File {
		facs |= old.facs
	}
	to.file.Hold()
	if old := p.trace.Swap(&procTrace{to: to, facs: facs, emul: true}); old != nil {
		old.to.file.Release()
	}
}

// checkKtrace checks the version of the records that are asked for. Who may not
// trace a process is not told so: nothing happens, without an error.
func checkKtrace(ops uint32, may bool) netbsd.Errno {
	const versionShift, versionMask, newest = 24, 0xf, 2 // KTRFAC_VER_SHIFT, KTRFAC_VER_MASK, KTRFACv2
	if may && ops>>versionShift&versionMask > newest {
		return netbsd.EPERM
	}
	return 0
}

// descends reports whether a process is a descendant of another.
func (p *Proc) descends(pid int) bool {
	for q := p.Kernel.Proc(p.PPID); q != nil; q = p.Kernel.Proc(q.PPID) {
		if q.PID == pid {
			return true
		}
		if q == p {
			break
		}
	}
	return false
}

// stopTrace ends the tracing of some things, or of everything.
func (p *Proc) stopTrace(facs uint32) {
	t := p.trace.Load()
	if t == nil {
		return
	}
	if rest := t.facs &^ facs; rest&netbsd.KTRFAC_MASK != 0 {
		p.trace.Store(&procTrace{to: t.to, facs: rest})
		return
	}
	if p.trace.CompareAndSwap(t, nil) {
		t.to.file.Release()
	}
}

// inheritTrace makes a forked child be traced as its parent is, if that was
// asked for.
func (p *Proc) inheritTrace(parent *Proc) {
	if t := parent.trace.Load(); t != nil && t.facs&netbsd.KTRFAC_INHERIT != 0 {
		t.to.file.Hold()
		p.trace.Store(&procTrace{to: t.to, facs: t.facs, emul: true})
	}
}

func sysFktrace(c *Call) netbsd.Errno {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if f.Flags()&FWRITE == 0 {
		return netbsd.EBADF
	}
	return c.Ktrace(f, c.Uint(1), c.Uint(2), c.Int(3))
}

// sysUtrace records what a process says of itself.
func sysUtrace(c *Call) netbsd.Errno {
	const maxLabel, maxData = 20, 2048
	if !c.Proc.traces(netbsd.KTR_USER) {
		return 0
	}
	if c.Size(2) > maxData {
		return netbsd.ENOSPC
	}
	b := make([]byte, maxLabel)
	label, errno := c.CopyinString(c.Ptr(0), maxLabel)
	if errno != 0 {
		label = ""
	}
	copy(b, label)
	data := make([]byte, c.Size(2))
	if errno = c.Copyin(c.Ptr(1), data); errno != 0 {
		data = nil
	}
	c.record(netbsd.KTR_USER, append(b, data...))
	return errno
}
