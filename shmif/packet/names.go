package packet

import (
	"sync"

	"github.com/rumpkernel/rumpscript/shmif"
)

// Names knows who is on a bus. Kernels are known by the Ethernet addresses of the interfaces that are attached to this
// bus; the number with which an interface marks its frames is learnt from the first frame it sends under its own address,
// so that frames which a kernel forwards for others are its own too. The zero value knows nobody.
type Names struct {
	mu     sync.Mutex
	mac    map[MAC]string
	sender map[uint64]string
}

// SetMAC names the station with an interface of this address.
func (n *Names) SetMAC(m MAC, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.mac == nil {
		n.mac = make(map[MAC]string)
	}
	n.mac[m] = name
}

// SetSender names the station which marks its frames with this number.
func (n *Names) SetSender(id uint64, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sender == nil {
		n.sender = make(map[uint64]string)
	}
	n.sender[id] = name
}

// Sender returns the name of a frame's sender, "" if it has none. A nil n knows nobody.
func (n *Names) Sender(f shmif.Frame) string {
	if n == nil {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if name := n.sender[f.Sender]; name != "" {
		return name
	}
	if len(f.Data) < shmif.MinFrame {
		return ""
	}
	name := n.mac[macOf(f.Data[6:12])]
	if name != "" && f.Sender != 0 {
		if n.sender == nil {
			n.sender = make(map[uint64]string)
		}
		n.sender[f.Sender] = name
	}
	return name
}

// Station returns the name of the station with an address, or the address.
func (n *Names) Station(m MAC) string {
	if n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		if name := n.mac[m]; name != "" {
			return name
		}
	}
	if m == Broadcast {
		return "all"
	}
	return m.String()
}

// Decode takes a frame apart and fills in who sent it.
func (n *Names) Decode(f shmif.Frame) *Packet {
	p := Decode(f)
	p.From = n.Sender(f)
	return p
}
