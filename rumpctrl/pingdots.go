package rumpctrl

import (
	"strings"
	"time"
)

// dots are what ping -f prints: one for each packet, which an answer takes back. So
// that a terminal is not flooded, too, they are kept until nothing has been printed
// for a while or something else must be.
type dots struct {
	kept  int       // to be printed, or if negative to be taken back
	total int       // moves of the cursor on the line
	back  bool      // what was printed last took some back
	at    time.Time // of the last that were printed
}

// moveDots adds a dot, or takes one back.
func (p *ping) moveDots(n int) {
	d := &p.dots
	if p.flags['q'] || d.total+d.kept+n < 0 {
		return // or it would go back into other text
	}
	d.kept += n
	quiet := p.lastSent.Sub(d.at)
	turned := n > 0 && d.back || n < 0 && !d.back
	if quiet > 200*time.Millisecond || quiet >= 150*time.Millisecond && turned {
		p.flushDots()
	}
}

func (p *ping) flushDots() {
	d := &p.dots
	if d.kept > 0 {
		p.printf("%s", strings.Repeat(".", d.kept))
		d.total, d.back = d.total+d.kept, false
	} else if d.kept < 0 {
		p.printf("%s", strings.Repeat("\b", -d.kept))
		d.total, d.back = d.total-d.kept, true
	}
	d.kept, d.at = 0, p.now
}

// endDots ends the line of dots.
func (p *ping) endDots() {
	p.flushDots()
	if p.dots.total != 0 {
		p.printf("\n")
	}
	p.dots.total, p.dots.back = 0, true
}
