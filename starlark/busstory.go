package starlark

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

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

// logCaptures keeps captures and says where.
func (t *test) logCaptures(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	kept, err := t.keepCaptures(ctx)
	if len(kept) > 0 {
		t.events.Logged(t.name, "captures: "+strings.Join(kept, ", "))
	}
	if err != nil {
		t.events.Logged(t.name, "captures: "+err.Error())
	}
}

// keepCaptures keeps what was on the buses as artifacts of a test: of each bus
// NAME.pcapng, and NAME.svg, a picture. It returns the names of the files.
func (t *test) keepCaptures(ctx context.Context) ([]string, error) {
	if t.artifacts == "" {
		return nil, nil
	}
	var kept []string
	var errs []error
	keep := func(name string, data []byte) {
		err := t.artifact(name, data)
		if err == nil {
			kept = append(kept, filepath.Join(t.artifacts, name))
		}
		errs = append(errs, err)
	}
	for _, b := range t.sc.usedBuses() {
		w := b.current()
		errs = append(errs, w.sync(ctx))
		var file bytes.Buffer
		errs = append(errs, packet.WriteFile(&file, b.name, w.names, w.rec.Frames()))
		keep(b.name+".pcapng", file.Bytes())
		if packets := w.since(0); len(packets) > 0 {
			packets = packets[max(0, len(packets)-picturePackets):]
			keep(b.name+".svg", packet.NewLadder(packets, packet.ByStation, w.names).SVG())
		}
	}
	return kept, errors.Join(errs...)
}

// picturePackets is how many packets a picture shows, the last ones.
const picturePackets = 500
