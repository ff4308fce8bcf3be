package packet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/rumpkernel/rumpscript/shmif"
)

// A Writer writes frames as pcapng, the interface being the bus they were on. Each packet has a comment which says who
// sent it ("from left, sender 7e25952110b872"), and what was lost before, so that a recording which is read back knows it again. It is a
// shmif.Recorder.
type Writer struct {
	mu    sync.Mutex
	w     *pcapgo.NgWriter
	buses []*Interface
}

// An Interface is a bus in a pcapng file; it is the Recorder for what is captured there.
type Interface struct {
	w     *Writer
	id    int
	names *Names
	n     uint64
}

// NewWriter begins a pcapng file with the interface bus. The names may be nil.
func NewWriter(w io.Writer, bus string, names *Names) (*Writer, error) {
	ng, err := pcapgo.NewNgWriterInterface(w, ngInterface(bus), pcapgo.NgWriterOptions{
		SectionInfo: pcapgo.NgSectionInfo{Application: "rumpscript"},
	})
	if err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	pw := &Writer{w: ng}
	pw.buses = []*Interface{{w: pw, names: names}}
	return pw, nil
}

func ngInterface(bus string) pcapgo.NgInterface {
	return pcapgo.NgInterface{Name: bus, Description: "shmif bus", LinkType: layers.LinkTypeEthernet, TimestampResolution: 9}
}

// AddInterface adds another bus to the file.
func (w *Writer) AddInterface(bus string, names *Names) (*Interface, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, err := w.w.AddInterface(ngInterface(bus))
	if err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	i := &Interface{w: w, id: id, names: names}
	w.buses = append(w.buses, i)
	return i, nil
}

// Record writes a frame of the first interface.
func (w *Writer) Record(f shmif.Frame) error { return w.buses[0].Record(f) }

// Record writes a frame.
func (i *Interface) Record(f shmif.Frame) error {
	i.w.mu.Lock()
	defer i.w.mu.Unlock()
	i.n++
	var o pcapgo.NgPacketOptions
	if c := comment(i.names.Sender(f), f); c != "" {
		o.Comments = []string{c}
	}
	ci := gopacket.CaptureInfo{Timestamp: f.Time, CaptureLength: len(f.Data), Length: len(f.Data), InterfaceIndex: i.id}
	if err := i.w.w.WritePacketWithOptions(ci, f.Data, o); err != nil {
		return fmt.Errorf("packet: %w", err)
	}
	return nil
}

// Flush writes out what is buffered.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Flush()
}

// Close ends the file with each interface's statistics and writes out what is buffered. The underlying file is the
// caller's to close.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.buses {
		st := pcapgo.NgInterfaceStatistics{LastUpdate: time.Now(), PacketsReceived: i.n, PacketsDropped: pcapgo.NgNoValue64}
		if err := w.w.WriteInterfaceStats(i.id, st); err != nil {
			return fmt.Errorf("packet: %w", err)
		}
	}
	return w.w.Flush()
}

func comment(name string, f shmif.Frame) string {
	var parts []string
	if name != "" {
		parts = append(parts, "from "+name)
	}
	if f.Sender != 0 {
		parts = append(parts, fmt.Sprintf("sender %x", f.Sender))
	}
	if f.Sent != 0 {
		parts = append(parts, fmt.Sprintf("uptime %v", f.Sent))
	}
	if f.Lost > 0 {
		parts = append(parts, fmt.Sprintf("%d bytes of bus lost before", f.Lost))
	}
	return strings.Join(parts, ", ")
}

// parseComment reads back what comment wrote.
func parseComment(c string, p *Packet) {
	for _, part := range strings.Split(c, ", ") {
		if name, ok := strings.CutPrefix(part, "from "); ok {
			p.From = name
		} else if s, ok := strings.CutPrefix(part, "sender "); ok {
			p.Sender, _ = strconv.ParseUint(s, 16, 64)
		} else if s, ok := strings.CutPrefix(part, "uptime "); ok {
			p.Sent, _ = time.ParseDuration(s)
		} else if s, ok := strings.CutSuffix(part, " bytes of bus lost before"); ok {
			p.Lost, _ = strconv.ParseUint(s, 10, 64)
		}
	}
}

// WriteFile writes frames as a pcapng file with one interface.
func WriteFile(w io.Writer, bus string, names *Names, frames []shmif.Frame) error {
	pw, err := NewWriter(w, bus, names)
	if err != nil {
		return err
	}
	for _, f := range frames {
		if err := pw.Record(f); err != nil {
			return err
		}
	}
	return pw.Close()
}

// Read reads a pcapng or pcap file of Ethernet packets. A file that ends early or makes no sense is an error after the
// packets that could be read.
func Read(r io.Reader) iter.Seq2[*Packet, error] {
	return func(yield func(*Packet, error) bool) {
		next, err := open(r)
		for err == nil {
			var p *Packet
			if p, err = next(); err == nil && !yield(p, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, fmt.Errorf("packet: %w", err))
		}
	}
}

// Frames reads the frames of a pcapng or pcap file, for shmif.Replay.
func Frames(r io.Reader) iter.Seq2[shmif.Frame, error] {
	return func(yield func(shmif.Frame, error) bool) {
		for p, err := range Read(r) {
			if err != nil {
				yield(shmif.Frame{}, err)
				return
			}
			if !yield(p.Frame, nil) {
				return
			}
		}
	}
}

func open(r io.Reader) (next func() (*Packet, error), err error) {
	br := bufio.NewReader(r)
	head, err := br.Peek(4)
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if binary.LittleEndian.Uint32(head) != 0x0a0d0d0a {
		pr, err := pcapgo.NewReader(br)
		if err != nil {
			return nil, err
		}
		if pr.LinkType() != layers.LinkTypeEthernet {
			return nil, fmt.Errorf("link type %v is not Ethernet", pr.LinkType())
		}
		return func() (*Packet, error) {
			data, ci, err := pr.ReadPacketData()
			if err != nil {
				return nil, err
			}
			return Decode(shmif.Frame{Time: ci.Timestamp, Data: data}), nil
		}, nil
	}
	ng, err := pcapgo.NewNgReader(br, pcapgo.NgReaderOptions{ErrorOnMismatchingLinkType: true})
	if err != nil {
		return nil, err
	}
	if ng.LinkType() != layers.LinkTypeEthernet {
		return nil, fmt.Errorf("link type %v is not Ethernet", ng.LinkType())
	}
	return func() (*Packet, error) {
		data, ci, o, err := ng.ReadPacketDataWithOptions()
		if err != nil {
			return nil, err
		}
		p := Decode(shmif.Frame{Time: ci.Timestamp, Data: data})
		for _, c := range o.Comments {
			parseComment(c, p)
		}
		return p, nil
	}, nil
}
