package kern

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// An eventCounter is a struct evcnt. The fake has those of its components by name, and
// counts nothing.
type eventCounter struct{ group, name string }

// baseCounters are those which every kernel has, in the order of the kernel's list.
func baseCounters() []eventCounter {
	return []eventCounter{
		{"vmem", "static_bt_inuse"}, {"vmem", "static_bt_count"}, {"pserialize", "exclusive access"},
		{"rump biglock", "fast"}, {"rump biglock", "slow"}, {"rump biglock", "recurse"},
		{"callout", "late/0"}, {"callout", "wait/0"}, {"crosscall", "unicast"}, {"crosscall", "broadcast"},
		{"callout", "late/1"}, {"callout", "wait/1"},
	}
}

// CountEvents adds counters of one group, when a component is assembled.
func (k *Kernel) CountEvents(group string, names ...string) {
	for _, name := range names {
		k.counters = append(k.counters, eventCounter{group, name})
	}
}

// append appends a struct evcnt_sysctl: its strings follow it, and its length counts
// eights of octets.
func (e eventCounter) append(b []byte) []byte {
	const fixed = 28 // the count, two addresses, the type and three lengths
	size := (fixed + len(e.group) + 1 + len(e.name) + 1 + 7) &^ 7
	p := make([]byte, size)
	p[25], p[26], p[27] = byte(len(e.group)), byte(len(e.name)), byte(size/8)
	copy(p[fixed:], e.group+"\x00"+e.name)
	return append(b, p...)
}

// sysctlEvents is kern.evcnt, whose name goes on with a type of counters and with
// whether those that are 0 are wanted (<sys/evcnt.h>).
func (k *Kernel) sysctlEvents(r *sysctl.Request) netbsd.Errno {
	const (
		typeAny, typeMisc, typeTrap = -1, 0, 2
		countAny, countNonzero      = 0, 1
		slack                       = 1024
	)
	if len(r.Name) == 1 && r.Name[0] == netbsd.CTL_QUERY {
		return r.Default()
	}
	if len(r.Name) != 2 || r.Name[0] < typeAny || r.Name[0] > typeTrap || r.Name[1] != countAny && r.Name[1] != countNonzero {
		return netbsd.EINVAL
	}
	var b []byte
	fits := 0
	if r.Name[0] <= typeMisc && r.Name[1] == countAny {
		for _, e := range k.counters {
			b = e.append(b)
			if uint64(len(b)) <= r.OldLen {
				fits = len(b)
			}
		}
	}
	if r.Old == 0 {
		r.OldLen = uint64(len(b) + slack)
		return 0
	}
	r.OldLen = uint64(len(b))
	return r.Copyout(r.Old, b[:fits])
}
