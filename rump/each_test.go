package rump_test

import (
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// netArgs say what a kernel with a network is made of.
var netArgs = append([]string{"-lrumpvfs", "-lrumpnet_local"}, rumptest.Net...)

// eachKernel runs a test on a fake kernel with a network, and on a real one where
// there is one. Each call of process makes a new process of the same kernel.
func eachKernel(t *testing.T, test func(t *testing.T, process func(testing.TB) *rump.Kernel)) {
	t.Run("fake", func(t *testing.T) {
		cfg := fakeserver.Config{}
		for _, arg := range netArgs {
			cfg.Components = append(cfg.Components, strings.TrimPrefix(arg, "-l"))
		}
		fake, err := fakeserver.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { fake.Close() })
		test(t, func(t testing.TB) *rump.Kernel {
			t.Helper()
			u, err := sysproxy.ParseURL(fake.URL())
			if err != nil {
				t.Fatal(err)
			}
			d := sysproxy.Dialer{DialContext: fake.DialContext}
			c, err := d.DialURL(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			k := rump.New(c)
			t.Cleanup(func() { k.Close() })
			return k
		})
	})
	t.Run("real", func(t *testing.T) {
		url := netKernel(t)
		test(t, func(t testing.TB) *rump.Kernel { return dial(t, url) })
	})
}
