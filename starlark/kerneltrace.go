package starlark

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelTrace is the table of the methods of a kernel that are about traces of what
// its processes do.
func kernelTrace() []function {
	return []function{
		{"kdump", "path", "Returns the records of a trace that ktrace has written, a list of structs as trace returns them.", kernelKdump},
		{"ktrace", "path pid? events? descend? inherit?", "Begins to write what a process does, this one if no pid is given, or with a negative pid those of a group, to a file that is there. The events are those of trace; descend adds its children, inherit those to come.", kernelKtrace},
		{"ktrace_stop", "pid? descend?", "Ends the traces of a process, this one's if no pid is given.", kernelKtraceStop},
		{"trace", "function events?", "Calls the function and returns what the script's process has done in the kernel meanwhile, a list of structs with kind, pid, lwp, command and time (seconds since 1970, a float), and by kind: \"call\" has name and args, ints; \"return\" name, value and error, an errno's name or None; \"path\" path; \"io\" fd, write, a bool, and data; \"signal\" signal; all others data, bytes. The events are of \"call\" (which is \"return\" too), \"path\", \"io\", \"signal\", \"emulation\", \"user\", \"switch\", \"arg\", \"env\", \"fd\" and \"mib\": the first six if not given.", kernelTraceCall},
	}
}

// traceEvents unpacks the events of ktrace(2), a list of words.
type traceEvents uint32

const defaultEvents traceEvents = netbsd.KTRFAC_SYSCALL | netbsd.KTRFAC_SYSRET | netbsd.KTRFAC_NAMEI |
	netbsd.KTRFAC_GENIO | netbsd.KTRFAC_PSIG | netbsd.KTRFAC_EMUL | netbsd.KTRFAC_USER

// Unpack implements starlark.Unpacker.
func (e *traceEvents) Unpack(v starlark.Value) error {
	*e = 0
	return words(v, func(w string) error {
		for typ, kind := range traceKinds {
			if kind == w {
				*e |= 1 << typ
			}
		}
		switch {
		case w == "call":
			*e |= netbsd.KTRFAC_SYSRET
		case *e == 0:
			return fmt.Errorf("there are no events %q", w)
		}
		return nil
	})
}

// traceKinds are the types of records as scripts say them.
var traceKinds = map[int16]string{
	netbsd.KTR_SYSCALL: "call", netbsd.KTR_SYSRET: "return", netbsd.KTR_NAMEI: "path", netbsd.KTR_GENIO: "io",
	netbsd.KTR_PSIG: "signal", netbsd.KTR_CSW: "switch", netbsd.KTR_EMUL: "emulation", netbsd.KTR_USER: "user",
	netbsd.KTR_EXEC_ARG: "arg", netbsd.KTR_EXEC_ENV: "env", netbsd.KTR_MIB: "mib", netbsd.KTR_EXEC_FD: "fd",
}

func kernelKtrace(c *call) (starlark.Value, error) {
	var path string
	var pid int
	events := defaultEvents
	var descend, inherit bool
	if err := c.unpack(&path, &pid, &events, &descend, &inherit); err != nil {
		return nil, err
	}
	ops, points := uint32(netbsd.KTROP_SET), uint32(events)
	if descend {
		ops |= netbsd.KTRFLAG_DESCEND
	}
	if inherit {
		points |= netbsd.KTRFAC_INHERIT
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, ktrace(c.ctx, c.kernel(), path, ops, points, pid) })
}

func kernelKtraceStop(c *call) (starlark.Value, error) {
	var pid int
	var descend bool
	if err := c.unpack(&pid, &descend); err != nil {
		return nil, err
	}
	ops := uint32(netbsd.KTROP_CLEAR)
	if descend {
		ops |= netbsd.KTRFLAG_DESCEND
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		return nil, ktrace(c.ctx, c.kernel(), "", ops, netbsd.KTRFAC_MASK, pid)
	})
}

// ktrace is rump.Kernel.Ktrace with records of version 2; a pid of 0 is k's own.
func ktrace(ctx context.Context, k *rump.Kernel, path string, ops, points uint32, pid int) (err error) {
	if pid == 0 {
		if pid, err = k.Getpid(ctx); err != nil {
			return err
		}
	}
	return k.Ktrace(ctx, path, ops|netbsd.KTRFACv2, points, pid)
}

func kernelKdump(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	b, err := waiting(c.scope, func() ([]byte, error) { return c.kernel().ReadFile(c.ctx, path) })
	if err != nil {
		return nil, err
	}
	return traceValue(b)
}

