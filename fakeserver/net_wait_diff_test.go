package fakeserver_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// selecting makes a select(2) of some of the sockets, which does not wait.
func (g *random) selecting() netStep {
	masks := [3]int{g.r.IntN(256), g.r.IntN(256), g.r.IntN(256)}
	for i := range masks {
		if g.r.IntN(3) == 0 {
			masks[i] = -1
		} else if g.r.IntN(2) == 0 {
			masks[i] &= g.r.IntN(256)
		}
	}
	less := pick(g, 0, 0, 0, 0, -1, 20)
	return netStep{fmt.Sprintf("select(%x, less %d)", masks, less), -1, func(s *netSide) (answer, error) {
		nd := 0
		for slot, fd := range s.fds {
			for _, m := range masks {
				if m >= 0 && m&(1<<slot) != 0 && fd >= 0 {
					nd = max(nd, int(fd)+1)
				}
			}
		}
		if less < 0 {
			nd = -1
		} else {
			nd += less
		}
		k := call(s.c, netbsd.SYS___SELECT50).Int(int64(nd))
		var sets [3][]byte
		for i, m := range masks {
			if m < 0 {
				k.Uint(0)
				continue
			}
			set := netbsd.NewFdSet(256)
			for slot, fd := range s.fds {
				if m&(1<<slot) != 0 && fd >= 0 && int(fd) < nd {
					set[fd/32] |= 1 << (fd % 32)
				}
			}
			sets[i] = set.Append(nil)
			k.InOut(sets[i])
		}
		r, err := k.In(netbsd.Timeval{}.Append(nil)).Do(context.Background())
		a := answer{errno: netbsd.Errno(r.Errno)}
		if err != nil || a.errno != 0 {
			return a, err
		}
		a.r0 = r.R0
		for i, b := range sets {
			set, _ := netbsd.ParseFdSet(b)
			for slot, fd := range s.fds {
				if b != nil && fd >= 0 && set[fd/32]&(1<<(fd%32)) != 0 {
					a.out += fmt.Sprintf(" %c#%d", "rwe"[i], slot)
				}
			}
		}
		return a, nil
	}}
}

// kevent registers an event of a socket with the side's kqueue, or looks at what
// has happened.
func (g *random) kevent(slot int) netStep {
	room := pick(g, 0, 1, 8, 8)
	ev := netbsd.Kevent{
		Filter: uint32(pick(g, 0, 0, 1, 1, 3, 9)), Udata: int64(slot), Data: int64(pick(g, 0, 0, 1, 10, 1000)),
		Flags: uint32(pick(g, 1, 1, 1, 0x11, 0x21, 0x81, 2, 4, 8, 0x41)), Fflags: uint32(pick(g, 0, 0, 1, 2)),
	}
	changes := 1
	if g.r.IntN(3) == 0 {
		changes, room = 0, 8
	}
	name := fmt.Sprintf("kevent(#%d, %d of %+v, room %d)", slot, changes, ev, room)
	return netStep{name, -1, func(s *netSide) (answer, error) {
		ev := ev
		ev.Ident = uint64(s.fds[slot])
		out := make([]byte, max(room, 1)*netbsd.SizeofKevent)
		r, err := call(s.c, netbsd.SYS___KEVENT50).Int(s.kq).In(ev.Append(nil)).Int(int64(changes)).Out(out).Int(int64(room)).
			In(netbsd.Timespec{}.Append(nil)).Do(context.Background())
		a := answer{r0: r.R0, errno: netbsd.Errno(r.Errno)}
		if err != nil || a.errno != 0 {
			a.r0 = 0
			return a, err
		}
		evs, err := netbsd.ParseKevents(out[:r.R0*netbsd.SizeofKevent])
		var lines []string
		for _, ev := range evs {
			slot := slices.Index(s.fds[:], int64(ev.Ident))
			lines = append(lines, fmt.Sprintf(" {#%d filter %d flags %#x fflags %#x data %d udata %d}", slot, ev.Filter, ev.Flags, ev.Fflags, ev.Data, ev.Udata))
		}
		slices.Sort(lines) // what has happened first is a matter of chance
		a.out = fmt.Sprint(lines)
		return a, err
	}}
}
