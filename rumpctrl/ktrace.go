package rumpctrl

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// What ktrace records unless told otherwise.
const ktraceDefault = netbsd.KTRFAC_SYSCALL | netbsd.KTRFAC_SYSRET | netbsd.KTRFAC_NAMEI |
	netbsd.KTRFAC_GENIO | netbsd.KTRFAC_PSIG | netbsd.KTRFAC_EMUL | netbsd.KTRFAC_USER

// tracePoints adds what -t says, a letter an event, to events.
func tracePoints(points uint32, s string) (uint32, bool) {
	if strings.HasPrefix(s, "-") && points&netbsd.KTRFAC_MASK == 0 {
		points |= ktraceDefault
	}
	add := true
	for _, c := range s {
		var p uint32
		switch c {
		case 'A':
			p = netbsd.KTRFAC_MASK
		case 'a':
			p = netbsd.KTRFAC_EXEC_ARG
		case 'c':
			p = netbsd.KTRFAC_SYSCALL | netbsd.KTRFAC_SYSRET
		case 'e':
			p = netbsd.KTRFAC_EMUL
		case 'f':
			p = netbsd.KTRFAC_EXEC_FD
		case 'i':
			p = netbsd.KTRFAC_GENIO
		case 'n':
			p = netbsd.KTRFAC_NAMEI
		case 's':
			p = netbsd.KTRFAC_PSIG
		case 'u':
			p = netbsd.KTRFAC_USER
		case 'S':
			p = netbsd.KTRFAC_MIB
		case 'v':
			p = netbsd.KTRFAC_EXEC_ENV
		case 'w':
			p = netbsd.KTRFAC_CSW
		case '+':
			if !add {
				add = true
				continue
			}
			p = ktraceDefault
		case '-':
			add = false
			continue
		default:
			return 0, false
		}
		if add {
			points |= p
		} else {
			points &^= p
		}
	}
	return points, true
}

func runKtrace(ctx context.Context, e *Env) error {
	k := e.Kernel
	var clear byte
	var appendTo, pidSet, async bool
	var ops, points uint32
	pointsSet := false
	version, pid := 2, 0
	out := "ktrace.out"
	usage := func() error {
		fmt.Fprintf(e.Stderr, "usage:\tktrace [-aCcdins] [-f trfile] [-g pgrp] [-p pid] [-t [AaceilmnSsuvw+-]]\n"+
			"\tktrace [-adis] [-f trfile] [-t [AaceilmnSsuvw+-]] command\n")
		return silent(1)
	}
	args, err := e.getopt(e.Args[1:], "aCcdf:g:ip:st:v:", func(opt byte, arg string) error {
		switch opt {
		case 'a':
			appendTo = true
		case 'C', 'c':
			clear, pidSet = opt, true
		case 'd':
			ops |= netbsd.KTRFLAG_DESCEND
		case 'f':
			out = arg
		case 'g', 'p':
			if pid != 0 {
				e.warnx("only one -g or -p flag is permitted.")
				return errBadOption
			}
			if arg == "" {
				e.warnx("illegal process id.")
				return errBadOption
			}
			pid, _ = strconv.Atoi(arg)
			pidSet = true
			if opt == 'g' {
				pid = -pid
			}
		case 'i':
			points |= netbsd.KTRFAC_INHERIT
		case 's':
			async = true
		case 't':
			pointsSet = true
			p, ok := tracePoints(points, arg)
			if !ok {
				e.warnx("unknown facility in %s", arg)
				return errBadOption
			}
			points = p
		case 'v':
			version, _ = strconv.Atoi(arg)
		}
		return nil
	})
	if err != nil || pidSet == (len(args) > 0) {
		return usage()
	}
	if !pointsSet {
		if clear == 0 {
			points |= ktraceDefault
		} else {
			points |= netbsd.KTRFAC_MASK
		}
	}
	ver := uint32(version) << netbsd.KTRFAC_VER_SHIFT
	trace := func() error {
		if err := k.Ktrace(ctx, out, ops|ver, points, pid); err != nil {
			return errc(1, err, "file %s, pid %d", out, pid)
		}
		return nil
	}
	switch {
	case clear == 'C':
		ops, points, pid = netbsd.KTROP_CLEAR|netbsd.KTRFLAG_DESCEND, netbsd.KTRFAC_MASK, 1
		return trace()
	case clear == 'c' && pid != 0:
		ops |= netbsd.KTROP_CLEAR
		return trace()
	case clear == 'c':
		ops |= netbsd.KTROP_CLEARFILE
		return trace()
	}
	if out == "-" {
		return e.ktracePipe(ctx, ops|ver, points, pid, args)
	}
	flags := netbsd.O_CREAT | netbsd.O_WRONLY
	if !appendTo {
		flags |= netbsd.O_TRUNC
	}
	if !async {
		flags |= netbsd.O_SYNC
	}
	f, err := k.Open(ctx, out, flags, 0o666)
	if err != nil {
		return errc(1, err, "%s", out)
	}
	f.Close()
	if len(args) == 0 {
		return trace()
	}
	if pid, err = k.Getpid(ctx); err != nil {
		return err
	}
	if err := trace(); err != nil {
		return err
	}
	err = e.ktraceExec(ctx, args)
	e.ktraceFlush(ctx, out, ops, points, pid)
	return err
}

