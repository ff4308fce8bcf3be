package starlark

import (
	"testing"

	"github.com/rumpkernel/rumpscript/shmif"
)

// What a long recording does not keep is told.
func TestRecordingTellsWhatItDoesNotKeep(t *testing.T) {
	sc := newScope(New(Config{}), new(turn))
	defer sc.close(t.Context())
	b, err := sc.bus("wire", "")
	if err != nil {
		t.Fatal(err)
	}
	w, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	w.rec.Limit = 1000
	const n, size, header = 10, 200, 24
	for range n {
		if _, err := w.bus.Send(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	packets := w.since(0)
	if kept := len(packets); kept < 1 || kept > 5 || lostBefore(packets) != uint64((n-kept)*(size+header))+header {
		t.Errorf("of %d packets %d are kept, and %d bytes are told to be lost", n, kept, lostBefore(packets))
	}
	if end, err := w.end(t.Context()); err != nil || len(w.since(end)) != 0 {
		t.Errorf("end: %v, %v", end, err)
	}
	if end := packets[len(packets)-1].End(); end != mustEnd(t, w.bus) {
		t.Errorf("the last packet ends at %v", end)
	}
}

func mustEnd(t *testing.T, b *shmif.Bus) shmif.Position {
	t.Helper()
	end, err := b.End()
	if err != nil {
		t.Fatal(err)
	}
	return end
}
