package rump_test

import (
	"errors"
	"testing"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// TestZoneOfDigits gives zones as numbers, which a kernel must not be asked for by
// name: some end then.
func TestZoneOfDigits(t *testing.T) {
	eachKernel(t, func(t *testing.T, process func(testing.TB) *rump.Kernel) {
		k, ctx := process(t), t.Context()
		if n, err := k.ZoneID(ctx, "1"); n != 1 || err != nil {
			t.Errorf("zone 1 is %d, %v", n, err)
		}
		if n, err := k.ZoneID(ctx, "lo0"); n != 1 || err != nil {
			t.Errorf("zone lo0 is %d, %v", n, err)
		}
		if n, err := k.Interface("1").Index(ctx); !errors.Is(err, netbsd.ENXIO) {
			t.Errorf("interface 1 has index %d, %v", n, err)
		}
		if err := k.Supports(ctx, netbsd.AF_INET); err != nil {
			t.Errorf("the kernel is gone: %v", err)
		}
	})
}