func kernelTraceCall(c *call) (starlark.Value, error) {
	var fn starlark.Callable
	events := defaultEvents
	if err := c.unpack(&fn, &events); err != nil {
		return nil, err
	}
	t, err := waiting(c.scope, func() (*tracer, error) { return startTrace(c.ctx, c.kernel(), uint32(events)) })
	if err != nil {
		return nil, err
	}
	_, err = starlark.Call(c.thread, fn, nil, nil)
	b, terr := waiting(c.scope, func() ([]byte, error) { return t.stop(c.ctx) })
	if err == nil {
		err = terr
	}
	if err != nil {
		return nil, err
	}
	return traceValue(b)
}

// tracer is a trace that goes through a pipe to a process which is not traced, and
// which begins and ends it: of the traced one, all that would be in the trace.
type tracer struct {
	k    *rump.Kernel // the process that looks on
	pid  int
	read chan struct{} // closed when the trace has ended
	buf  bytes.Buffer
	err  error
}

func startTrace(ctx context.Context, k *rump.Kernel, events uint32) (t *tracer, err error) {
	t = &tracer{read: make(chan struct{})}
	if t.pid, err = k.Getpid(ctx); err != nil {
		return nil, err
	}
	if t.k, err = k.Fork(ctx); err != nil {
		return nil, err
	}
	r, w, err := t.k.Pipe(ctx)
	if err == nil {
		err = t.k.Fktrace(ctx, w.FD(), netbsd.KTROP_SET|netbsd.KTRFACv2, events, t.pid)
		w.Close() // then the trace ends when the kernel drops its own
	}
	if err != nil {
		t.k.Close()
		return nil, err
	}
	go func() {
		defer close(t.read)
		_, t.err = io.Copy(&t.buf, struct{ io.Reader }{r})
	}()
	return t, nil
}

// stop ends the trace and returns it.
func (t *tracer) stop(ctx context.Context) ([]byte, error) {
	defer t.k.Close()
	err := ktrace(context.WithoutCancel(ctx), t.k, "", netbsd.KTROP_CLEAR, netbsd.KTRFAC_MASK, t.pid)
	if err != nil {
		t.k.Close() // so that nobody waits for an end that does not come
	}
	<-t.read
	if err == nil {
		err = t.err
	}
	return t.buf.Bytes(), err
}

// traceValue returns the records of a trace.
func traceValue(b []byte) (starlark.Value, error) {
	records, err := netbsd.ParseKtrRecords(b)
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(records))
	for i, r := range records {
		if list[i], err = traceRecord(r); err != nil {
			return nil, err
		}
	}
	return starlark.NewList(list), nil
}

func traceRecord(r netbsd.KtrRecord) (starlark.Value, error) {
	h := r.Header
	fields := starlark.StringDict{
		"kind":    starlark.String(traceKinds[h.Type]),
		"pid":     starlark.MakeInt(int(h.Pid)),
		"lwp":     starlark.MakeInt(int(h.Lid)),
		"command": starlark.String(h.Comm),
		"time":    starlark.Float(float64(h.Time.Sec) + float64(h.Time.Nsec)/1e9),
	}
	var err error
	switch h.Type {
	case netbsd.KTR_SYSCALL:
		var s netbsd.KtrSyscall
		var args netbsd.Args
		if s, err = netbsd.ParseKtrSyscall(r.Data); err == nil {
			args, err = s.Args(r.Data)
		}
		ints := make([]starlark.Value, len(args))
		for i, a := range args {
			ints[i] = starlark.MakeInt64(int64(a))
		}
		fields["name"], fields["args"] = starlark.String(netbsd.Sysno(s.Code).Base()), starlark.NewList(ints)
	case netbsd.KTR_SYSRET:
		var s netbsd.KtrSysret
		s, err = netbsd.ParseKtrSysret(r.Data)
		fields["name"], fields["value"] = starlark.String(netbsd.Sysno(uint16(s.Code)).Base()), starlark.MakeInt64(s.Retval)
		fields["error"] = starlark.None
		if s.Error != 0 {
			fields["error"] = starlark.String(netbsd.Errno(s.Error).Name())
		}
	case netbsd.KTR_NAMEI:
		path, _, _ := strings.Cut(string(r.Data), "\x00")
		fields["path"] = starlark.String(path)
	case netbsd.KTR_GENIO:
		var g netbsd.KtrGenio
		if g, err = netbsd.ParseKtrGenio(r.Data); err == nil {
			fields["fd"], fields["write"] = starlark.MakeInt(int(g.Fd)), starlark.Bool(g.Rw != 0)
			fields["data"] = starlark.Bytes(r.Data[netbsd.SizeofKtrGenio:])
		}
	case netbsd.KTR_PSIG:
		var s netbsd.KtrPsig
		s, err = netbsd.ParseKtrPsig(r.Data)
		fields["signal"] = starlark.String(netbsd.Signal(s.Signo).Name())
	default:
		fields["data"] = starlark.Bytes(r.Data)
	}
	return starlarkstruct.FromStringDict(starlark.String("trace"), fields), err
}
