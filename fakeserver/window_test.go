package fakeserver_test

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/shmif"
)

// A window is how many octets a TCP advertised at most, and by how many bits it
// shifted them.
type window struct{ most, scale int }

// see looks at a TCP segment.
func (w *window) see(seg []byte) {
	const syn = 2
	if size := int(binary.BigEndian.Uint16(seg[14:])); seg[13]&syn == 0 {
		w.most = max(w.most, size<<w.scale)
		return
	}
	for opts := seg[20 : 4*(seg[12]>>4)]; len(opts) > 0; {
		switch opts[0] {
		case 0: // the end
			return
		case 1: // nothing
			opts = opts[1:]
			continue
		case 3:
			w.scale = int(opts[2])
		}
		opts = opts[opts[1]:]
	}
}

// TestWindow looks at the windows of a kernel that receives. By their scale they are
// at most 512 KiB, half of a bus: when more is on its way, a reader which is held up
// loses frames.
func TestWindow(t *testing.T) {
	const port = 5000
	fake := func(t *testing.T) *host { return newHost(t, fakeserver.Config{Components: diffComponents}) }
	for name, receiver := range map[string]func(*testing.T) *host{
		"fake": fake,
		"real": func(t *testing.T) *host { return realHost(t) },
	} {
		t.Run(name, func(t *testing.T) {
			to, path := receiver(t), filepath.Join(t.TempDir(), "bus")
			bus, err := shmif.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer bus.Close()
			r, done := bus.NewReader(0), make(chan struct{})
			var win window
			go func() {
				defer close(done)
				for f, err := range r.Frames(context.Background()) {
					if err != nil {
						t.Error(err)
						return
					}
					const ip, tcp = 14, 34
					if d := f.Data; d[12] == 8 && d[13] == 0 && d[ip] == 0x45 && d[ip+9] == netbsd.IPPROTO_TCP && binary.BigEndian.Uint16(d[tcp:]) == port {
						win.see(d[tcp:])
					}
				}
			}()
			w := &wire{a: fake(t), b: to}
			w.a.onWire(path, "10.0.0.1/24")
			w.b.onWire(path, "10.0.0.2/24")
			c, s := w.pair(netbsd.AF_INET, "10.0.0.2:5000")
			carry(t, w.a, c, w.b, s, 8<<20)
			r.Close()
			<-done
			if win.scale != 3 || win.most < 16<<10 {
				t.Errorf("a window of %d octets, scale %d; want scale 3", win.most, win.scale)
			}
		})
	}
}
