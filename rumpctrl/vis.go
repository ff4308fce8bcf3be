package rumpctrl

import (
	"fmt"
	"strings"
)

type visFlag uint8

const (
	visOctal  visFlag = 1 << iota // escape as \ddd
	visCStyle                     // \n and its like where C has one
	visWhite                      // escape white space, too
)

// visible shows a string with its unprintable bytes escaped: strvis(3), with
// VIS_NL and the given flags.
func visible(s string, flags visFlag) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		white := c == ' ' || c == '\t' || c == '\n'
		switch {
		case c == '\\':
			b.WriteString(`\\`)
		case c > ' ' && c < 0x7f, c == ' ' && flags&visWhite == 0, c == '\t' && flags&visWhite == 0:
			b.WriteByte(c)
		case flags&visCStyle != 0 && strings.IndexByte("\n\r\b\a\v\t\f \x00", c) >= 0:
			next := byte(0)
			if i+1 < len(s) {
				next = s[i+1]
			}
			switch {
			case c != 0:
				b.WriteString(`\` + string("nrbavtfs"[strings.IndexByte("\n\r\b\a\v\t\f ", c)]))
			case next >= '0' && next <= '7':
				b.WriteString(`\000`)
			default:
				b.WriteString(`\0`)
			}
		case flags&visOctal != 0 || white:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			meta := ""
			if c&0x80 != 0 {
				meta = "M"
				c &= 0x7f
			}
			switch {
			case c < ' ' || c == 0x7f:
				b.WriteString(`\` + meta + "^" + string(rune(c^0x40)))
			case meta != "" && c == ' ':
				b.WriteString(`\240`)
			default:
				b.WriteString(`\M-` + string(rune(c)))
			}
		}
	}
	return b.String()
}
