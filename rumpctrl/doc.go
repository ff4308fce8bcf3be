// Package rumpctrl holds NetBSD's utilities for a rump kernel: ifconfig, sysctl,
// mount, ls, ping and the others, as functions which take an argument vector and
// print what NetBSD's own print.
//
// [Lookup] finds a [Utility] by its name and [Run] runs one:
//
//	status := rumpctrl.Run(ctx, &rumpctrl.Env{
//		Kernel: k,
//		Args:   []string{"ifconfig", "shmif0", "create"},
//		Stdout: os.Stdout,
//		Stderr: os.Stderr,
//	})
//
// The text, the messages on standard error and the exit status are those of the
// manual pages in NetBSD 7.99.34 and of the real utilities there. A utility has
// no state of its own: what it knows it asks of the kernel.
//
// Each utility is a file of its name. To add one, write its function and add a
// line to the table in utilities.go.
package rumpctrl
