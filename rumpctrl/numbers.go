package rumpctrl

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// humanFlag says how humanizeNumber prints.
type humanFlag uint8

const (
	humanDecimal humanFlag = 1 << iota // one digit after the point for small numbers
	humanNoSpace                       // no space before the suffix
	humanB                             // "B" for bytes as such
)

// humanizeNumber fits a number into a buffer of size bytes, the NUL at its end
// included, as humanize_number(3) does with HN_AUTOSCALE.
func humanizeNumber(size int, n int64, suffix string, flags humanFlag) string {
	prefixes := []string{"", "K", "M", "G", "T", "P", "E"}
	if flags&humanB != 0 {
		prefixes[0] = "B"
	}
	base, sign, post := 2, int64(1), int64(1)
	if n < 0 {
		base, sign = 3, -1
		n = -n
	}
	if n < math.MaxInt64/100 {
		n *= 100
	} else {
		post = 100
		base += 2
	}
	sep := ""
	if flags&humanNoSpace == 0 {
		sep = " "
		base++
	}
	base += len(suffix)
	limit := int64(100)
	for range size - base {
		limit *= 10
	}
	i := 0
	for ; n >= limit-50 && i < len(prefixes)-1; i++ {
		n /= 1024
	}
	n *= post
	if n < 995 && i > 0 && flags&humanDecimal != 0 {
		tenths := (n + 5) / 10
		return fmt.Sprintf("%d.%d%s%s%s", sign*(tenths/10), tenths%10, sep, prefixes[i], suffix)
	}
	return fmt.Sprintf("%d%s%s%s", sign*((n+50)/100), sep, prefixes[i], suffix)
}

// parseSuffixed parses a number with a suffix b, k, m, g, t or w, or a product of
// such with "x" between them: strsuftoll(3). The error is the whole message.
func parseSuffixed(what, s string, least, most int64) (int64, error) {
	return parseProduct(what, s, least, most, 0)
}

func parseProduct(what, s string, least, most int64, depth int) (int64, error) {
	if depth > 16 {
		return 0, fmt.Errorf("%s: Recursion limit exceeded", what)
	}
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	digits := end
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	illegal := fmt.Errorf("%s `%s': illegal number", what, s)
	tooBig := fmt.Errorf("%s: %s", what, netbsd.ERANGE.Error())
	if end == digits {
		return 0, illegal
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(s[:end], "+"), 10, 64)
	if err != nil {
		return 0, tooBig
	}
	rest := s[end:]
	if rest != "" {
		factor := int64(0)
		switch rest[0] {
		case 'b':
			factor = 512
		case 'k':
			factor = 1 << 10
		case 'm':
			factor = 1 << 20
		case 'g':
			factor = 1 << 30
		case 't':
			factor = 1 << 40
		case 'w':
			factor = 4
		}
		if factor != 0 {
			rest = rest[1:]
			if n > math.MaxInt64/factor || n < 0 {
				return 0, tooBig
			}
			n *= factor
		}
	}
	switch {
	case rest == "":
	case rest[0] == '*' || rest[0] == 'x':
		m, err := parseProduct(what, rest[1:], least, most, depth+1)
		if err != nil {
			return 0, err
		}
		if n < 0 || m < 1 || n > math.MaxInt64/m {
			return 0, tooBig
		}
		n *= m
	default:
		return 0, illegal
	}
	if n < least {
		return 0, fmt.Errorf("%s %d is less than %d.", what, n, least)
	}
	if n > most {
		return 0, fmt.Errorf("%s %d is greater than %d.", what, n, most)
	}
	return n, nil
}

// blockSize is the unit in which sizes are printed, with its heading, from the
// variable BLOCKSIZE: getbsize(3).
func (e *Env) blockSize() (heading string, size int64) {
	const most = 1 << 30
	s := e.Getenv("BLOCKSIZE")
	if s == "" {
		return "512-blocks", 512
	}
	end := 0
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, _ := strconv.ParseInt(s[:end], 10, 64)
	if n < 0 {
		e.warnx("%s: minimum blocksize is 512", s)
		return "512-blocks", 512
	}
	n = max(n, 1)
	form, unit := "", int64(1)
	switch strings.ToUpper(s[end:]) {
	case "":
	case "K":
		form, unit = "K", 1<<10
	case "M":
		form, unit = "M", 1<<20
	case "G":
		form, unit = "G", 1<<30
	default:
		e.warnx("%s: unknown blocksize", s)
		return "512-blocks", 512
	}
	if n > most/unit {
		e.warnx("maximum blocksize is 1G")
		n = most / unit
	}
	if n*unit < 512 {
		e.warnx("%s: minimum blocksize is 512", s)
		return "512-blocks", 512
	}
	return fmt.Sprintf("%d%s-blocks", n, form), n * unit
}

// howMany is how many units a number of bytes or blocks takes.
func howMany(n, unit int64) int64 { return (n + unit - 1) / unit }

// fileFlags names the flags of a file, or returns none.
func fileFlags(flags uint32, none string) string {
	words := netbsd.FileFlags(flags).Words()
	if words == nil {
		return none
	}
	return strings.Join(words, ",")
}
