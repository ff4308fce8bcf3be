package packet

import (
	"bytes"
	"fmt"
	"html"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Ladder is a diagram of packets between their participants, in time from top to bottom.
type Ladder struct {
	Participants []string
	Rungs        []Rung
}

// A Rung is a packet in a ladder.
type Rung struct {
	At       time.Duration // since the first packet
	From, To int           // participants
	Label    string
	Bad      bool // something is wrong with the packet, or some are missing before it
}

// LadderBy says what a ladder's participants are.
type LadderBy int

const (
	// ByStation takes names where they are known, and Ethernet addresses.
	ByStation LadderBy = iota
	// ByIP takes network addresses where there are some.
	ByIP
)

const everyone = "all"

// NewLadder arranges packets. Participants appear in the order of their first packet; broadcasts and multicasts go to
// one called all. TCP's sequence numbers are relative to the first of each direction. The names may be nil.
func NewLadder(packets []*Packet, by LadderBy, names *Names) *Ladder {
	l := &Ladder{}
	toAll := false
	index := func(name string) int {
		if name == everyone {
			toAll = true
			return -1
		}
		i := slices.Index(l.Participants, name)
		if i < 0 {
			i = len(l.Participants)
			l.Participants = append(l.Participants, name)
		}
		return i
	}
	rel := relative{}
	stations := make(map[MAC]string) // by which addresses senders with a name are known
	for _, p := range packets {
		if p.Eth != nil && p.From != "" {
			if _, known := stations[p.Eth.Src]; !known {
				stations[p.Eth.Src] = p.From
			}
		}
	}
	for i, p := range packets {
		if p.Eth == nil {
			continue
		}
		from, to := p.ends(by, names, stations)
		r := Rung{From: index(from), To: index(to), Label: p.label(rel), Bad: len(p.Bad) > 0 || p.Err != nil || p.Lost > 0 && i > 0}
		r.At = p.Time.Sub(packets[0].Time)
		l.Rungs = append(l.Rungs, r)
	}
	if toAll {
		for i := range l.Rungs {
			if l.Rungs[i].To < 0 {
				l.Rungs[i].To = len(l.Participants)
			}
		}
		l.Participants = append(l.Participants, everyone)
	}
	return l
}

func (p *Packet) ends(by LadderBy, names *Names, stations map[MAC]string) (from, to string) {
	station := func(m MAC) string {
		if name := stations[m]; name != "" {
			return name
		}
		return names.Station(m)
	}
	from, to = p.From, station(p.Eth.Dst)
	if from == "" {
		from = station(p.Eth.Src)
	}
	if by == ByIP {
		switch {
		case p.IP != nil:
			from, to = p.IP.Src.String(), p.IP.Dst.String()
		case p.ARP != nil:
			from, to = p.ARP.SenderIP.String(), p.ARP.DestIP.String()
		}
	}
	if p.Eth.Dst.Multicast() || from == to {
		to = everyone
	}
	return from, to
}

// relative holds the first sequence number of each direction of TCP connections.
type relative map[[2]netip.AddrPort]uint32

func (r relative) of(src, dst netip.AddrPort, n uint32) uint32 {
	k := [2]netip.AddrPort{src, dst}
	if _, ok := r[k]; !ok {
		r[k] = n
	}
	return n - r[k]
}

// label is what a rung says: String without the addresses, and with relative numbers for TCP.
func (p *Packet) label(rel relative) string {
	if p.TCP == nil || p.IP.Fragment() {
		s := p.String()
		if p.IP != nil {
			if _, after, ok := strings.Cut(s, ": "); ok {
				s = after
			}
		}
		if p.UDP != nil {
			s = fmt.Sprintf("%d > %d %s", p.UDP.Src, p.UDP.Dst, s)
		}
		return s
	}
	t := p.TCP
	src, dst := netip.AddrPortFrom(p.IP.Src, t.Src), netip.AddrPortFrom(p.IP.Dst, t.Dst)
	if t.Flags&SYN != 0 {
		delete(rel, [2]netip.AddrPort{src, dst}) // the ports are used again
	}
	var b strings.Builder
	b.WriteString(t.Flags.Names())
	if n := uint32(len(p.Payload)); n > 0 || t.Flags&(SYN|FIN|RST) != 0 {
		seq := rel.of(src, dst, t.Seq)
		fmt.Fprintf(&b, " seq %d", seq)
		if n > 0 {
			fmt.Fprintf(&b, ":%d", seq+n)
		}
	}
	if t.Flags&ACK != 0 {
		fmt.Fprintf(&b, " ack %d", rel.of(dst, src, t.Ack))
	}
	fmt.Fprintf(&b, " win %d", t.Window)
	for _, what := range p.Bad {
		fmt.Fprintf(&b, " [bad %s]", what)
	}
	return b.String()
}

const (
	minGap   = 12
	maxLabel = 64
	timeCols = 12
)

// gaps returns how wide the space between neighbouring participants must be for the labels, in characters.
func (l *Ladder) gaps() []int {
	gaps := make([]int, max(len(l.Participants)-1, 0))
	for i := range gaps {
		gaps[i] = max(minGap, (utf8.RuneCountInString(l.Participants[i])+utf8.RuneCountInString(l.Participants[i+1]))/2+2)
	}
	for span := 1; span <= len(gaps); span++ {
		for _, r := range l.Rungs {
			a, b := min(r.From, r.To), max(r.From, r.To)
			if b-a != span {
				continue
			}
			have := span - 1
			for _, g := range gaps[a:b] {
				have += g
			}
			if need := min(utf8.RuneCountInString(r.Label), maxLabel) + 6; need > have {
				for i := a; i < b; i++ {
					gaps[i] += (need - have + span - 1) / span
				}
			}
		}
	}
	return gaps
}

func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

// String draws the ladder as text.
func (l *Ladder) String() string {
	if len(l.Participants) == 0 {
		return "no packets\n"
	}
	gaps := l.gaps()
	col := make([]int, len(l.Participants))
	col[0] = timeCols + utf8.RuneCountInString(l.Participants[0])/2
	for i, g := range gaps {
		col[i+1] = col[i] + g + 1
	}
	var b strings.Builder
	line := []rune{}
	put := func(at int, s string) {
		for _, c := range s {
			for len(line) <= at {
				line = append(line, ' ')
			}
			line[at] = c
			at++
		}
	}
	end := func() {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
		line = line[:0]
	}
	for i, name := range l.Participants {
		put(col[i]-utf8.RuneCountInString(name)/2, name)
	}
	end()
	for _, r := range l.Rungs {
		put(0, fmt.Sprintf("%.6f", r.At.Seconds()))
		for _, c := range col {
			put(c, "|")
		}
		a, z := col[min(r.From, r.To)]+1, col[max(r.From, r.To)]
		put(a, strings.Repeat("-", z-a))
		if r.From < r.To {
			put(z-1, ">")
		} else {
			put(a, "<")
		}
		label := short(r.Label, max(z-a-4, 0))
		put(a+(z-a-utf8.RuneCountInString(label)-2)/2, " "+label+" ")
		if r.Bad {
			put(col[len(col)-1]+2, "!")
		}
		end()
	}
	return b.String()
}

// SVG draws the ladder as a picture.
func (l *Ladder) SVG() []byte {
	const char, row, top = 7, 26, 40
	gaps := l.gaps()
	x := make([]int, len(l.Participants))
	left := timeCols * char
	if len(x) > 0 {
		x[0] = left + utf8.RuneCountInString(l.Participants[0])*char/2 + char
	}
	for i, g := range gaps {
		x[i+1] = x[i] + (g+1)*char
	}
	width, height := left+2*char, top+row*(len(l.Rungs)+1)
	if n := len(x); n > 0 {
		width = x[n-1] + utf8.RuneCountInString(l.Participants[n-1])*char/2 + 3*char
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace, monospace" font-size="11">`+"\n", width, height, width, height)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	for i, name := range l.Participants {
		fmt.Fprintf(&b, `<text x="%d" y="18" text-anchor="middle" font-weight="bold">%s</text>`+"\n", x[i], html.EscapeString(name))
		fmt.Fprintf(&b, `<line x1="%d" y1="26" x2="%d" y2="%d" stroke="#999"/>`+"\n", x[i], x[i], height-8)
	}
	for i, r := range l.Rungs {
		y := top + row*i + row/2
		ink := "#036"
		if r.Bad {
			ink = "#b00"
		}
		from, to, head := x[r.From], x[r.To], -6
		if from > to {
			head = 6
		}
		fmt.Fprintf(&b, `<text x="4" y="%d" fill="#666">%.6f</text>`+"\n", y+4, r.At.Seconds())
		fmt.Fprintf(&b, `<g stroke="%s" fill="%s"><line x1="%d" y1="%d" x2="%d" y2="%d"/><path d="M%d %dl%d -3v6z"/></g>`+"\n", ink, ink, from, y, to, y, to, y, head)
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="%s">%s</text>`+"\n", (from+to)/2, y-4, ink, html.EscapeString(short(r.Label, maxLabel)))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
