package recording

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// conversation is one connection of a recording.
type conversation struct {
	id     int
	banner string
	calls  []*call
	taken  bool
}

// call is a request of a client with everything that the server did about it.
type call struct {
	req    sysproxy.Frame
	steps  []*step
	answer *sysproxy.Frame // nil if there was none
	taken  bool
}

// step is a request of the server during a call.
type step struct {
	req  sysproxy.Frame
	resp []byte // what the client answered, if that is the custom
}

// addr returns the address and the length in a step that copies.
func (s *step) addr() (addr uint64, n int) {
	if len(s.req.Data) < 16 {
		return 0, 0
	}
	return binary.LittleEndian.Uint64(s.req.Data[8:]), int(binary.LittleEndian.Uint64(s.req.Data))
}

// converse sorts a recording into conversations, in the order of their beginning.
func converse(entries []Entry) []*conversation {
	var all []*conversation
	type state struct {
		*conversation
		inFlight []*call          // those without an answer
		asked    map[uint64]*step // by the server's request number
	}
	byConn := make(map[int]*state)
	for _, e := range entries {
		c := byConn[e.Conn]
		if c == nil {
			c = &state{&conversation{id: e.Conn}, nil, make(map[uint64]*step)}
			byConn[e.Conn] = c
			all = append(all, c.conversation)
		}
		f := e.Frame
		switch {
		case e.Banner != "":
			c.banner = e.Banner
		case !e.FromServer && f.Class == sysproxy.ClassResponse:
			if s := c.asked[f.ReqNo]; s != nil {
				s.resp = f.Data
				delete(c.asked, f.ReqNo)
			}
		case !e.FromServer:
			k := &call{req: f}
			c.calls = append(c.calls, k)
			c.inFlight = append(c.inFlight, k)
		case f.Class == sysproxy.ClassRequest:
			s := &step{req: f}
			if k := owner(c.inFlight, s); k != nil {
				k.steps = append(k.steps, s)
			}
			c.asked[f.ReqNo] = s
		default:
			for i, k := range c.inFlight {
				if k.req.ReqNo == f.ReqNo {
					k.answer = &f
					c.inFlight = append(c.inFlight[:i:i], c.inFlight[i+1:]...)
					break
				}
			}
		}
	}
	return all
}

// owner tells during which of the calls in flight the server took a step. The
// protocol does not say it: if there are several, it is the one with the nearest
// pointer below the address, and for a step without an address the latest.
func owner(inFlight []*call, s *step) *call {
	if len(inFlight) == 0 {
		return nil
	}
	best := inFlight[len(inFlight)-1]
	if len(inFlight) == 1 || s.req.Type == sysproxy.TypeAnonmmap || s.req.Type == sysproxy.TypeRaise {
		return best
	}
	addr, _ := s.addr()
	nearest := uint64(1) << 63
	for _, k := range inFlight {
		for _, p := range k.pointers() {
			if p <= addr && addr-p < nearest {
				best, nearest = k, addr-p
			}
		}
	}
	return best
}

// pointers returns what may be a pointer among the call's arguments and in what
// the client has answered.
func (k *call) pointers() []uint64 {
	var all []uint64
	for _, v := range words(k.req.Data) {
		if maybePointer(v) {
			all = append(all, v)
		}
	}
	for _, s := range k.steps {
		addr, _ := s.addr()
		if addr%8 != 0 {
			continue
		}
		for _, v := range words(s.resp) {
			if maybePointer(v) {
				all = append(all, v)
			}
		}
	}
	return all
}

// words returns the 64-bit words of b.
func words(b []byte) []uint64 {
	w := make([]uint64, len(b)/8)
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return w
}

// maybePointer reports whether v lies where a process has its memory.
func maybePointer(v uint64) bool { return v >= 64<<10 && v < 1<<47 }
