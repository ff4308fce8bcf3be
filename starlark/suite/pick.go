package suite

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// pattern is a go test pattern: regular expressions for the levels of a test's
// name, separated by slashes.
type pattern []*regexp.Regexp

func parsePattern(s string) (pattern, error) {
	if s == "" {
		return nil, nil
	}
	var p pattern
	for _, part := range strings.Split(s, "/") {
		re, err := regexp.Compile(part)
		if err != nil {
			return nil, fmt.Errorf("bad pattern %q: %w", s, err)
		}
		p = append(p, re)
	}
	return p, nil
}

// match reports whether the levels of a name match. With partial, a name with
// fewer levels than the pattern does if what there is matches: its subtests may.
func (p pattern) match(name string, partial bool) bool {
	levels := strings.Split(name, "/")
	for i, re := range p {
		if i >= len(levels) {
			return partial
		}
		if !re.MatchString(levels[i]) {
			return false
		}
	}
	return true
}

// filter is --run and --skip together.
type filter struct{ run, skip pattern }

func newFilter(run, skip string) (filter, error) {
	r, err := parsePattern(run)
	if err != nil {
		return filter{}, err
	}
	s, err := parsePattern(skip)
	return filter{r, s}, err
}

func (f filter) wants(name string) bool {
	return f.run.match(name, true) && (f.skip == nil || !f.skip.match(name, false))
}

// shuffle puts the items into an order that the seed decides. The setting is off,
// on, or a seed; the seed that was used is returned, 0 for none.
func shuffle(items []Item, setting string) (seed int64, err error) {
	switch setting {
	case "", "off":
		return 0, nil
	case "on":
		seed = time.Now().UnixNano()
	default:
		if seed, err = strconv.ParseInt(setting, 10, 64); err != nil {
			return 0, fmt.Errorf("bad --shuffle %q: it is off, on or a number", setting)
		}
	}
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return seed, nil
}

// shard returns every count-th item, from the index-th on.
func shard(items []Item, index, count int) ([]Item, error) {
	if count <= 1 {
		return items, nil
	}
	if index < 0 || index >= count {
		return nil, fmt.Errorf("shard %d of %d: the index goes from 0 to %d", index, count, count-1)
	}
	var mine []Item
	for i, it := range items {
		if i%count == index {
			mine = append(mine, it)
		}
	}
	return mine, nil
}
