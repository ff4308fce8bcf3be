package starlark

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// storyPackets is how many packets of a bus the story of a failure shows, the last ones.
const storyPackets = 40

// busStory tells of a failure what was on the buses: the last packets as a ladder.
func (sc *scope) busStory(ctx context.Context) string {
	var text strings.Builder
	for _, b := range sc.usedBuses() {
		w := b.current()
		if err := w.sync(ctx); err != nil {
			fmt.Fprintf(&text, "bus %s: %v\n", b.name, err)
		}
		packets := w.since(0)
		fmt.Fprintf(&text, "bus %s: %d packets", b.name, len(packets))
		if n := lostBefore(packets); n > 0 {
			fmt.Fprintf(&text, ", %d bytes of the bus lost", n)
		}
		if s := w.segment(); s != nil {
			fmt.Fprintf(&text, ", seed = %d", s.seg.Seed())
		}
		if skip := len(packets) - storyPackets; skip > 0 {
			fmt.Fprintf(&text, ", of which the last %d are", storyPackets)
			packets = packets[skip:]
		}
		text.WriteString("\n")
		if len(packets) > 0 {
			text.WriteString(indent(packet.NewLadder(packets, packet.ByStation, w.names).String(), "    "))
		}
	}
	return text.String()
}

func lostBefore(packets []*packet.Packet) (n uint64) {
	for _, p := range packets {
		n += p.Lost
	}
	return n
}

// usedBuses returns the buses that have been opened.
func (sc *scope) usedBuses() []*Bus {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(sc.buses), func(b *Bus) bool { return b.current() == nil })
}