// ktraceFlush ends the trace and waits until it is in the file: a thread of the
// kernel writes it when there is time, and whoever looks next expects it whole.
func (e *Env) ktraceFlush(ctx context.Context, out string, ops, points uint32, pid int) {
	k := e.Kernel
	if k.Ktrace(ctx, out, ops|netbsd.KTROP_CLEAR|2<<netbsd.KTRFAC_VER_SHIFT, points, pid) != nil {
		return
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	last := int64(0)
	for range 100 {
		st, err := k.Stat(ctx, out)
		if err != nil || st.Size > 0 && st.Size == last {
			return
		}
		last = st.Size
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ktraceExec runs the command in the place of ktrace.
func (e *Env) ktraceExec(ctx context.Context, args []string) error {
	child := *e
	child.Args = args
	status, err := child.exec(ctx)
	if err != nil {
		return err
	}
	if status == StatusUnknown {
		return errc(1, netbsd.ENOENT, "exec of '%s' failed", args[0])
	}
	return silent(status)
}

// ktracePipe writes the trace to standard output, through a pipe of the kernel.
func (e *Env) ktracePipe(ctx context.Context, ops, points uint32, pid int, args []string) error {
	k := e.Kernel
	r, w, err := k.Pipe(ctx)
	if err != nil {
		return errc(1, err, "pipe(2)")
	}
	defer r.Close()
	if len(args) == 0 {
		err := k.Fktrace(ctx, w.FD(), ops, points, pid)
		fd := w.FD()
		w.Close()
		if err != nil {
			return errc(1, err, "fd %d, pid %d", fd, pid)
		}
		_, err = io.Copy(e.Stdout, r)
		return err
	}
	// Another process runs the command, so that this one can read.
	child, err := k.Fork(ctx)
	if err != nil {
		w.Close()
		return errc(1, err, "fork")
	}
	defer child.Close()
	if pid, err = child.Getpid(ctx); err == nil {
		err = k.Fktrace(ctx, w.FD(), ops, points, pid)
	}
	fd := w.FD()
	w.Close()
	if err != nil {
		return errc(1, err, "fd %d, pid %d", fd, pid)
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(e.Stdout, r)
		copied <- err
	}()
	env := *e
	env.Kernel = child
	err = child.CloseFD(ctx, fd)
	if err == nil {
		err = env.ktraceExec(ctx, args)
	}
	child.Close() // the end of the traced process ends the trace
	if cerr := <-copied; err == nil {
		err = cerr
	}
	return err
}
