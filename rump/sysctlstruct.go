package rump

import (
	"encoding/binary"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Clockinfo is the value of kern.clockrate.
//
//	struct clockinfo { int hz, tick, tickadj, stathz, profhz; };
type Clockinfo struct{ Hz, Tick, Tickadj, Stathz, Profhz int }

// Loadavg is the value of vm.loadavg.
//
//	struct loadavg { fixpt_t ldavg[3]; long fscale; };
type Loadavg [3]float64

// CPUTime is the value of kern.cp_time: ticks spent in each state.
type CPUTime struct{ User, Nice, Sys, Intr, Idle uint64 }

// structValue decodes the structs that are known by the name of their node, and
// returns the bytes of all others.
func (n *SysctlNode) structValue(b []byte) (any, error) {
	short := func(want int) error {
		return &netbsd.ShortError{What: "sysctl " + n.Name, Want: want, Got: len(b)}
	}
	switch n.Name {
	case "kern.clockrate":
		if len(b) < 20 {
			return nil, short(20)
		}
		i := func(off int) int { return int(int32(binary.LittleEndian.Uint32(b[off:]))) }
		return Clockinfo{i(0), i(4), i(8), i(12), i(16)}, nil
	case "vm.loadavg":
		if len(b) < 24 {
			return nil, short(24)
		}
		scale := float64(binary.LittleEndian.Uint64(b[16:]))
		l := func(off int) float64 { return float64(binary.LittleEndian.Uint32(b[off:])) / scale }
		return Loadavg{l(0), l(4), l(8)}, nil
	case "kern.boottime":
		t, err := netbsd.ParseTimeval(b)
		if err != nil {
			return nil, err
		}
		return t.Time(), nil
	case "kern.cp_time":
		if len(b) < 40 {
			return nil, short(40)
		}
		u := func(off int) uint64 { return binary.LittleEndian.Uint64(b[off:]) }
		return CPUTime{u(0), u(8), u(16), u(24), u(32)}, nil
	}
	return slices.Clone(b), nil
}
