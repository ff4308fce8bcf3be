package rumpctrl

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// The formats of stat.
const (
	statDefault = `%d %i %Sp %l %Su %Sg %r %z "%Sa" "%Sm" "%Sc" "%SB" %k %b %#Xf %N`
	statRaw     = "%d %i %#p %l %u %g %r %z %a %m %c %B %k %b %f %N"
	statLs      = "%Sp %l %Su %Sg %Z %Sm %N%SY"
	statLsMark  = "%Sp %l %Su %Sg %Z %Sm %N%T%SY"
	statShell   = "st_dev=%d st_ino=%i st_mode=%#p st_nlink=%l st_uid=%u st_gid=%g st_rdev=%r st_size=%z " +
		"st_atime=%Sa st_mtime=%Sm st_ctime=%Sc st_birthtime=%SB st_blksize=%k st_blocks=%b st_flags=%f"
	statLinux = "  File: \"%N\"%n" +
		"  Size: %-11z  FileType: %HT%n" +
		"  Mode: (%04OLp/%.10Sp)         Uid: (%5u/%8Su)  Gid: (%5g/%8Sg)%n" +
		"Device: %Hd,%Ld   Inode: %i    Links: %l%n" +
		"Access: %Sa%nModify: %Sm%nChange: %Sc"
)

// statter is one run of stat.
type statter struct {
	e     *Env
	ctx   context.Context
	out   *printer
	times string
	quiet bool
}

func runStat(ctx context.Context, e *Env) error {
	s := &statter{e: e, ctx: ctx, out: e.buffered()}
	defer s.out.Flush()
	var mark, follow, noNewline bool
	var kind byte
	format := ""
	args, err := e.getopt(e.Args[1:], "f:FlLnqrst:x", func(opt byte, arg string) error {
		switch opt {
		case 'F':
			mark = true
		case 'L':
			follow = true
		case 'n':
			noNewline = true
		case 'q':
			s.quiet = true
		case 't':
			s.times = arg
		case 'f', 'l', 'r', 's', 'x':
			if opt == 'f' {
				format = arg
			}
			if kind != 0 {
				return errx(1, "can't use format '%c' with '%c'", kind, opt)
			}
			kind = opt
		}
		return nil
	})
	if err == errBadOption {
		return e.usage(1, "stat [-FlLnqrsx] [-f format] [-t timefmt] [file ...]")
	}
	if err != nil {
		return err
	}
	if kind == 0 {
		kind, format = 'f', statDefault
		if mark {
			kind = 'l'
		}
	}
	if mark && kind != 'l' {
		return errx(1, "can't use format '%c' with -F", kind)
	}
	times := "%b %e %T %Y"
	switch kind {
	case 'l':
		if format = statLs; mark {
			format = statLsMark
		}
	case 'r':
		format = statRaw
	case 's':
		format, times = statShell, "%s"
	case 'x':
		format, times = statLinux, "%c"
	}
	if s.times == "" {
		s.times = times
	}
	status := 0
	stdin := len(args) == 0
	if stdin {
		args = []string{""} // the process's standard input, the kernel's console
	}
	for i, name := range args {
		call := "lstat"
		var st netbsd.Stat
		var err error
		switch {
		case stdin:
			st, err = e.Kernel.StatFD(ctx, 0, "(stdin)")
			name = ""
		case follow:
			call = "stat"
			st, err = e.Kernel.Stat(ctx, name)
			if errno, _ := rump.Errno(err); errno == netbsd.ENOENT {
				st, err = e.Kernel.Lstat(ctx, name)
			}
		default:
			st, err = e.Kernel.Lstat(ctx, name)
		}
		if err != nil {
			status = 1
			if !s.quiet {
				s.out.Flush()
				shown := name
				if stdin {
					shown = "(stdin)"
				}
				e.warn(err, "%s: %s", shown, call)
			}
			continue
		}
		text, err := s.format(format, name, st, i+1)
		s.out.WriteString(text)
		if err != nil {
			s.out.Flush()
			return err
		}
		if !noNewline && text != "" && !strings.HasSuffix(text, "\n") {
			s.out.WriteByte('\n')
		}
	}
	return silent(status)
}
