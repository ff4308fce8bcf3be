package packet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rumpkernel/rumpscript/shmif"
)

// conversation is an ARP exchange, a handshake and a bit of data.
func conversation() []shmif.Frame {
	ethBA, ipBA := Eth{Src: macB, Dst: macA}, IP{Src: ipB, Dst: ipA}
	var fs []shmif.Frame
	for i, data := range [][]byte{
		MustBuild(Eth{Src: macA, Dst: Broadcast}, ARP{SenderMAC: macA, SenderIP: ipA, DestIP: ipB}),
		MustBuild(ethBA, ARP{Op: ARPReply, SenderMAC: macB, SenderIP: ipB, DestMAC: macA, DestIP: ipA}),
		MustBuild(ethAB, ipAB, TCP{Src: 1234, Dst: 80, Seq: 1000, Flags: SYN, Window: 100}),
		MustBuild(ethBA, ipBA, TCP{Src: 80, Dst: 1234, Seq: 5000, Ack: 1001, Flags: SYN | ACK, Window: 200}),
		MustBuild(ethAB, ipAB, TCP{Src: 1234, Dst: 80, Seq: 1001, Ack: 5001, Flags: ACK, Window: 100}),
		MustBuild(ethAB, ipAB, TCP{Src: 1234, Dst: 80, Seq: 1001, Ack: 5001, Flags: ACK | PSH, Window: 100, Checksum: new(uint16(1))}, Raw("hello")),
		MustBuild(ethBA, ipBA, UDP{Src: 5, Dst: 6}),
	} {
		sender := uint64(1)
		if macOf(data[6:]) == macB {
			sender = 2
		}
		fs = append(fs, shmif.Frame{Sender: sender, Time: time.Unix(100, int64(i)*1500_000).UTC(), Sent: time.Duration(i) * time.Second, Data: data})
	}
	return fs
}

func TestLadder(t *testing.T) {
	names := &Names{}
	names.SetMAC(macA, "left")
	names.SetMAC(macB, "right")
	var ps []*Packet
	for _, f := range conversation() {
		ps = append(ps, names.Decode(f))
	}
	l := NewLadder(ps, ByStation, names)
	text := l.String()
	var arrows []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		arrows = append(arrows, strings.Join(strings.Fields(strings.NewReplacer("-", " ", "|", " ").Replace(line)), " "))
	}
	want := []string{
		"left right all",
		"0.000000 ARP who has 10.0.0.2 tell 10.0.0.1 >",
		"0.001500 < ARP reply 10.0.0.2 is at b2:a0:00:00:00:02",
		"0.003000 SYN seq 0 win 100 >",
		"0.004500 < SYN ACK seq 0 ack 1 win 200",
		"0.006000 ACK ack 1 win 100 >",
		"0.007500 PSH ACK seq 1:6 ack 1 win 100 [bad tcp checksum] > !",
		"0.009000 < 5 > 6 UDP, length 0",
	}
	if diff := cmp.Diff(want, arrows); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		if strings.Count(line, "|") < 3 && i > 0 && !strings.Contains(line, "SYN|") && !strings.Contains(line, "PSH|") {
			t.Errorf("a column is covered: %s", line)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(l.SVG()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if got := NewLadder(ps, ByIP, nil).Participants; !cmp.Equal(got, []string{"10.0.0.1", "10.0.0.2", "all"}) {
		t.Error(got)
	}
	if got := NewLadder(nil, ByStation, nil); got.String() == "" || len(got.SVG()) == 0 {
		t.Error("empty ladder")
	}
}
