package inet

import (
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// spanningTree starts or ends the spanning tree on all ports, after a change of
// the bridge or of a port. This bridge takes itself for the root: it waits as the
// protocol wants it before it forwards, but exchanges nothing with others.
func (d *bridgeDriver) spanningTree() {
	running := d.ifp.upRunning()
	for _, p := range d.ports {
		switch active := running && p.flags&netbsd.IFBIF_STP != 0; {
		case active && p.state == netbsd.BSTP_IFSTATE_DISABLED:
			p.state = netbsd.BSTP_IFSTATE_LISTENING
			d.await(p)
		case !active && p.state != netbsd.BSTP_IFSTATE_DISABLED:
			p.state = netbsd.BSTP_IFSTATE_DISABLED
			p.delay.stop()
		}
	}
}

// await has a port go on to the next state once the forward delay is over.
func (d *bridgeDriver) await(p *bridgePort) {
	p.delay.set(d.ifp.n, time.Duration(d.forward)*time.Second/256, func() {
		if p.state++; p.state < netbsd.BSTP_IFSTATE_FORWARDING {
			d.await(p)
		}
	})
}

// learns reports whether a port may learn where stations are.
func (p *bridgePort) learns() bool {
	return p.flags&netbsd.IFBIF_STP == 0 || p.state == netbsd.BSTP_IFSTATE_LEARNING || p.state == netbsd.BSTP_IFSTATE_FORWARDING
}

// forwards reports whether frames may pass through a port.
func (p *bridgePort) forwards() bool {
	return p.flags&netbsd.IFBIF_STP == 0 || p.state == netbsd.BSTP_IFSTATE_FORWARDING
}
