package rumpctrl

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// summary prints what was done.
func (d *copier) summary() {
	if d.progress > 0 {
		io.WriteString(d.e.Stderr, "\n")
	}
	switch d.format {
	case "quiet":
	case "posix":
		if d.progress > 0 {
			io.WriteString(d.e.Stderr, "\n")
		}
		d.records()
		s, _ := d.formatSummary("%b bytes transferred in %s secs (%e bytes/sec)\n")
		io.WriteString(d.e.Stderr, s)
	case "human":
		d.records()
		s, _ := d.formatSummary("%b bytes (%B) transferred in %s secs (%e bytes/sec - %E)\n")
		io.WriteString(d.e.Stderr, s)
	default:
		s, _ := d.formatSummary(d.format)
		io.WriteString(d.e.Stderr, s)
	}
}

func (d *copier) records() {
	f := "%I+%i records in\n%O+%o records out\n"
	if d.stat.swab > 0 {
		f += "%w odd length swab %W\n"
	}
	if d.stat.trunc > 0 {
		f += "%t truncated %T\n"
	}
	if d.stat.sparse > 0 {
		f += "%p sparse output %P\n"
	}
	s, _ := d.formatSummary(f)
	io.WriteString(d.e.Stderr, s)
}

func blocks(n int64) string {
	if n == 1 {
		return "block"
	}
	return "blocks"
}

// formatSummary fills in a format of msgfmt.
func (d *copier) formatSummary(format string) (string, error) {
	ms := time.Now().UnixMilli()
	if !d.started.IsZero() {
		ms = time.Since(d.started).Milliseconds()
	}
	ms = max(ms, 1)
	s := &d.stat
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			break
		}
		switch format[i] {
		case 'b':
			fmt.Fprint(&b, s.bytes)
		case 'B':
			b.WriteString(humanizeNumber(7, s.bytes, "B", humanDecimal))
		case 'e':
			fmt.Fprint(&b, perSecond(s.bytes, ms))
		case 'E':
			b.WriteString(humanizeNumber(7, perSecond(s.bytes, ms), "B", humanDecimal) + "/sec")
		case 'i':
			fmt.Fprint(&b, s.inPart)
		case 'I':
			fmt.Fprint(&b, s.inFull)
		case 'o':
			fmt.Fprint(&b, s.outPart)
		case 'O':
			fmt.Fprint(&b, s.outFull)
		case 's':
			fmt.Fprintf(&b, "%d.%03d", ms/1000, ms%1000)
		case 'p':
			fmt.Fprint(&b, s.sparse)
		case 't':
			fmt.Fprint(&b, s.trunc)
		case 'w':
			fmt.Fprint(&b, s.swab)
		case 'P':
			b.WriteString(blocks(s.sparse))
		case 'T':
			b.WriteString(blocks(s.trunc))
		case 'W':
			b.WriteString(blocks(s.swab))
		case '%':
			b.WriteByte('%')
		default:
			return "", errx(1, "unknown specifier '%c' in msgfmt string", format[i])
		}
	}
	return b.String(), nil
}

func perSecond(bytes, ms int64) int64 { return int64(uint64(bytes) * 1000 / uint64(ms)) }
