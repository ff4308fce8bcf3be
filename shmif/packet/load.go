package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/rumpkernel/rumpscript/shmif"
)

// IsBus says whether the file at path is a bus, and no pcapng or pcap file.
func IsBus(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("packet: %w", err)
	}
	defer f.Close()
	var head [4]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return false, nil // too short for either: Read says what it is
	}
	switch binary.LittleEndian.Uint32(head[:]) {
	case 0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1:
		return false, nil
	}
	return true, nil
}

// Load reads what there is in the file at path: a bus, in use or at rest, or a pcapng or pcap file. As the times of a
// bus's packets it gives their senders' uptimes after the Unix epoch, as NetBSD's shmif_dumpbus does. What can be read
// comes before an error.
func Load(path string) iter.Seq2[*Packet, error] {
	return func(yield func(*Packet, error) bool) {
		bus, err := IsBus(path)
		if err != nil {
			yield(nil, err)
			return
		}
		if bus {
			frames, err := snapshot(path)
			for _, f := range frames {
				if !yield(Decode(f), nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
			return
		}
		f, err := os.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("packet: %w", err))
			return
		}
		defer f.Close()
		for p, err := range Read(f) {
			if !yield(p, err) {
				return
			}
		}
	}
}

// snapshot returns the frames on a bus. One that cannot be locked, because it may only be read or because a kernel died
// in the midst of sending, is read without.
func snapshot(path string) ([]shmif.Frame, error) {
	b, err := shmif.Open(path)
	var frames []shmif.Frame
	if err == nil {
		defer b.Close()
		frames, err = b.Snapshot()
	}
	var stuck *shmif.LockError
	if errors.Is(err, os.ErrPermission) || errors.Is(err, errors.ErrUnsupported) || errors.As(err, &stuck) {
		return shmif.ReadFile(path)
	}
	for i := range frames {
		frames[i].Time = time.Unix(0, 0).UTC().Add(frames[i].Sent)
	}
	return frames, err
}
