package inet

import (
	"encoding/binary"
	"slices"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// ifmedia is what an interface can be connected to, as words of IFM_*, and which of
// them is chosen (ifmedia(9)).
type ifmedia struct {
	words   []int32
	current int32
}

// ioctl carries out SIOCSIFMEDIA and SIOCGIFMEDIA (ifmedia_ioctl).
func (m *ifmedia) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	if cmd == netbsd.SIOCSIFMEDIA {
		word := int32(getUint(data[offUnion:]))
		if !slices.Contains(m.words, word) {
			return netbsd.EINVAL
		}
		m.current = word
		return 0
	}
	req, err := netbsd.ParseIfmediareq(data)
	if err != nil || req.Count < 0 {
		return netbsd.EINVAL
	}
	if req.Count > 0 {
		var b []byte
		for _, w := range m.words[:min(int(req.Count), len(m.words))] {
			b = binary.LittleEndian.AppendUint32(b, uint32(w))
		}
		if errno := c.Copyout(req.Ulist, b); errno != 0 {
			return errno
		}
		if int(req.Count) < len(m.words) {
			return netbsd.E2BIG
		}
	}
	req.Current, req.Active, req.Mask, req.Status, req.Count = m.current, m.current, 0, 0, int32(len(m.words))
	copy(data[offUnion:], req.Append(nil)[offUnion:])
	return 0
}
