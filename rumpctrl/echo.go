package rumpctrl

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// echo is what ping(8) and ping6(8) have in common: when to send, when to wait,
// and what to count.
type echo struct {
	*Env
	conn *rump.Conn
	id   uint16

	packets  int // how many to send, 0 for any number
	preload  int
	interval time.Duration
	limit    time.Duration // of the whole, 0 for none
	once     bool
	flood    bool
	grace    time.Duration // how long to wait for the last answer at least

	send    func(seq uint16, now time.Time)
	receive func() error // reads and prints one packet

	now, next, firstSent, lastSent, firstGot, lastGot time.Time
	sentAt                                            map[uint16]time.Time
	got                                               map[uint16]bool
	sent, received, repeats                           int
	caughtUp                                          bool // the last one sent was answered
	min, max, sum, sumsq                              float64
}

func newEcho(e *Env) *echo {
	return &echo{
		Env: e, id: uint16(rand.Uint32()), interval: time.Second, caughtUp: true,
		min: 999999999, sentAt: make(map[uint16]time.Time), got: make(map[uint16]bool),
	}
}

// run sends and receives until all is done. The end of the context, an
// interrupt, is one way to be done.
func (p *echo) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for range p.preload {
		if p.packets > 0 && p.sent >= p.packets {
			break
		}
		p.now = time.Now()
		p.ping()
	}
	var end time.Time
	if p.limit > 0 {
		end = time.Now().Add(p.limit)
	}
	many := p.packets
	if many == 0 {
		many = math.MaxInt
	}
	for ctx.Err() == nil {
		p.now = time.Now()
		left := time.Duration(math.MaxInt64)
		if !end.IsZero() {
			left = end.Sub(p.now)
		}
		var wait time.Duration
		if p.sent < many && left > 0 {
			if p.next.Sub(p.now) <= 100*time.Microsecond || p.flood && p.caughtUp {
				p.ping()
			}
			wait = min(max(0, p.next.Sub(p.now)), left)
		} else {
			wait = min(max(seconds(2*p.max), p.grace)-p.now.Sub(p.lastSent), left)
			if wait <= 0 {
				break
			}
		}
		p.conn.SetReadDeadline(time.Now().Add(wait))
		if ctx.Err() != nil {
			break // which may have ended before the deadline was set
		}
		err := p.receive()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return err
		}
		if p.received >= many || p.received > 0 && p.once {
			break
		}
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// ping sends one packet and says when the next is due: always at the same
// fraction of a second, but not to catch up with those that are long overdue.
func (p *echo) ping() {
	seq := uint16(p.sent)
	p.sent++
	p.caughtUp = false
	delete(p.got, seq)
	p.sentAt[seq] = time.Now()
	p.lastSent = p.now
	p.send(seq, p.now)
	if p.next.IsZero() {
		p.firstSent, p.next = p.now, p.now
	}
	if p.next.Sub(p.now) <= p.interval {
		for {
			p.next = p.next.Add(p.interval)
			if p.next.Sub(p.now) >= -100*time.Millisecond {
				break
			}
		}
	}
}

// answered counts an answer, and returns how long it took and whether it is a
// duplicate. It returns false if the answer is one to nothing that was sent.
func (p *echo) answered(seq uint16) (trip time.Duration, dup, ok bool) {
	at, ok := p.sentAt[seq]
	if !ok {
		return 0, false, false
	}
	now := time.Now()
	if seq == uint16(p.sent-1) {
		p.caughtUp = true
	}
	p.lastGot = now
	if p.firstGot.IsZero() {
		p.firstGot = now
	}
	trip = now.Sub(at)
	s := trip.Seconds()
	p.sum += s
	p.sumsq += s * s
	p.min, p.max = min(p.min, s), max(p.max, s)
	if p.got[seq] {
		p.repeats++
		return trip, true, true
	}
	p.received++
	p.got[seq] = true
	return trip, false, true
}

// counts is the line of a summary that says how many came back.
func (p *echo) counts() string {
	s := strconv.Itoa(p.sent) + " packets transmitted, " + strconv.Itoa(p.received) + " packets received, "
	if p.repeats > 0 {
		s += "+" + strconv.Itoa(p.repeats) + " duplicates, "
	}
	switch {
	case p.sent == 0:
	case p.received > p.sent:
		s += "-- somebody's duplicating packets!"
	default:
		s += strconv.FormatFloat(float64(p.sent-p.received)*100/float64(p.sent), 'f', 1, 64) + "% packet loss"
	}
	return s + "\n"
}

// times returns the mean and the standard deviation in seconds.
func (p *echo) times() (avg, dev float64) {
	n := float64(p.received + p.repeats)
	avg = p.sum / n
	if n > 1 {
		dev = math.Sqrt(max(0, (p.sumsq-n*avg*avg)/(n-1)))
	}
	return avg, dev
}

// checksum is that of the Internet's protocols.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// pattern parses the bytes of -p: up to 32 digits, of which the last may stand
// alone.
func pattern(s string) ([]byte, bool) {
	var b []byte
	for t := s; t != ""; t = t[min(2, len(t)):] {
		n, err := strconv.ParseUint(t[:min(2, len(t))], 16, 8)
		if err != nil || strings.ContainsAny(t[:1], "+-") {
			return nil, false
		}
		if len(b) < 16 {
			b = append(b, byte(n))
		}
	}
	return b, true
}

// strtol parses a whole number as strtol(3) does in base 0 or 10, for those who do
// not look at errno(2): what is out of range is the least or the greatest.
func strtol(s string, base int) (int, bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	if s == "" || strings.Contains(s, "_") {
		return 0, s == "" // what is empty counts as 0
	}
	n, err := strconv.ParseInt(s, base, 64)
	return int(n), err == nil || errors.Is(err, strconv.ErrRange)
}

// strtod parses a whole number with a fraction.
func strtod(s string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return f, err == nil && !math.IsNaN(f)
}

// sockOpt sets a socket option to an int, and ends the utility if it cannot.
func (p *echo) sockOpt(level, opt, val int, what string) error {
	if err := p.conn.SetOption(level, opt, val); err != nil {
		return errc(1, err, "%s", what)
	}
	return nil
}

// bufferSizes makes the socket's buffers as large as they may be.
func (p *echo) bufferSizes(want int) error {
	for want > 0 {
		if p.conn.SetOption(netbsd.SOL_SOCKET, netbsd.SO_RCVBUF, want) == nil {
			p.conn.SetOption(netbsd.SOL_SOCKET, netbsd.SO_SNDBUF, want)
			return nil
		}
		want -= 4096
	}
	return errx(1, "Cannot set the receive buffer size")
}
