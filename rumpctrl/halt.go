package rumpctrl

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// runHalt is rumpctrl's own halt, which takes no options and does not wait.
func runHalt(ctx context.Context, e *Env) error {
	if err := e.Kernel.Reboot(ctx, netbsd.RB_AUTOBOOT, ""); err != nil {
		e.warn(err, "reboot")
	}
	return nil
}

// Flags for the boot program, from <sys/reboot.h>.
const (
	bootVerbose = 0x20000
	bootSilent  = 0x40000
	bootDebug   = 0x80000
)

func runReboot(ctx context.Context, e *Env) error {
	var howto uint32
	quick := false
	args, err := e.getopt(e.Args[1:], "dlnpqvxz", func(opt byte, _ string) error {
		switch opt {
		case 'd':
			howto |= netbsd.RB_DUMP
		case 'n':
			howto |= netbsd.RB_NOSYNC
		case 'p':
			return errBadOption
		case 'q':
			quick = true
		case 'v':
			howto |= bootVerbose
		case 'x':
			howto |= bootDebug
		case 'z':
			howto |= bootSilent
		}
		return nil
	})
	if err != nil {
		return e.usage(1, "reboot [-dlnqvxz] [-- <boot string>]")
	}
	if len(args) > 0 {
		howto |= netbsd.RB_STRING
	}
	uid, err := e.Kernel.Getuid(ctx)
	if err != nil {
		return err
	}
	if uid != 0 {
		return errx(1, "%s", netbsd.EPERM.Error())
	}
	if !quick && howto&netbsd.RB_NOSYNC == 0 {
		if err := e.Kernel.Sync(ctx); err != nil {
			return err
		}
	}
	// There are no processes to be warned: those of a rump kernel are its clients.
	if err := e.Kernel.Reboot(ctx, howto, strings.Join(args, " ")); err != nil {
		return errc(1, err, "reboot")
	}
	return nil
}
