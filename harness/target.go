package harness

import (
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Kind is a kind of target.
type Kind string

// The kinds of targets.
const (
	KindFake    Kind = "fake"    // a fake kernel inside the process
	KindProcess Kind = "process" // a rump_server process
	KindURL     Kind = "url"     // an existing server
)

// Target says what kind of kernel to use. The zero value is the fake.
type Target struct {
	Kind Kind
	URL  sysproxy.URL // of KindURL
}

// A TargetError says what is wrong with the name of a target.
type TargetError struct {
	Target string
	What   string
}

func (e *TargetError) Error() string { return fmt.Sprintf("bad target %q: %s", e.Target, e.What) }

// ParseTarget parses the name of a target, as given to --target. An empty name
// is the fake's.
func ParseTarget(s string) (Target, error) {
	switch {
	case s == "" || s == string(KindFake):
		return Target{Kind: KindFake}, nil
	case s == string(KindProcess):
		return Target{Kind: KindProcess}, nil
	case strings.Contains(s, "://"):
		u, err := sysproxy.ParseURL(s)
		if err != nil {
			return Target{}, err
		}
		return Target{Kind: KindURL, URL: u}, nil
	}
	return Target{}, &TargetError{s, "neither fake, process nor a URL"}
}

// String returns the name that ParseTarget takes.
func (t Target) String() string {
	switch t.Kind {
	case KindURL:
		return t.URL.String()
	case "":
		return string(KindFake)
	}
	return string(t.Kind)
}

// Choose decides between the places where a target can be named: flag, the
// value of --target; then RUMP_SERVER, a URL; then RUMPSCRIPT_TARGET; then the
// fake. Where tells which it was, in words for a person; it is empty if flag was.
func Choose(flag string, getenv func(string) string) (t Target, where string, err error) {
	name := flag
	if name == "" {
		if name = getenv("RUMP_SERVER"); name != "" {
			where = "RUMP_SERVER"
			if !strings.Contains(name, "://") {
				_, err := sysproxy.ParseURL(name)
				return Target{}, where, fmt.Errorf("RUMP_SERVER: %w", err)
			}
		} else if name = getenv("RUMPSCRIPT_TARGET"); name != "" {
			where = "RUMPSCRIPT_TARGET"
		} else {
			where = "by default"
		}
	}
	t, err = ParseTarget(name)
	if err != nil && where != "" {
		err = fmt.Errorf("%s: %w", where, err)
	}
	return t, where, err
}
