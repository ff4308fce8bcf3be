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

// picturePackets is how many packets a picture shows, the last ones.
const picturePackets = 500

// logKept keeps what a failed test leaves as its artifacts and says where.
func (t *test) logKept(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	kept, err := t.keepAll(ctx)
	if len(kept) > 0 {
		t.events.Logged(t.name, "kept: "+strings.Join(kept, ", "))
	}
	if err != nil {
		t.events.Logged(t.name, "cannot be kept: "+err.Error())
	}
}

// keepAll keeps as artifacts of a test, of each kernel that has printed something,
// NAME.console, the end of it; and of each bus NAME.pcapng, and NAME.svg, a picture.
// It returns the names of the files.
func (t *test) keepAll(ctx context.Context) ([]string, error) {
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
	t.sc.mu.Lock()
	kernels := slices.Clone(t.sc.started)
	t.sc.mu.Unlock()
	times := make(map[string]int) // several kernels may have one name
	for _, in := range kernels {
		name := strings.ReplaceAll(in.Kernel.String(), "/", "_")
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, times[name])
		}
		if text := in.Console(); text != "" {
			keep(name+".console", []byte(text))
		}
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
