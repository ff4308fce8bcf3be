package starlark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// recordingLimit is how many bytes of frames are kept of a bus, the last ones.
const recordingLimit = 64 << 20

// wire is a bus that somebody uses: the file, what was recorded on it, and who
// is there. Without conditions all stations share the file, and a capture records
// it; with conditions each has a file of its own, and a segment carries and
// records the frames.
type wire struct {
	bus   *shmif.Bus
	rec   *shmif.Recording
	names *packet.Names

	capture *shmif.Capture // nil if there is a segment

	mu       sync.Mutex
	seg      *segment  // nil if there are no conditions
	stations []station // in the order in which they joined
	guests   []io.Closer
}

// station is who takes part in a bus: a kernel with an interface, or a host.
type station struct {
	name  string // by which captures know it
	port  string // by which the segment knows this one of its places
	owner any    // the kernel or host itself
}

func newWire(b *Bus) (*wire, error) {
	sb, err := shmif.Create(b.path)
	if err != nil {
		return nil, err
	}
	end, err := sb.End()
	if err != nil {
		sb.Close()
		return nil, err
	}
	w := &wire{bus: sb, rec: &shmif.Recording{Limit: recordingLimit}, names: new(packet.Names)}
	w.names.SetSender(sb.Sender(), scriptName)
	if b.cond.given() {
		if err := w.addSegment(b); err != nil {
			sb.Close()
			return nil, err
		}
		return w, nil
	}
	w.capture = shmif.StartCapture(sb, end, w.rec)
	return w, nil
}

// scriptName is the sender of what bus.send sends.
const scriptName = "script"

// join takes in a station, and returns the name by which captures know it and
// the path of the bus file that it is to use.
func (w *wire) join(name string, owner any) (string, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	places, taken := 0, 0
	for _, s := range w.stations {
		switch {
		case s.owner == owner:
			name = s.name
			places++
		case s.name == name:
			taken++
		}
	}
	for n := 2; places == 0 && taken > 0; n++ { // two kernels of one name
		next := fmt.Sprintf("%s#%d", name, n)
		taken = 0
		for _, s := range w.stations {
			if s.name == next {
				taken++
			}
		}
		if taken == 0 {
			name = next
		}
	}
	s := station{name: name, port: name, owner: owner}
	if places > 0 {
		s.port = fmt.Sprintf("%s/%d", name, places+1)
	}
	path := w.bus.Path()
	if w.seg != nil {
		path = fmt.Sprintf("%s.%d", w.bus.Path(), len(w.stations)+1)
		if err := w.seg.add(s.port, path, append(w.stations[:len(w.stations):len(w.stations)], s)); err != nil {
			return "", "", err
		}
	}
	w.stations = append(w.stations, s)
	return name, path, nil
}

// keep has a guest of ours closed with the bus.
func (w *wire) keep(g io.Closer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.guests = append(w.guests, g)
}

func (w *wire) segment() *segment {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seg
}

// failed returns why the wire carries nothing any more, nil if it does.
func (w *wire) failed() error {
	if s := w.segment(); s != nil {
		return s.failed()
	}
	return nil
}

// sync waits until all that has been sent is recorded.
func (w *wire) sync(ctx context.Context) error {
	s := w.segment()
	if s == nil {
		return w.capture.Sync(ctx)
	}
	if err := s.seg.Sync(ctx); err != nil {
		return err
	}
	return s.failed()
}

// end returns the place in the recording where what is sent next begins.
func (w *wire) end(ctx context.Context) (shmif.Position, error) {
	if err := w.sync(ctx); err != nil {
		return 0, err
	}
	if s := w.segment(); s != nil {
		return s.position(), nil
	}
	return w.bus.End()
}

// since returns the packets that were recorded from a place on. Those which are
// not kept are counted in the first one's Lost.
func (w *wire) since(pos shmif.Position) []*packet.Packet {
	var packets []*packet.Packet
	for c := w.rec.NewCursor(pos); ; {
		f, ok, err := c.TryNext()
		if !ok || err != nil {
			return packets // the recording is closed with the wire
		}
		p := w.names.Decode(f)
		w.fate(p)
		packets = append(packets, p)
	}
}

// fate says of a packet whom it will not reach.
func (w *wire) fate(p *packet.Packet) {
	if s := w.segment(); s != nil {
		p.Missed = s.missed(p.Position)
	}
}

func (w *wire) close() error {
	w.mu.Lock()
	guests, seg := w.guests, w.seg
	w.mu.Unlock()
	var errs []error
	for _, g := range guests {
		errs = append(errs, g.Close())
	}
	if seg != nil {
		errs = append(errs, seg.close())
	} else {
		_, err := w.capture.Stop()
		errs = append(errs, err)
	}
	errs = append(errs, w.bus.Close(), w.rec.Close())
	return errors.Join(errs...)
}
