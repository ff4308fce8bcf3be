package fakeserver_test

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/replay"
)

// parity is how many answers of a recording are known to differ.
var parity = map[string]int{
	"files": 0, "tmpfs": 0, "sysctl": 0, "sysctl-all": 0, "sockets": 0, "fork-exec": 0, "halt": 0, "modules-rnd": 0,
	"ffs":            34, // the fake mounts no format of real disks
	"ifconfig-shmif": 0, "route": 0, "ping-loopback": 0, "two-kernels": 0,
}

// recordedMAC finds the hardware address that shmif0 had in a recording: clients
// send it back.
func recordedMAC(rec *replay.Recording) net.HardwareAddr {
	for _, f := range rec.Frames {
		if i := bytes.Index(f.Payload, []byte("shmif0\xb2\xa0")); i >= 0 && len(f.Payload) >= i+12 {
			return net.HardwareAddr(f.Payload[i+6 : i+12])
		}
	}
	return nil
}

// secondMAC is the hardware address of the second kernel in two-kernels.
var secondMAC = mac("b2:a0:48:73:ab:64")

// stride is by how much time goes on at once.
const stride = 50 * time.Millisecond

// TestParity sends what recorded clients sent, and compares the answers.
func TestParity(t *testing.T) {
	for name, known := range parity {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, err := replay.Load(filepath.Join("..", "testdata", "recordings", name))
			if err != nil {
				t.Fatal(err)
			}
			// Time passes only while the session slept or a client waits, so that
			// it does not matter how fast this machine is.
			clock := fakeserver.NewManualClock(time.Now())
			cfg := fakeserver.Config{Components: rec.Components, Hostname: "rump-00001.vm", BusDir: t.TempDir(), Clock: clock}
			if mac := recordedMAC(rec); mac != nil {
				cfg.HardwareAddrs = map[string]net.HardwareAddr{"shmif0": mac}
			}
			host := t.TempDir()
			for _, arg := range rec.Disks {
				d, err := fakeserver.ParseDisk(arg)
				if err != nil {
					t.Fatal(err)
				}
				d.HostPath = filepath.Join(host, d.HostPath)
				cfg.Disks = append(cfg.Disks, d)
			}
			k, err := fakeserver.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer k.Close()
			if name == "two-kernels" {
				other := newHost(t, fakeserver.Config{Components: rec.Components, BusDir: cfg.BusDir, Clock: clock, HardwareAddrs: secondMAC})
				other.shmif("shmif0", "busmem", "10.0.0.2/24", "2001:db8::2/64")
			}
			r, err := replay.Run(context.Background(), rec, replay.Options{
				Dial:   func(ctx context.Context) (net.Conn, error) { return k.DialContext(ctx, "", "") },
				Settle: k.WaitProcesses,
				Sleep: func(d time.Duration) {
					for ; d > 0; d -= stride {
						clock.Advance(stride)
						runtime.Gosched()
					}
				},
				Idle: func() { clock.Advance(stride) },
			})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, d := range r.Diffs {
				b.WriteString(d.String() + "\n")
			}
			t.Logf("%d of %d answers are the real kernel's\n%s", r.Equal, r.Answers, &b)
			if n := r.Answers - r.Equal; n != known {
				t.Errorf("%d answers differ, want %d", n, known)
			}
		})
	}
}
