package rumpctrl

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func TestParseMode(t *testing.T) {
	for _, c := range []struct {
		mode     string
		old, new uint32
	}{
		{"644", 0o100777, 0o100644},
		{"4755", 0o100600, 0o104755},
		{"0", 0o100777, 0o100000},
		{"u+x", 0o100644, 0o100744},
		{"go-rwx", 0o100777, 0o100700},
		{"+w", 0o100444, 0o100644}, // the mask is 022
		{"a+w", 0o100444, 0o100666},
		{"=r", 0o100777, 0o100444},
		{"a+X", 0o100600, 0o100600},
		{"a+X", 0o100700, 0o100711},
		{"a+X", 0o40600, 0o40711},
		{"g=u", 0o100750, 0o100770},
		{"u=g,o=", 0o100657, 0o100550},
		{"u+s,g+s,+t", 0o100755, 0o107755},
		{"ug+rw-x", 0o100111, 0o100661},
	} {
		change, err := parseMode(c.mode, 0o22)
		if err != nil {
			t.Errorf("%s: %v", c.mode, err)
			continue
		}
		if got := change.apply(c.old); got != c.new {
			t.Errorf("%s makes %#o of %#o, want %#o", c.mode, got, c.old, c.new)
		}
	}
	for _, bad := range []string{"", "8", "77777", "u", "u+q", "z+x", "u+x,", "-"} {
		if _, err := parseMode(bad, 0o22); (err == nil) != (bad == "-") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestHumanizeNumber(t *testing.T) {
	for _, c := range []struct {
		size  int
		n     int64
		flags humanFlag
		want  string
	}{
		{5, 0, humanB | humanNoSpace | humanDecimal, "0B"},
		{5, 1023, humanB | humanNoSpace | humanDecimal, "1.0K"},
		{5, 1536, humanB | humanNoSpace | humanDecimal, "1.5K"},
		{5, 10 << 20, humanB | humanNoSpace | humanDecimal, "10M"},
		{5, 1 << 62, humanB | humanNoSpace | humanDecimal, "4.0E"},
		{7, -2048, humanNoSpace, "-2048"},
		{5, -2048, humanNoSpace, "-2K"},
	} {
		if got := humanizeNumber(c.size, c.n, "", c.flags); got != c.want {
			t.Errorf("%d in %d bytes: %q, want %q", c.n, c.size, got, c.want)
		}
	}
}

func TestParseSuffixed(t *testing.T) {
	for _, c := range []struct {
		s    string
		want int64
	}{
		{"512", 512}, {"1b", 512}, {"64k", 64 << 10}, {"3m", 3 << 20}, {"1g", 1 << 30}, {"2w", 8},
		{"2x3", 6}, {"2kx3", 6 << 10}, {"2x3x4", 24}, {"0x10", 0},
	} {
		if n, err := parseSuffixed("count", c.s, 0, 1<<40); err != nil || n != c.want {
			t.Errorf("%s: %d %v, want %d", c.s, n, err, c.want)
		}
	}
	for _, bad := range []string{"", "k", "12q", "-1", "99999999999999999999", "8g8", strings.Repeat("1x", 40) + "1"} {
		if n, err := parseSuffixed("count", bad, 0, 1<<40); err == nil {
			t.Errorf("%q is %d", bad, n)
		}
	}
}

func TestVisible(t *testing.T) {
	for _, c := range []struct {
		in    string
		flags visFlag
		want  string
	}{
		{"plain name", 0, "plain name"},
		{"plain name", visOctal | visWhite, `plain\040name`},
		{"new\nline", visCStyle, `new\nline`},
		{"a\xffb", visOctal, `a\377b`},
		{`back\slash`, visOctal, `back\\slash`},
	} {
		if got := visible(c.in, c.flags); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestStrftime(t *testing.T) {
	at := time.Date(2016, time.February, 3, 4, 5, 6, 0, time.UTC)
	for format, want := range map[string]string{
		"%Y-%m-%dT%H:%M:%S%z": "2016-02-03T04:05:06+0000",
		"%c":                  "Wed Feb  3 04:05:06 2016",
		"%j %U %W %V %u %w":   "034 05 05 05 3 3",
		"%I %p %l%%":          "04 AM  4%",
		"%s":                  "1454472306",
		"%":                   "%",
	} {
		if got := strftime(format, at); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

func TestPaxMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"a", "ab", false},
		{"*", "", true}, {"*", "a/b", true}, {"a*c", "abbc", true}, {"a*c", "abcd", false},
		{"*.c", "x/y.c", true}, {"a*b*c", "aXbYbZc", true}, {"?", "", false}, {"a?c", "abc", true},
		{"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false}, {"[ab", "a", false}, {`\*`, "*", true}, {`\*`, "a", false},
		{"a**", "a", true}, {"**b", "aab", true},
		{strings.Repeat("*a", 40), strings.Repeat("a", 200) + "b", false},
	} {
		if got := paxMatch(c.pattern, c.name); got != c.want {
			t.Errorf("%q with %q: %v", c.pattern, c.name, got)
		}
	}
}

// FuzzPaxArchive reads archives that may be damaged.
func FuzzPaxArchive(f *testing.F) {
	for _, hex := range []bool{false, true} {
		var b bytes.Buffer
		w := &cpioWriter{out: &b, hex: hex, inos: map[[2]uint64]uint64{}}
		m := &paxMember{name: "dir/file", data: strings.NewReader("text\n")}
		m.stat.Mode, m.stat.Size, m.stat.Nlink = netbsd.S_IFREG|0o644, 5, 1
		if err := w.add(m); err != nil {
			f.Fatal(err)
		}
		link := &paxMember{name: "link", link: "target"}
		link.stat.Mode, link.stat.Nlink = netbsd.S_IFLNK|0o755, 1
		if err := w.add(link); err != nil {
			f.Fatal(err)
		}
		if err := w.end(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("070707" + strings.Repeat("7", 100)))
	f.Fuzz(func(t *testing.T, archive []byte) {
		r, err := openPax(&paxInput{r: bytes.NewReader(archive)})
		if err != nil {
			return
		}
		read := int64(0)
		for {
			m, err := r.next()
			if err != nil {
				break
			}
			if m.hasData() {
				n, _ := io.Copy(io.Discard, m.data)
				read += n
			}
		}
		if read > int64(len(archive))+(1<<20) && r.format() != "ustar" {
			t.Errorf("read %d bytes from an archive of %d", read, len(archive))
		}
	})
}
