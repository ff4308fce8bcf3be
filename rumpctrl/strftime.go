package rumpctrl

import (
	"fmt"
	"strings"
	"time"
)

// strftime formats a time as strftime(3) does in the C locale.
func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		for i+1 < len(format) && (format[i] == 'E' || format[i] == 'O') {
			i++
		}
		hour12 := (t.Hour()+11)%12 + 1
		isoYear, isoWeek := t.ISOWeek()
		monday := (int(t.Weekday()) + 6) % 7
		switch c := format[i]; c {
		case 'A', 'a', 'B', 'b', 'h', 'p', 'Z', 'z':
			b.WriteString(t.Format(map[byte]string{
				'A': "Monday", 'a': "Mon", 'B': "January", 'b': "Jan", 'h': "Jan", 'p': "PM", 'Z': "MST", 'z': "-0700",
			}[c]))
		case 'C':
			fmt.Fprintf(&b, "%02d", t.Year()/100)
		case 'c':
			b.WriteString(strftime("%a %b %e %H:%M:%S %Y", t))
		case 'D', 'x':
			b.WriteString(strftime("%m/%d/%y", t))
		case 'd':
			fmt.Fprintf(&b, "%02d", t.Day())
		case 'e':
			fmt.Fprintf(&b, "%2d", t.Day())
		case 'F':
			b.WriteString(strftime("%Y-%m-%d", t))
		case 'G':
			fmt.Fprint(&b, isoYear)
		case 'g':
			fmt.Fprintf(&b, "%02d", isoYear%100)
		case 'H':
			fmt.Fprintf(&b, "%02d", t.Hour())
		case 'I':
			fmt.Fprintf(&b, "%02d", hour12)
		case 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case 'k':
			fmt.Fprintf(&b, "%2d", t.Hour())
		case 'l':
			fmt.Fprintf(&b, "%2d", hour12)
		case 'M':
			fmt.Fprintf(&b, "%02d", t.Minute())
		case 'm':
			fmt.Fprintf(&b, "%02d", int(t.Month()))
		case 'n':
			b.WriteByte('\n')
		case 'R':
			b.WriteString(strftime("%H:%M", t))
		case 'r':
			b.WriteString(strftime("%I:%M:%S %p", t))
		case 'S':
			fmt.Fprintf(&b, "%02d", t.Second())
		case 's':
			fmt.Fprint(&b, t.Unix())
		case 'T', 'X':
			b.WriteString(strftime("%H:%M:%S", t))
		case 't':
			b.WriteByte('\t')
		case 'U':
			fmt.Fprintf(&b, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
		case 'u':
			fmt.Fprint(&b, monday+1)
		case 'V':
			fmt.Fprintf(&b, "%02d", isoWeek)
		case 'v':
			b.WriteString(strftime("%e-%b-%Y", t))
		case 'W':
			fmt.Fprintf(&b, "%02d", (t.YearDay()+6-monday)/7)
		case 'w':
			fmt.Fprint(&b, int(t.Weekday()))
		case 'Y':
			fmt.Fprint(&b, t.Year())
		case 'y':
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
