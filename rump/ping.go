package rump

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Ping says whom to ping, and how. Only Addr must be set.
type Ping struct {
	Addr     netip.Addr    // a link-local address has an interface as its zone
	Source   netip.Addr    // where the packets come from, if the kernel is not to choose
	Count    int           // how many to send: 1
	Interval time.Duration // between them: one second
	Timeout  time.Duration // how long to wait for answers after the last: one second
	Size     int           // of the data: 56; none if negative
	Hops     int           // TTL or hop limit: what the kernel takes
	Once     bool          // end with the first answer

	// OnReply is called with each answer as it comes, if it is not nil.
	OnReply func(PingReply)
}

// PingReply is an answer to a ping.
type PingReply struct {
	From      netip.Addr
	Seq       int
	Size      int // of the ICMP packet
	Hops      int // the TTL or hop limit that it came with, -1 if not known
	Time      time.Duration
	Duplicate bool
}

// PingError is a ping that could not be sent, or that an ICMP error came back
// for.
type PingError struct {
	Seq int
	Err error // an *Error of the kernel's or an *ICMPError
}

// Error returns what happened to which.
func (e *PingError) Error() string { return fmt.Sprintf("ping %d: %v", e.Seq, e.Err) }

// Unwrap returns why.
func (e *PingError) Unwrap() error { return e.Err }

// PingResult is what came of a Ping.
type PingResult struct {
	Sent, Received, Duplicates int
	Replies                    []PingReply
	Errors                     []*PingError
}

// RoundTrip returns the least, mean and greatest time of the answers and the
// standard deviation.
func (r *PingResult) RoundTrip() (least, mean, most, deviation time.Duration) {
	n := float64(len(r.Replies))
	if n == 0 {
		return 0, 0, 0, 0
	}
	var sum, squares float64
	least = math.MaxInt64
	for _, p := range r.Replies {
		least, most = min(least, p.Time), max(most, p.Time)
		sum += float64(p.Time)
		squares += float64(p.Time) * float64(p.Time)
	}
	avg := sum / n
	if n > 1 {
		deviation = time.Duration(math.Sqrt(max(0, (squares-n*avg*avg)/(n-1))))
	}
	return least, time.Duration(avg), most, deviation
}

// Ping sends ICMP echo requests from the kernel and returns what came back. That
// nothing did is no error; a context that ends early is one, and what came until
// then is returned with it.
func (k *Kernel) Ping(ctx context.Context, p Ping) (*PingResult, error) {
	if !p.Addr.IsValid() {
		return nil, fmt.Errorf("%s: ping: no address", k)
	}
	p.Addr = p.Addr.Unmap()
	p.Count = max(p.Count, 1)
	orDefault(&p.Interval, time.Second)
	orDefault(&p.Timeout, time.Second)
	switch {
	case p.Size == 0:
		p.Size = 56
	case p.Size < 0:
		p.Size = 0
	}
	s, err := k.newICMP(ctx, p.Addr.Is4())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.prepare(p.Source, p.Hops); err != nil {
		return nil, err
	}
	to, err := k.sockaddr(ctx, p.Addr.WithZone(""), 0, p.Addr.Zone())
	if err != nil {
		return nil, err
	}
	header := header4{protocol: netbsd.IPPROTO_ICMP, hops: p.Hops, src: p.Source.Unmap(), dst: p.Addr}
	if header.hops == 0 {
		header.hops = 255
	}
	r := new(PingResult)
	id := randomID()
	sentAt := make(map[int]time.Time)
	answered := make(map[int]bool)
	settled := 0 // how many need not be waited for any more
	next := time.Now()
	for {
		until := next
		switch now := time.Now(); {
		case r.Sent < p.Count && !now.Before(next):
			seq := r.Sent & 0xffff
			r.Sent++
			sentAt[seq], answered[seq] = time.Now(), false
			b := s.echoRequest(id, seq, p.Size)
			if s.v4 {
				b = append(header.append(nil, len(b)), b...)
			}
			if _, err := s.WriteToSockaddr(b, to); err != nil {
				if _, ok := Errno(err); !ok {
					return r, err
				}
				r.Errors = append(r.Errors, &PingError{seq, err})
				settled++
			}
			if next = next.Add(p.Interval); next.Before(now) {
				next = now
			}
			if until = next; r.Sent == p.Count {
				next = time.Now().Add(p.Timeout)
				until = next
			}
		case r.Sent >= p.Count && !now.Before(next):
			return r, nil
		}
		if settled >= p.Count && !p.Addr.IsMulticast() {
			return r, nil
		}
		m, err := s.receive(until)
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return r, err
		}
		at, ok := sentAt[m.seq]
		switch {
		case !m.echo(id) || !ok:
		case m.reply:
			reply := PingReply{From: m.from, Seq: m.seq, Size: m.size, Hops: m.hops, Time: time.Since(at),
				Duplicate: answered[m.seq]}
			if reply.Duplicate {
				r.Duplicates++
			} else {
				r.Received++
				settled++
			}
			answered[m.seq] = true
			r.Replies = append(r.Replies, reply)
			if p.OnReply != nil {
				p.OnReply(reply)
			}
			if p.Once {
				return r, nil
			}
		case m.err != nil:
			r.Errors = append(r.Errors, &PingError{m.seq, m.err})
			if m.err.Unwrap() != nil && !answered[m.seq] {
				settled++
			}
		}
	}
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}
