package fakeserver_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestDevices compares the nodes in /dev that components bring,
// with those of a real kernel. Their inode numbers differ from run to run there.
func TestDevices(t *testing.T) {
	for _, components := range [][]string{
		{"rumpkern_tty"},
		{"rumpdev_raidframe"},
		{"rumpdev_fss"},
		{"rumpdev_dm"},
		{"rumpdev_cgd", "rumpdev_vnd", "rumpdev_md", "rumpdev_rnd"},
		{"rumpdev_opencrypto", "rumpkern_crypto", "rumpkern_z"},
		{"rumpdev_putter", "rumpdev_pud"},
		{"rumpdev_sysmon", "rumpdev_wscons"},
		{"rumpdev_scsipi"},
	} {
		t.Run(fmt.Sprint(components), func(t *testing.T) {
			components := append([]string{"rumpvfs", "rumpdev", "rumpdev_disk"}, components...)
			want := dialReal(t, components...)
			_, got := start(t, fakeserver.Config{Components: components})
			if diff := cmp.Diff(listDevices(t, want), listDevices(t, got)); diff != "" {
				t.Errorf("devices (-real +fake):\n%s", diff)
			}
			if diff := cmp.Diff(modules(t, want), modules(t, got)); diff != "" {
				t.Errorf("modules (-real +fake):\n%s", diff)
			}
		})
	}
}

// listDevices lists /dev.
func listDevices(t *testing.T, c *sysproxy.Client) []string {
	t.Helper()
	fd, errno := do(t, call(c, netbsd.SYS_OPEN).String("/dev").Int(0).Int(0))
	if errno != 0 {
		t.Fatal(errno)
	}
	b := make([]byte, 16384)
	n, errno := do(t, call(c, netbsd.SYS___GETDENTS30).Int(int64(fd)).Out(b).Int(int64(len(b))))
	if errno != 0 {
		t.Fatal(errno)
	}
	ents, err := netbsd.ParseDirents(b[:n])
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range ents {
		b := make([]byte, netbsd.SizeofStat)
		do(t, call(c, netbsd.SYS___LSTAT50).String("/dev/"+e.Name).Out(b))
		st, err := netbsd.ParseStat(b)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s: mode %o, %d, %d", e.Name, st.Mode, netbsd.Major(st.Rdev), netbsd.Minor(st.Rdev)))
	}
	slices.Sort(list)
	return list
}

// TestInertDevices opens devices with nothing behind them.
func TestInertDevices(t *testing.T) {
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		for _, d := range []struct {
			path       string
			open, read netbsd.Errno
		}{
			{"/dev/tty", netbsd.ENXIO, 0},
			{"/dev/raid0a", 0, netbsd.ENXIO},
			{"/dev/rraid0d", 0, netbsd.ENXIO},
			{"/dev/fss0", 0, netbsd.ENXIO},
			{"/dev/rfss0", 0, 0},
			{"/dev/sysmon", 0, netbsd.ENODEV},
		} {
			fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(d.path).Int(0).Int(0))
			if errno != d.open {
				t.Errorf("open %s: got %v, want %v", d.path, errno, d.open)
			}
			if errno != 0 {
				continue
			}
			if _, errno := do(t, call(c, netbsd.SYS_READ).Int(int64(fd)).Out(make([]byte, 512)).Int(512)); errno != d.read {
				t.Errorf("read %s: got %v, want %v", d.path, errno, d.read)
			}
		}
	}, "rumpvfs", "rumpdev", "rumpdev_disk", "rumpkern_tty", "rumpdev_raidframe", "rumpdev_fss", "rumpdev_sysmon")
}

// TestTerminalCounters reads a setting that the component of terminals brings.
func TestTerminalCounters(t *testing.T) {
	nin := []int32{netbsd.CTL_KERN, 59, 1} // kern.tkstat.nin
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		if v, errno := sysctl(t, c, nin, 8, nil); errno != 0 || len(v) != 8 {
			t.Errorf("got %x, %v, want 8 bytes", v, errno)
		}
	}, "rumpvfs", "rumpkern_tty")
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		if _, errno := sysctl(t, c, nin, 8, nil); errno != netbsd.ENOENT {
			t.Errorf("without terminals: got %v, want ENOENT", errno)
		}
	}, "rumpvfs")
}
