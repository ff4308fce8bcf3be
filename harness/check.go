package harness

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rumpkernel/rumpscript/rump"
)

// checkTimeout is how long a topology may take until all its kernels reach their
// neighbours. An IPv6 address is not used for a second or two, while the kernel
// finds out whether somebody else has it.
const checkTimeout = 15 * time.Second

// Check makes each kernel ping the addresses of its neighbours, those on its own
// buses and networks, and returns an error which names the pairs that do not
// reach each other.
func (n *Net) Check(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(16)
	all := n.topology.neighbours()
	errs := make([]error, len(all))
	for i, p := range all {
		group.Go(func() error {
			in := n.Kernel(p.from)
			err := eventually(ctx, checkTimeout, func(ctx context.Context) error { return ping(ctx, in.Kernel, p.to) })
			if err != nil {
				errs[i] = in.Explain(fmt.Errorf("%s does not reach %s of %s: %w", p.from, p.to, p.at, err))
			}
			return nil
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// Ping makes a kernel send one echo request to an address and wait for the answer.
func (n *Net) Ping(ctx context.Context, kernel string, to netip.Addr) error {
	in := n.Kernel(kernel)
	if in == nil {
		return fmt.Errorf("the topology has no kernel %s", kernel)
	}
	return in.Explain(ping(ctx, in.Kernel, to))
}

// pingTimeout is how long an echo request is waited for.
const pingTimeout = 500 * time.Millisecond

// The types of messages that a ping consists of.
const (
	icmpEchoReply    = 0
	icmpEcho         = 8
	icmp6EchoRequest = 128
	icmp6EchoReply   = 129
)

// ping sends one echo request and waits for its answer.
func ping(ctx context.Context, k *rump.Kernel, to netip.Addr) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	network, local, request, reply := "ip4:icmp", "0.0.0.0", byte(icmpEcho), byte(icmpEchoReply)
	if to.Is6() {
		network, local, request, reply = "ip6:ipv6-icmp", "::", icmp6EchoRequest, icmp6EchoReply
	}
	conn, err := k.ListenPacket(ctx, network, local)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	// Each socket of the kernel sees all answers: this tells ours apart.
	token := uint64(time.Now().UnixNano())
	msg := []byte{request, 0, 0, 0, byte(token >> 8), byte(token), 0, 1}
	msg = binary.BigEndian.AppendUint64(msg, token)
	binary.BigEndian.PutUint16(msg[2:], checksum(msg)) // the kernel does it itself for IPv6
	if _, err := conn.WriteTo(msg, &net.IPAddr{IP: to.AsSlice(), Zone: to.Zone()}); err != nil {
		return err
	}
	buf := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("%s: no answer from %s", k, to)
			}
			return err
		}
		b := buf[:n]
		if to.Is4() && len(b) > 0 && b[0]>>4 == 4 { // with its IP header
			b = b[min(len(b), int(b[0]&15)*4):]
		}
		if len(b) >= 16 && b[0] == reply && binary.BigEndian.Uint64(b[8:]) == token {
			return nil
		}
	}
}

// checksum is the Internet's checksum (RFC 1071).
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
