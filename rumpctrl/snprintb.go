package rumpctrl

import (
	"fmt"
	"strings"
)

// bitNames are the names of bits, from the lowest on; a bit without a name is
// not shown.
type bitNames []string

// snprintb returns a number with the names of its bits, as snprintb(3) does in
// its old format: "0x8043<UP,BROADCAST>".
func snprintb(v uint64, names bitNames) string {
	s := fmt.Sprintf("0x%x", v)
	if v == 0 {
		return s
	}
	var set []string
	for i, n := range names {
		if v&(1<<i) != 0 && n != "" {
			set = append(set, n)
		}
	}
	if set == nil {
		return s
	}
	return s + "<" + strings.Join(set, ",") + ">"
}

// snprintbLines is snprintb for a line that shall be shorter than limit: it
// returns as many lines as are needed, each with the number, without its 0x, and
// some of the names: snprintb_m(3).
func snprintbLines(v uint64, names bitNames, limit int) []string {
	num := fmt.Sprintf("0x%x", v)
	if v == 0 {
		return []string{num[2:]}
	}
	var lines []string
	line := num
	sep := "<"
	for i, n := range names {
		if v&(1<<i) == 0 || n == "" {
			continue
		}
		if sep == "," && len(line)+1+len(n) >= limit {
			lines = append(lines, line[2:]+">")
			line, sep = num, "<"
		}
		line += sep + n
		sep = ","
	}
	if sep == "," {
		line += ">"
	}
	return append(lines, line[2:])
}
