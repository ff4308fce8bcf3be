package rumpctrl

import (
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// paxTimes is a range of times: -T. Its limits belong to it; a zero one is none.
type paxTimes struct {
	low, high    time.Time
	mtime, ctime bool // which of a file's times has to be in it
}

// ownerID parses the argument of -U or -G. A rump kernel knows no names, only "#" and
// a number.
func (a *archiver) ownerID(what, arg string) (uint32, error) {
	id, ok := strings.CutPrefix(arg, "#")
	if !ok {
		a.warn("%s: %s", what, strings.TrimPrefix(arg, `\`))
		return 0, errBadOption
	}
	// As strtoul(3), digits up to the first that is none.
	end := 0
	for end < len(id) && id[end] >= '0' && id[end] <= '9' {
		end++
	}
	n, _ := strconv.ParseUint(id[:end], 10, 32)
	return uint32(n), nil
}

// times parses the argument of -T: "[from][,to][/[c][m]]".
func (a *archiver) times(arg string) error {
	bad := func(format string, args ...any) error {
		a.warn(format, args...)
		a.warn("Time range format is: [yy[mm[dd[hh]]]]mm[.ss][/[c][m]]")
		return errBadOption
	}
	if arg == "" {
		a.warn("Empty time range string")
		return errBadOption
	}
	limits, flags := arg, ""
	if i := strings.LastIndexByte(arg, '/'); i >= 0 {
		limits, flags = arg[:i], arg[i+1:]
	}
	low, high, _ := strings.Cut(limits, ",")
	for _, s := range []string{low, high} {
		if strings.Trim(s, "0123456789.") != "" || strings.Count(s, ".") > 1 {
			return bad("Improperly specified time range: %s", low)
		}
	}
	r := paxTimes{mtime: flags == ""}
	for _, f := range strings.ToLower(flags) {
		switch f {
		case 'm':
			r.mtime = true
		case 'c':
			r.ctime = true
		default:
			return bad("Bad option %c with time range %s", f, low)
		}
	}
	var ok bool
	if low != "" {
		if r.low, ok = a.time(low); !ok {
			return bad("Illegal lower time range %s", low)
		}
	}
	if high != "" {
		if r.high, ok = a.time(high); !ok {
			return bad("Illegal upper time range %s", high)
		}
	}
	if low != "" && high != "" && r.low.After(r.high) {
		a.warn("Upper %s and lower %s time overlap", high, low)
		return errBadOption
	}
	a.ranges = append(a.ranges, r)
	return nil
}

// time parses "[[[[[cc]yy]mm]dd]hh]mm[.ss]". What is not given is that of now.
func (a *archiver) time(s string) (time.Time, bool) {
	digits, seconds, dot := strings.Cut(s, ".")
	if dot && len(seconds) != 2 || len(digits) < 2 || len(digits) > 12 || len(digits)%2 != 0 {
		return time.Time{}, false
	}
	now := time.Now().In(a.e.Location)
	year, month, day, hour := now.Year(), int(now.Month()), now.Day(), now.Hour()
	sec, _ := strconv.Atoi(seconds)
	var pairs []int // from the last, the minutes, to the first
	for i := len(digits); i > 0; i -= 2 {
		n, _ := strconv.Atoi(digits[i-2 : i])
		pairs = append(pairs, n)
	}
	for i, p := range []*int{nil, &hour, &day, &month, &year} {
		if p != nil && i < len(pairs) {
			*p = pairs[i]
		}
	}
	switch {
	case len(pairs) == 6:
		year += pairs[5] * 100
	case len(pairs) == 5 && year < 69:
		year += 2000
	case len(pairs) == 5:
		year += 1900
	}
	return time.Date(year, time.Month(month), day, hour, pairs[0], sec, 0, a.e.Location), true
}

// selected reports whether a file is one of those that -U, -G and -T select.
func (a *archiver) selected(st *netbsd.Stat) bool {
	if a.users != nil && !a.users[st.Uid] || a.groups != nil && !a.groups[st.Gid] {
		return false
	}
	if a.ranges == nil {
		return true
	}
	for _, r := range a.ranges {
		before, after := true, true // all the times that count
		for _, t := range []struct {
			counts bool
			sec    int64
		}{{r.mtime, st.Mtim.Sec}, {r.ctime, st.Ctim.Sec}} {
			if t.counts {
				before = before && !r.low.IsZero() && t.sec < r.low.Unix()
				after = after && !r.high.IsZero() && t.sec > r.high.Unix()
			}
		}
		if !before && !after {
			return true
		}
	}
	return false
}

// current reports whether the file at a path is as new as another, by the time of
// modification or that of the inode's last change, or by both.
func (a *archiver) current(path string, st *netbsd.Stat, mtime, ctime bool) bool {
	if !mtime && !ctime {
		return false
	}
	there, err := a.k.Lstat(a.ctx, path)
	return err == nil &&
		(!mtime || st.Mtim.Sec <= there.Mtim.Sec) && (!ctime || st.Ctim.Sec <= there.Ctim.Sec)
}
