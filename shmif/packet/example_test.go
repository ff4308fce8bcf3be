package packet_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

var (
	macA = packet.MAC{2, 0, 0, 0, 0, 1}
	macB = packet.MAC{2, 0, 0, 0, 0, 2}
	ipA  = netip.MustParseAddr("10.0.0.1")
	ipB  = netip.MustParseAddr("10.0.0.2")
)

func ExampleBuild() {
	frame, err := packet.Build(
		packet.Eth{Src: macA, Dst: macB},
		packet.IP{Src: ipA, Dst: ipB},
		packet.TCP{Src: 1024, Dst: 80, Seq: 1, Flags: packet.SYN, Window: 1000, Checksum: new(uint16(0xbad))},
	)
	if err != nil {
		log.Fatal(err)
	}
	p := packet.Decode(shmif.Frame{Data: frame})
	fmt.Println(p)
	flags, err := p.Field("tcp.flags")
	fmt.Println(flags, err)
	// Output:
	// IP 10.0.0.1.1024 > 10.0.0.2.80: Flags [S], seq 1, win 1000, length 0 [bad tcp checksum]
	// SYN <nil>
}

func ExampleParseFilter() {
	f, err := packet.ParseFilter("tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn and dst port 80")
	if err != nil {
		log.Fatal(err)
	}
	syn := packet.MustBuild(packet.Eth{}, packet.IP{Src: ipA, Dst: ipB}, packet.TCP{Dst: 80, Flags: packet.SYN})
	fmt.Println(f.MatchBytes(syn))
	_, err = packet.ParseFilter("tcp and prt 80")
	fmt.Println(err)
	// Output:
	// true
	// filter "tcp and prt 80": at 9, "prt": unknown word
}

func ExampleHost() {
	dir, err := os.MkdirTemp("", "packet")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	b, err := shmif.Create(filepath.Join(dir, "wire"))
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()

	// Two hosts here; a kernel would do for either.
	names := &packet.Names{}
	server, err := packet.NewHost(b, packet.HostConfig{Name: "server", MAC: macB, Names: names, Addrs: []netip.Prefix{netip.PrefixFrom(ipB, 24)}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client, err := packet.NewHost(b, packet.HostConfig{Name: "client", MAC: macA, Names: names, Addrs: []netip.Prefix{netip.PrefixFrom(ipA, 24)}})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	if _, err := client.Ping(context.Background(), ipB, nil); err != nil {
		log.Fatal(err)
	}
	frames, err := b.Snapshot()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range frames[:2] {
		p := names.Decode(f)
		fmt.Printf("%s: %v\n", p.From, p)
	}
	// Output:
	// client: ARP who-has 10.0.0.2 tell 10.0.0.1
	// server: ARP reply 10.0.0.2 is-at 02:00:00:00:00:02
}
