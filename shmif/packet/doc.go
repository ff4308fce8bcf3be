// Package packet is about what is in the frames of a shmif bus: it takes them apart and builds them, filters them, reads and
// writes pcapng, draws them, and has hosts which are no kernels.
//
// # Taking apart, building
//
// [Decode] turns a frame into a [Packet], whose layers are plain structures: p.IP.Src, p.TCP.Flags. [Packet.Field] reaches
// the same by name, "tcp.flags", with values of few types, for scripts. [Line] is one readable line, in tcpdump's manner.
//
// [Build] composes layers into a frame. Lengths, checksums and the types of what follows are filled in, unless a field says
// otherwise, so that a packet can also be wrong on purpose:
//
//	packet.Build(packet.Eth{Src: a, Dst: b}, packet.IP{Src: from, Dst: to}, packet.TCP{Dst: 80, Flags: packet.SYN, Checksum: new(uint16(0))})
//
// # Filters
//
// [ParseFilter] compiles what pcap-filter(7) describes, without libpcap; see [Filter] for what differs. [Expect] waits for a
// packet that a filter or a function matches, and its error shows those that came instead.
//
// # Recordings
//
// A [Writer] takes the frames of a shmif.Capture and writes pcapng with the bus as interface and the sender of each packet,
// by name if [Names] knows it, in a comment. [Read] reads pcapng and pcap. A [Ladder] draws packets between participants, as
// text and as SVG.
//
// # Hosts
//
// A [Host] is a station with addresses that answers ARP, neighbour discovery and ping. With [Host.Connect], [Host.Listen]
// and [Host.Peer] it plays TCP, one segment at a time: it sends what it is told, right or wrong, and expects what a kernel
// should answer.
//
//	p, err := h.Connect(ctx, netip.MustParseAddrPort("10.0.0.2:80"))
//	p.Send(ctx, packet.Segment{Flags: packet.ACK | packet.PSH, Payload: []byte("GET /\r\n")})
//	q, err := p.Expect(ctx, packet.MustFilter("tcp[tcpflags] & tcp-ack != 0"))
package packet
