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
	KindFake      Kind = "fake"      // a fake kernel inside the process
	KindProcess   Kind = "process"   // a rump_server process
	KindContainer Kind = "container" // a container of a Docker engine
	KindRumprun   Kind = "rumprun"   // a Rumprun unikernel
	KindURL       Kind = "url"       // an existing server
)

// Target says what kind of kernel to use. The zero value leaves it to
// $RUMPSCRIPT_TARGET, and then is the fake.
type Target struct {
	Kind Kind

	// Image is what a KindContainer or a KindRumprun is made from: the name of
	// an engine's image, which may be empty for $RUMPSCRIPT_IMAGE, or the path
	// of a unikernel.
	Image string

	URL sysproxy.URL // of KindURL
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
	if strings.Contains(s, "://") {
		u, err := sysproxy.ParseURL(s)
		if err != nil {
			return Target{}, err
		}
		return Target{Kind: KindURL, URL: u}, nil
	}
	kind, image, hasImage := strings.Cut(s, ":")
	switch k := Kind(kind); k {
	case "", KindFake, KindProcess:
		if hasImage {
			return Target{}, &TargetError{s, "this kind takes no image"}
		}
		if k == "" {
			k = KindFake
		}
		return Target{Kind: k}, nil
	case KindContainer:
		if hasImage && image == "" {
			return Target{}, &TargetError{s, "the image's name is missing after the colon"}
		}
		return Target{Kind: k, Image: image}, nil
	case KindRumprun:
		if image == "" {
			return Target{}, &TargetError{s, "which unikernel? Say rumprun:PATH"}
		}
		return Target{Kind: k, Image: image}, nil
	}
	return Target{}, &TargetError{s, "neither fake, process, container[:IMAGE], rumprun:IMAGE nor a URL"}
}

// String returns the name that ParseTarget takes.
func (t Target) String() string {
	switch {
	case t.Kind == KindURL:
		return t.URL.String()
	case t.Kind == "":
		return string(KindFake)
	case t.Image != "":
		return string(t.Kind) + ":" + t.Image
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
		} else if name = getenv(VarTarget); name != "" {
			where = VarTarget
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
