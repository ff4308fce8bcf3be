package fakeserver_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// spared are calls which end the kernel, may wait, or answer with what differs
// from run to run.
var spared = map[netbsd.Sysno]bool{
	netbsd.SYS_REBOOT: true, netbsd.SYS_POLL: true, netbsd.SYS___POLLTS50: true, netbsd.SYS___SELECT50: true, netbsd.SYS___PSELECT50: true,
	netbsd.SYS___KEVENT50: true, netbsd.SYS___NANOSLEEP50: true, netbsd.SYS_CLOCK_NANOSLEEP: true, netbsd.SYS___SETTIMEOFDAY50: true,
	netbsd.SYS___CLOCK_SETTIME50: true, netbsd.SYS___ADJTIME50: true, netbsd.SYS_COMPAT_50_SELECT: true,
	netbsd.SYS_READ: true, netbsd.SYS_READV: true, netbsd.SYS_FLOCK: true, netbsd.SYS_FCNTL: true,
	// They would make the calls after them mean less.
	netbsd.SYS_SETUID: true, netbsd.SYS_SETREUID: true, netbsd.SYS_SETEUID: true, netbsd.SYS_CHROOT: true, netbsd.SYS_FCHROOT: true,
	// The real kernel does not survive them.
	netbsd.SYS_MODCTL: true,
	// Known differences: process groups that nobody is in, tracing of process 1,
	// handles of files.
	netbsd.SYS_SETPGID: true, netbsd.SYS_FKTRACE: true, netbsd.SYS_KTRACE: true, netbsd.SYS___FHOPEN40: true,
}

// TestEveryCall makes calls of all numbers with small arguments, on a real kernel
// and on the fake, and compares the errors.
func TestEveryCall(t *testing.T) {
	for _, variant := range []struct {
		name       string
		components []string
		user       int64 // that makes the calls
	}{
		{"files", []string{"rumpvfs", "rumpfs_tmpfs"}, 0},
		{"files as a user", []string{"rumpvfs", "rumpfs_tmpfs"}, 1000},
		{"network", []string{"rumpvfs", "rumpnet", "rumpnet_net", "rumpnet_netinet", "rumpnet_local"}, 0},
		{"bare", []string{"rumpkern_sysproxy"}, 0},
		{"bare as a user", []string{"rumpkern_sysproxy"}, 1000},
	} {
		t.Run(variant.name, func(t *testing.T) {
			real := dialReal(t, variant.components...)
			_, fake := start(t, fakeserver.Config{Components: variant.components})
			if variant.user != 0 {
				for _, c := range []*sysproxy.Client{real, fake} {
					if _, errno := do(t, call(c, netbsd.SYS_SETUID).Int(variant.user)); errno != 0 {
						t.Fatal(errno)
					}
				}
			}
			r := rand.New(rand.NewPCG(*diffSeed, 7))
			for i := range *diffCalls {
				n := netbsd.Sysno(r.IntN(netbsd.SYS_NSYSENT))
				if spared[n] {
					continue
				}
				kinds := make([]int, 6)
				for i := range kinds {
					kinds[i] = r.IntN(8)
				}
				do := func(c *sysproxy.Client) (answer, string, error) {
					k := c.NewCall(uint32(n))
					name := n.String() + "("
					for i, decl := range n.Args() {
						v := []int64{0, 1, 2, 3, 7, -1, 64, 100}[kinds[i%len(kinds)]]
						if i < len(n.Args()) && decl[len(decl)-1] != '*' && containsStar(decl) && kinds[i%len(kinds)] > 1 {
							k.InOut(make([]byte, 4096))
							name += "ptr, "
							continue
						}
						if containsStar(decl) {
							v = 0
						}
						k.Int(v)
						name += fmt.Sprint(v, ", ")
					}
					res, err := k.Do(context.Background())
					return answer{errno: netbsd.Errno(res.Errno)}, name + ")", err
				}
				want, name, err := do(real)
				if os.Getenv("DIFFTRACE") != "" {
					fmt.Println(i, name, want, err)
				}
				if err != nil {
					t.Fatalf("call %d: %s: real kernel: %v", i, name, err)
				}
				got, _, err := do(fake)
				if err != nil {
					t.Fatalf("call %d: %s: fake kernel: %v", i, name, err)
				}
				if got != want {
					t.Errorf("seed %d, call %d: %s: got %v, want %v", *diffSeed, i, name, got, want)
				}
			}
		})
	}
}

func containsStar(s string) bool {
	for _, c := range s {
		if c == '*' {
			return true
		}
	}
	return false
}
