package rump

import (
	"context"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Time returns the kernel's idea of the time of day, in which it says when
// addresses, routes and neighbours expire.
func (k *Kernel) Time(ctx context.Context) (time.Time, error) {
	b := make([]byte, netbsd.SizeofTimespec)
	if _, err := k.do(ctx, k.call(netbsd.SYS___CLOCK_GETTIME50).Int(netbsd.CLOCK_REALTIME).Out(b), "clock_gettime", ""); err != nil {
		return time.Time{}, err
	}
	t, err := netbsd.ParseTimespec(b)
	return t.Time(), err
}
