package inet

// counters are what the kernel counts apart from interfaces. Those of IP, TCP
// and UDP are gVisor's.
type counters struct {
	arp struct {
		sent, sentReply, sentRequest             uint64
		received, receivedRequest, receivedReply uint64
		dropped                                  uint64
	}
	icmp6 struct {
		in           [5]uint64 // by type, from 133
		nsOut, naOut uint64
		bad          uint64
	}
}
