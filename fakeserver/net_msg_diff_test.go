package fakeserver_test

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// iovecs lends pieces of memory of the given sizes and returns the vector of them.
func iovecs(k *sysproxy.Call, a sysproxy.Access, pieces [][]byte) uint64 {
	var v []byte
	for _, p := range pieces {
		iov := netbsd.Iovec{Len: uint64(len(p))}
		if len(p) > 0 {
			iov.Base = k.Lend(p, a)
		}
		v = iov.Append(v)
	}
	if len(v) == 0 {
		return 0
	}
	return k.Lend(v, sysproxy.Read)
}

// control makes the control messages of a sendmsg(2), good ones and others. The
// descriptors in them are those in the places that it names.
func (g *random) control() (name string, make_ func(s *netSide) []byte) {
	type part struct {
		level, typ int32
		data       []byte
		slots      []int
		size       int // cmsg_len less the right one
	}
	var parts []part
	for range pick(g, 0, 1, 1, 1, 2) {
		p := part{}
		switch g.r.IntN(5) {
		case 0, 1:
			p.level, p.typ = netbsd.SOL_SOCKET, netbsd.SCM_RIGHTS
			for range pick(g, 0, 1, 1, 2) {
				p.slots = append(p.slots, g.r.IntN(8))
			}
		case 2, 3:
			p.level, p.typ = netbsd.IPPROTO_IPV6, int32(pick(g, netbsd.IPV6_PKTINFO, netbsd.IPV6_HOPLIMIT, netbsd.IPV6_TCLASS, netbsd.IPV6_NEXTHOP, netbsd.IPV6_DONTFRAG, netbsd.IPV6_USE_MIN_MTU, netbsd.IPV6_HOPOPTS, netbsd.IPV6_RTHDR, netbsd.IPV6_DSTOPTS, 0, 99))
			switch g.r.IntN(4) {
			case 0:
				p.data = append(make([]byte, 16), byte(pick(g, 0, 1, 2, 9)), 0, 0, 0)
			case 1:
				p.data = append(bytes.Clone([]byte{0x20, 1, 0x0d, 0xb8, 15: byte(pick(g, 1, 9))}), byte(pick(g, 0, 1, 2, 9)), 0, 0, 0)
			default:
				p.data = make([]byte, pick(g, 0, 1, 4, 4, 4, 8, 20, 24, 28))
				if len(p.data) >= 4 {
					binary.LittleEndian.PutUint32(p.data, uint32(pick(g, 0, 1, 64, 255, 256, -1, -2)))
				}
			}
		default:
			p.level, p.typ = int32(pick(g, 0, 0xffff, 41, 99)), int32(pick(g, 1, 2, 0x10, 20, 24, 7))
			p.data = make([]byte, pick(g, 0, 4, 12))
		}
		if g.r.IntN(8) == 0 {
			p.size = pick(g, -1, -4, -16, 1, 8, 100)
		}
		parts = append(parts, p)
	}
	for _, p := range parts {
		name += fmt.Sprintf("{%#x %#x %x %v %+d}", p.level, p.typ, p.data, p.slots, p.size)
	}
	cut := 0
	if g.r.IntN(12) == 0 {
		cut = pick(g, 1, 4, 12)
		name += fmt.Sprintf("-%d", cut)
	}
	return name, func(s *netSide) []byte {
		var b []byte
		for _, p := range parts {
			data := p.data
			for _, slot := range p.slots {
				data = binary.LittleEndian.AppendUint32(data, uint32(s.fds[slot]))
			}
			at := len(b)
			b = netbsd.ControlMessage{Level: p.level, Type: p.typ, Data: data}.Append(b)
			binary.LittleEndian.PutUint32(b[at:], uint32(netbsd.CmsgLen(len(data))+p.size))
		}
		return b[:max(len(b)-cut, 0)]
	}
}

