package fakeserver_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestModules compares which modules components bring, and how many others
// require each, on the fake and on a real kernel where there is one.
func TestModules(t *testing.T) {
	for _, tt := range []struct {
		name       string
		components []string
		want       []string
	}{
		{"files", []string{"rumpvfs"}, []string{"wapbl requires \"\" by 0"}},
		{
			"disks", []string{"rumpvfs", "rumpdev", "rumpdev_disk", "rumpfs_ffs"},
			[]string{"dk_subr requires \"\" by 0", "ffs requires \"wapbl\" by 0", "wapbl requires \"\" by 1"},
		},
		{
			"layers", []string{"rumpvfs", "rumpdev", "rumpdev_disk", "rumpfs_ffs", "rumpfs_ext2fs", "rumpvfs_layerfs"},
			[]string{
				"dk_subr requires \"\" by 0", "ext2fs requires \"ffs\" by 0", "ffs requires \"wapbl\" by 1", "layerfs requires \"\" by 0",
				"wapbl requires \"\" by 1",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Run("fake", func(t *testing.T) {
				_, c := start(t, fakeserver.Config{Components: tt.components})
				if diff := cmp.Diff(tt.want, modules(t, c)); diff != "" {
					t.Error(diff)
				}
			})
			t.Run("real", func(t *testing.T) {
				c := dialReal(t, tt.components...)
				if diff := cmp.Diff(tt.want, modules(t, c)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// modules lists the modules that not every kernel has.
func modules(t *testing.T, c *sysproxy.Client) []string {
	t.Helper()
	k := call(c, netbsd.SYS_MODCTL).Int(netbsd.MODCTL_STAT)
	buf := make([]byte, 64*netbsd.SizeofModstat)
	iov := binary.LittleEndian.AppendUint64(nil, k.Lend(buf, sysproxy.Write))
	iov = binary.LittleEndian.AppendUint64(iov, uint64(len(buf)))
	if _, errno := do(t, k.InOut(iov)); errno != 0 {
		t.Fatal(errno)
	}
	var list []string
	mods, err := netbsd.ParseModstats(buf[:binary.LittleEndian.Uint64(iov[8:])])
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mods {
		if m.Name != "suser" && m.Name != "ksem" {
			list = append(list, fmt.Sprintf("%s requires %q by %d", m.Name, m.Required, m.Refcnt))
		}
	}
	slices.Sort(list)
	return list
}
