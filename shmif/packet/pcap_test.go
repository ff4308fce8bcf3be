package packet

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/rumpkernel/rumpscript/shmif"
)

func TestPcapngComesBack(t *testing.T) {
	names := &Names{}
	names.SetMAC(macA, "left")
	frames := conversation()
	frames[3].Lost = 700
	var b bytes.Buffer
	if err := WriteFile(&b, "wire", names, frames); err != nil {
		t.Fatal(err)
	}
	i := 0
	for p, err := range Read(bytes.NewReader(b.Bytes())) {
		if err != nil {
			t.Fatal(err)
		}
		p.Time = p.Time.UTC()
		if diff := cmp.Diff(frames[i], p.Frame); diff != "" {
			t.Error(diff)
		}
		if want := map[uint64]string{1: "left"}[frames[i].Sender]; p.From != want {
			t.Errorf("from %q", p.From)
		}
		i++
	}
	if i != len(frames) {
		t.Errorf("%d packets", i)
	}

	var stats []pcapgo.NgInterfaceStatistics
	r, err := pcapgo.NewNgReader(bytes.NewReader(b.Bytes()), pcapgo.NgReaderOptions{
		StatisticsCallback: func(_ int, s pcapgo.NgInterfaceStatistics) { stats = append(stats, s) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, err = r.ReadPacketData()
	}
	if in, _ := r.Interface(0); in.Name != "wire" || len(stats) != 1 || stats[0].PacketsReceived != uint64(len(frames)) {
		t.Errorf("%+v %+v", in, stats)
	}
}

func TestTwoInterfaces(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, "one", nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := w.AddInterface("two", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := conversation()[0]
	if err := errors.Join(w.Record(f), two.Record(f), w.Close()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range Read(&b) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 2 {
		t.Error(n)
	}
}

func TestReadPcap(t *testing.T) {
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	w.WriteFileHeader(65536, layers.LinkTypeEthernet)
	for _, f := range conversation() {
		w.WritePacket(gopacket.CaptureInfo{Timestamp: f.Time, CaptureLength: len(f.Data), Length: len(f.Data)}, f.Data)
	}
	n := 0
	for f, err := range Frames(bytes.NewReader(b.Bytes())) {
		if err != nil || !f.Time.Equal(conversation()[n].Time) {
			t.Fatal(f, err)
		}
		n++
	}
	if n != 7 {
		t.Error(n)
	}
	for _, bad := range [][]byte{nil, []byte("not a capture"), b.Bytes()[:len(b.Bytes())-3]} {
		var last error
		for _, err := range Read(bytes.NewReader(bad)) {
			last = err
		}
		if last == nil {
			t.Errorf("%.10q was read without an error", bad)
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	WriteFile(&b, "wire", nil, conversation())
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		for p, err := range Read(bytes.NewReader(data)) {
			if err == nil {
				_ = p.Line()
			}
			if n++; n > 1000 {
				break
			}
		}
	})
}

func TestNamesLearnSenders(t *testing.T) {
	names := &Names{}
	names.SetMAC(macA, "left")
	own := shmif.Frame{Sender: 7, Data: MustBuild(ethAB, ipAB, UDP{})}
	forwarded := shmif.Frame{Sender: 7, Data: MustBuild(Eth{Src: macB, Dst: macA}, IP{Src: ipB, Dst: ipA}, UDP{})}
	if got := names.Sender(forwarded); got != "" {
		t.Errorf("%q before it was learnt", got)
	}
	if a, b := names.Sender(own), names.Sender(forwarded); a != "left" || b != "left" {
		t.Errorf("%q %q", a, b)
	}
	if (*Names)(nil).Sender(own) != "" || (*Names)(nil).Station(Broadcast) != "all" {
		t.Error("nobody knows")
	}
}
