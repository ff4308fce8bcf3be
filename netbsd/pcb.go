package netbsd

import "strconv"

// A KinfoPcb is a socket, an element of nodes such as net.inet.tcp.pcblist,
// whose name goes on with PCB_ALL, 0, SizeofKinfoPcb and the number of elements
// that there is room for. An address that is not there is nil.
//
// The header is <sys/socket.h>.
type KinfoPcb struct {
	Pcbaddr  uint64   // ki_pcbaddr
	Ppcbaddr uint64   // ki_ppcbaddr
	Sockaddr uint64   // ki_sockaddr
	Family   uint32   // ki_family
	Type     uint32   // ki_type
	Protocol uint32   // ki_protocol
	Pflags   uint32   // ki_pflags
	Sostate  uint32   // ki_sostate
	Prstate  uint32   // ki_prstate
	Tstate   int32    // ki_tstate
	Tflags   uint32   // ki_tflags
	Rcvq     uint64   // ki_rcvq
	Sndq     uint64   // ki_sndq
	Src      Sockaddr // ki_s
	Dst      Sockaddr // ki_d
	Inode    uint64   // ki_inode
	Vnode    uint64   // ki_vnode
	Conn     uint64   // ki_conn
	Refs     uint64   // ki_refs
	Nextref  uint64   // ki_nextref
}

// SizeofKinfoPcb is sizeof(struct kinfo_pcb).
const SizeofKinfoPcb = 640

func (k *KinfoPcb) layout(v view) {
	v.u64(0, &k.Pcbaddr)
	v.u64(8, &k.Ppcbaddr)
	v.u64(16, &k.Sockaddr)
	v.u32(24, &k.Family)
	v.u32(28, &k.Type)
	v.u32(32, &k.Protocol)
	v.u32(36, &k.Pflags)
	v.u32(40, &k.Sostate)
	v.u32(44, &k.Prstate)
	v.i32(48, &k.Tstate)
	v.u32(52, &k.Tflags)
	v.u64(56, &k.Rcvq)
	v.u64(64, &k.Sndq)
	v.sockaddr(72, 264, &k.Src)
	v.sockaddr(336, 264, &k.Dst)
	v.u64(600, &k.Inode)
	v.u64(608, &k.Vnode)
	v.u64(616, &k.Conn)
	v.u64(624, &k.Refs)
	v.u64(632, &k.Nextref)
}

// Append appends k in C layout to b.
func (k KinfoPcb) Append(b []byte) []byte { return appendStruct(b, SizeofKinfoPcb, &k) }

// ParseKinfoPcb reads a struct kinfo_pcb from the front of b.
func ParseKinfoPcb(b []byte) (KinfoPcb, error) {
	return parseStruct[KinfoPcb](b, "struct kinfo_pcb", SizeofKinfoPcb)
}

// ParseKinfoPcbs reads all sockets in b.
func ParseKinfoPcbs(b []byte) ([]KinfoPcb, error) {
	return parseArray[KinfoPcb](b, "struct kinfo_pcb", SizeofKinfoPcb)
}

// Names under a pcblist, and by how many elements the kernel overstates the
// size, from <sys/socket.h>.
const (
	PCB_SLOP = 20
	PCB_ALL  = 0
)

// A TCPState is the state of a TCP connection, the Tstate of a KinfoPcb.
type TCPState int32

// States of a TCP connection, from <netinet/tcp_fsm.h>.
const (
	TCPS_CLOSED       TCPState = 0
	TCPS_LISTEN       TCPState = 1
	TCPS_SYN_SENT     TCPState = 2
	TCPS_SYN_RECEIVED TCPState = 3
	TCPS_ESTABLISHED  TCPState = 4
	TCPS_CLOSE_WAIT   TCPState = 5
	TCPS_FIN_WAIT_1   TCPState = 6
	TCPS_CLOSING      TCPState = 7
	TCPS_LAST_ACK     TCPState = 8
	TCPS_FIN_WAIT_2   TCPState = 9
	TCPS_TIME_WAIT    TCPState = 10

	TCP_NSTATES = 11
)

var tcpStates = [TCP_NSTATES]string{
	"CLOSED", "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1", "CLOSING", "LAST_ACK",
	"FIN_WAIT_2", "TIME_WAIT",
}

// String is the state as netstat(1) says it.
func (s TCPState) String() string {
	if s >= 0 && int(s) < len(tcpStates) {
		return tcpStates[s]
	}
	return strconv.Itoa(int(s))
}