// sendmsg sends with control messages.
func (g *random) sendmsg(slot int) netStep {
	var pieces [][]byte
	total := 0
	for range pick(g, 0, 1, 1, 2, 3) {
		p := bytes.Repeat([]byte("m"), pick(g, 0, 1, 10, 100, 3000))
		pieces, total = append(pieces, p), total+len(p)
	}
	count := len(pieces)
	if g.r.IntN(20) == 0 {
		count = pick(g, -1, 1025)
	}
	to, a := "-", []byte(nil)
	if g.r.IntN(2) == 0 {
		to, a = g.address()
	}
	ctl, control := "-", (func(*netSide) []byte)(nil)
	if g.r.IntN(3) > 0 {
		ctl, control = g.control()
	}
	flags := pick(g, 0, 0, 0, 4, 0x80, 0x400, 8)
	n := netbsd.SYS_SENDMSG
	many := g.r.IntN(6) == 0
	if many {
		n = netbsd.SYS_SENDMMSG
	}
	return onSide(slot, fmt.Sprintf("%d bytes in %d, %s, control %s, %#x", total, count, to, ctl, flags), n, func(s *netSide, k *sysproxy.Call) func(sysproxy.Result) string {
		h := netbsd.Msghdr{Iov: iovecs(k, sysproxy.Read, pieces), Iovlen: int32(count)}
		if a != nil {
			h.Name, h.Namelen = k.Lend(a, sysproxy.Read), uint32(len(a))
		}
		if control != nil {
			b := control(s)
			h.Controllen = uint32(len(b))
			if len(b) == 0 {
				b = make([]byte, 1)
			}
			h.Control = k.Lend(b, sysproxy.Read)
		}
		if !many {
			k.In(h.Append(nil)).Int(int64(flags))
			return nil
		}
		b := netbsd.Mmsghdr{Hdr: h}.Append(nil)
		b = append(b, b...)
		k.InOut(b).Int(2).Int(int64(flags))
		return func(r sysproxy.Result) string {
			m, _ := netbsd.ParseMmsghdr(b)
			return fmt.Sprint(m.Len)
		}
	})
}

// recvmsg receives with control messages.
func (g *random) recvmsg(slot int) netStep {
	var sizes []int
	for range pick(g, 0, 1, 1, 2, 3) {
		sizes = append(sizes, pick(g, 0, 1, 10, 100, 20000))
	}
	nameLen, ctlLen := pick(g, -1, 0, 4, 128, 128), pick(g, -1, 0, 8, 16, 20, 24, 100, 200)
	flags := pick(g, 0, 0, 2, 0x80, 0x82, 0x20, 1, 0x800)
	to := g.r.IntN(8)
	n := netbsd.SYS_RECVMSG
	many := g.r.IntN(6) == 0
	if many {
		n = netbsd.SYS_RECVMMSG
	}
	return onSide(slot, fmt.Sprintf("%v, name %d, control %d, %#x, descriptors from #%d", sizes, nameLen, ctlLen, flags, to), n, func(s *netSide, k *sysproxy.Call) func(sysproxy.Result) string {
		var pieces [][]byte
		for _, n := range sizes {
			pieces = append(pieces, make([]byte, n))
		}
		name, control := make([]byte, 128), make([]byte, 256)
		h := netbsd.Msghdr{Iov: iovecs(k, sysproxy.Write, pieces), Iovlen: int32(len(pieces)), Flags: 0x55}
		if nameLen >= 0 {
			h.Name, h.Namelen = k.Lend(name, sysproxy.Write), uint32(nameLen)
		}
		if ctlLen >= 0 {
			h.Control, h.Controllen = k.Lend(control, sysproxy.Write), uint32(ctlLen)
		}
		b := h.Append(nil)
		if many {
			b = netbsd.Mmsghdr{Hdr: h}.Append(nil)
			b = append(b, make([]byte, len(b))...) // the second takes nothing
			k.InOut(b).Int(2).Int(int64(flags)).Uint(0)
		} else {
			k.InOut(b).Int(int64(flags))
		}
		return func(r sysproxy.Result) string {
			h, _ := netbsd.ParseMsghdr(b)
			out := ""
			if many {
				m, _ := netbsd.ParseMmsghdr(b)
				out = fmt.Sprint(m.Len, " ")
			}
			out += fmt.Sprintf("flags %#x", h.Flags)
			if h.Name != 0 {
				out += " from " + showAddress(name[:min(h.Namelen, 128)])
			}
			if h.Control != 0 {
				out += fmt.Sprintf(" control %d%s", h.Controllen, s.showControl(control[:min(h.Controllen, 256)], to, flags&netbsd.MSG_PEEK != 0))
			}
			return out
		}
	})
}

// showControl prints control messages, and puts descriptors that have come with
// them into places. Who has only looked sees pointers of the kernel's instead.
func (s *netSide) showControl(b []byte, to int, peek bool) string {
	cms, err := netbsd.ParseControlMessages(b)
	out := ""
	for _, cm := range cms {
		switch {
		case cm.Level == netbsd.SOL_SOCKET && cm.Type == netbsd.SCM_RIGHTS:
			for d := cm.Data; len(d) >= 4 && !peek; d = d[4:] {
				s.close(to % len(s.fds))
				s.fds[to%len(s.fds)] = int64(binary.LittleEndian.Uint32(d))
				to++
			}
			out += fmt.Sprintf(" rights %d", len(cm.Data))
		case cm.Level == netbsd.SOL_SOCKET:
			out += fmt.Sprintf(" %#x in %d", cm.Type, len(cm.Data)) // times and process ids
		default:
			out += fmt.Sprintf(" %#x.%#x %x", cm.Level, cm.Type, cm.Data)
		}
	}
	if err != nil {
		out += " cut off"
	}
	return out
}
