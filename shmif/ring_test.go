package shmif

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// A model of the ring: everything ever written, with nothing forgotten.
func TestRingWrapsAround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := freshMemory()
		var all []Frame
		pos := Position(0)
		read := 0 // index in all of the frame at pos, while nothing is lost
		rounds := rapid.IntRange(1, 12).Draw(t, "rounds")
		for range rounds {
			size := rapid.IntRange(MinFrame, MaxFrame).Draw(t, "size")
			for range rapid.IntRange(1, 400).Draw(t, "frames") {
				size = MinFrame + (size*31+len(all))%(MaxFrame-MinFrame+1)
				data := frame(len(all), max(size, 22))
				p, err := m.put("model", uint64(len(all)), 0, data)
				if err != nil {
					t.Fatal(err)
				}
				if len(all) > 0 && p != all[len(all)-1].End() {
					t.Fatalf("frame %d at %v, the one before ended at %v", len(all), p, all[len(all)-1].End())
				}
				all = append(all, Frame{Position: p, Data: data})
			}
			v, err := m.view("model")
			if err != nil {
				t.Fatal(err)
			}
			if last := all[len(all)-1]; v.last != last.Position || v.end != last.End() {
				t.Fatalf("view %+v, last frame %v to %v", v, last.Position, last.End())
			}
			if v.end-v.oldest > ringSize || v.gen > 0 && v.end-v.oldest < ringSize-MaxFrame-hdrSize {
				t.Fatalf("%d bytes are kept", v.end-v.oldest)
			}
			var lost uint64
			for {
				c, err := m.grab("model", pos)
				if err != nil {
					t.Fatal(err)
				}
				if len(c.buf) == 0 {
					break
				}
				lost += c.lost
				fs, err := c.rest("model")
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range fs {
					for all[read].Position < f.Position {
						lost -= uint64(len(all[read].Data) + hdrSize)
						read++
					}
					if read == 0 && lost == hdrSize {
						lost = 0 // the empty frame which a bus begins with
					}
					if all[read].Position != f.Position || !bytes.Equal(all[read].Data, f.Data) || f.Sender != uint64(read) {
						t.Fatalf("frame %d: %+v", read, f)
					}
					read++
				}
				pos = c.pos
			}
			if lost != 0 && lost != hdrSize {
				t.Fatalf("%d bytes missing in the account", lost)
			}
			if read != len(all) {
				t.Fatalf("read %d of %d", read, len(all))
			}
		}
	})
}

// FuzzBus gives the ring code arbitrary files, and expects errors or frames.
func FuzzBus(f *testing.F) {
	m := freshMemory()
	for i := range 3 {
		m.put("seed", 1, 0, frame(i, 60))
	}
	f.Add(uint32(magic), uint32(version), uint64(0), uint32(ringSize), uint32(24), []byte(m.ring()[:400]), uint32(0), uint64(0))
	f.Add(uint32(magic), uint32(version), uint64(1), uint32(24), uint32(0), []byte(m.ring()[:400]), uint32(ringSize-200), uint64(ringSize))
	f.Add(uint32(magic), uint32(version), uint64(1), uint32(84), uint32(ringSize-24), []byte(m.ring()[:400]), uint32(0), uint64(ringSize))
	f.Fuzz(func(t *testing.T, mag, ver uint32, gen uint64, first, last uint32, data []byte, at uint32, pos uint64) {
		m := newMemory()
		m.store32(offMagic, mag)
		m.store32(offVersion, ver)
		m.store64(offGen, gen)
		m.store32(offFirst, first)
		m.store32(offLast, last)
		m.copyIn(at%ringSize, data[:min(len(data), ringSize)])
		m.frames("fuzz")
		for range 3 {
			if c, err := m.grab("fuzz", Position(pos)); err == nil {
				c.rest("fuzz")
			}
			before, verr := m.view("fuzz")
			p, err := m.put("fuzz", 1, 0, frame(7, 1500))
			if err != nil {
				continue
			}
			if verr != nil || p != before.end {
				t.Fatalf("written to a bus which makes no sense: %v", verr)
			}
			v, err := m.view("fuzz")
			if err != nil || v.last != p {
				t.Fatalf("after a good put: %+v %v", v, err)
			}
			c, err := m.grab("fuzz", p)
			if err != nil {
				t.Fatal(err)
			}
			if fs, err := c.rest("fuzz"); err != nil || len(fs) != 1 || number(fs[0]) != 7 {
				t.Fatalf("%v %v", fs, err)
			}
		}
	})
}

func freshMemory() memory {
	m := newMemory()
	m.store32(offMagic, magic)
	m.store32(offVersion, version)
	m.store32(offFirst, ringSize)
	return m
}
