package starlark

import (
	"fmt"
	"math"
	gotime "time"

	"go.starlark.net/lib/time"
	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// content unpacks data to be written: a string or bytes.
type content []byte

// Unpack implements starlark.Unpacker.
func (d *content) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.String:
		*d = content(v)
	case starlark.Bytes:
		*d = content(v)
	default:
		return fmt.Errorf("got %s where a string or bytes are wanted", v.Type())
	}
	return nil
}

// words calls each with the words of a list.
func words(v starlark.Value, each func(string) error) error {
	list, ok := v.(starlark.Iterable)
	if !ok {
		return fmt.Errorf("got %s where a list of strings is wanted", v.Type())
	}
	for x := range starlark.Elements(list) {
		s, ok := starlark.AsString(x)
		if !ok {
			return fmt.Errorf("got %s in a list of strings", x.Type())
		}
		if err := each(s); err != nil {
			return err
		}
	}
	return nil
}

// wordList makes a list of strings.
func wordList(ws []string) *starlark.List {
	list := make([]starlark.Value, len(ws))
	for i, w := range ws {
		list[i] = starlark.String(w)
	}
	return starlark.NewList(list)
}

// openMode unpacks how a file is opened, as Python's open has it: "r", "r+", "w",
// "w+", "a", "a+", "x" and "x+". It is the flags of open(2).
type openMode int

// Unpack implements starlark.Unpacker.
func (m *openMode) Unpack(v starlark.Value) error {
	modes := map[starlark.String]openMode{
		"r":  netbsd.O_RDONLY,
		"r+": netbsd.O_RDWR,
		"w":  netbsd.O_WRONLY | netbsd.O_CREAT | netbsd.O_TRUNC,
		"w+": netbsd.O_RDWR | netbsd.O_CREAT | netbsd.O_TRUNC,
		"a":  netbsd.O_WRONLY | netbsd.O_CREAT | netbsd.O_APPEND,
		"a+": netbsd.O_RDWR | netbsd.O_CREAT | netbsd.O_APPEND,
		"x":  netbsd.O_WRONLY | netbsd.O_CREAT | netbsd.O_EXCL,
		"x+": netbsd.O_RDWR | netbsd.O_CREAT | netbsd.O_EXCL,
	}
	s, _ := v.(starlark.String)
	flags, ok := modes[s]
	if !ok {
		return fmt.Errorf("got %s, want \"r\", \"w\", \"a\" or \"x\", or one of them with a + to read and write", v)
	}
	*m = flags
	return nil
}

// openFlags unpacks more flags of open(2), a list of words.
type openFlags int

// Unpack implements starlark.Unpacker.
func (f *openFlags) Unpack(v starlark.Value) error {
	flags := map[string]int{
		"nonblock": netbsd.O_NONBLOCK, "append": netbsd.O_APPEND, "shlock": netbsd.O_SHLOCK, "exlock": netbsd.O_EXLOCK,
		"async": netbsd.O_ASYNC, "sync": netbsd.O_SYNC, "nofollow": netbsd.O_NOFOLLOW, "creat": netbsd.O_CREAT,
		"trunc": netbsd.O_TRUNC, "excl": netbsd.O_EXCL, "noctty": netbsd.O_NOCTTY, "dsync": netbsd.O_DSYNC,
		"rsync": netbsd.O_RSYNC, "direct": netbsd.O_DIRECT, "directory": netbsd.O_DIRECTORY,
		"cloexec": netbsd.O_CLOEXEC, "nosigpipe": netbsd.O_NOSIGPIPE,
	}
	return words(v, func(w string) error {
		bit, ok := flags[w]
		if !ok {
			return fmt.Errorf("open(2) has no flag %q: write it as O_SYNC is written \"sync\"", w)
		}
		*f |= openFlags(bit)
		return nil
	})
}

// fileFlags unpacks the flags of chflags(2), a list of words.
type fileFlags netbsd.FileFlags

// Unpack implements starlark.Unpacker.
func (f *fileFlags) Unpack(v starlark.Value) error {
	return words(v, func(w string) error {
		flag, ok := netbsd.LookupFileFlag(w)
		if !ok {
			return fmt.Errorf("no file flag is named %q", w)
		}
		*f |= fileFlags(flag)
		return nil
	})
}

// fileTime unpacks a time to set: seconds since 1970, a value of module time, or
// "now".
type fileTime netbsd.Timespec

// Unpack implements starlark.Unpacker.
func (t *fileTime) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.Int:
		n, ok := v.Int64()
		if !ok {
			return fmt.Errorf("%s is out of range", v)
		}
		*t = fileTime{Sec: n}
		return nil
	case starlark.Float:
		sec := math.Floor(float64(v))
		if !(math.Abs(sec) < 1<<53) {
			return fmt.Errorf("%s is out of range", v)
		}
		*t = fileTime{int64(sec), int64((float64(v) - sec) * 1e9)}
		return nil
	case time.Time:
		*t = fileTime(netbsd.TimespecOf(gotime.Time(v)))
		return nil
	case starlark.String:
		if v == "now" {
			*t = fileTime{Nsec: netbsd.UTIME_NOW}
			return nil
		}
	}
	return fmt.Errorf("got %s where a time is wanted: seconds since 1970, a time of module time, or \"now\"", v)
}

// pathconfName unpacks a name of pathconf(2), such as "NAME_MAX".
type pathconfName int

// Unpack implements starlark.Unpacker.
func (p *pathconfName) Unpack(v starlark.Value) error {
	n, err := named(v, "limit of pathconf(2)", netbsd.LookupPathconf)
	*p = pathconfName(n)
	return err
}

// limit returns what pathconf(2) says: None if there is no limit.
func limit(n int64, err error) (starlark.Value, error) {
	if n == -1 {
		return nil, err
	}
	return starlark.MakeInt64(n), err
}
