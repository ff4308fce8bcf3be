package starlark

import (
	"fmt"
	"os"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

func busReplay(c *call) (starlark.Value, error) {
	var file string
	var speed starlark.Value = starlark.MakeInt(1)
	if err := c.unpack(&file, &speed); err != nil {
		return nil, err
	}
	f, ok := starlark.AsFloat(speed)
	if !ok || !(f >= 0) {
		return nil, fmt.Errorf("replay: got %s where a speed is wanted: 2 is twice as fast, 0 does not wait", speed)
	}
	o := shmif.ReplayOptions{Speed: f}
	if f == 0 {
		o.Speed = -1 // which is what does not wait there
	}
	b := c.self.(*Bus)
	w, err := b.open()
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		n, err := shmif.Replay(c.ctx, w.bus, packet.Frames(f), o)
		return starlark.MakeInt(n), expectError(c.ctx, "bus "+b.name+": replay "+file, err)
	})
}
