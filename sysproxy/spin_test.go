package sysproxy

import (
	"errors"
	"testing"
)

func TestSpinner(t *testing.T) {
	broken := errors.New("broken")
	tries := 0
	// after makes a try that finds nothing n times.
	after := func(n int, err error) func() (int, error) {
		tries = 0
		return func() (int, error) {
			if tries++; tries <= n {
				return 0, errNothing
			}
			return 7, err
		}
	}
	s := newSpinner()
	s.never = false
	for range 3 {
		if n, err := s.read(after(0, nil)); n != 7 || err != nil || tries != 1 {
			t.Fatalf("bytes that are there: read %d bytes, %v, with %d tries", n, err, tries)
		}
	}
	if _, err := s.read(after(0, broken)); err != broken {
		t.Errorf("on a broken connection: %v", err)
	}

	// What does not come in time is looked for less and less often.
	const never = 1 << 30
	vain := 0
	for range 1000 {
		if _, err := s.read(after(never, nil)); err != errNothing {
			t.Fatalf("without bytes: %v", err)
		}
		if tries > 0 {
			vain++
		}
	}
	if vain < 2 || vain > maxLuck+5 {
		t.Errorf("1000 reads without bytes spun %d times", vain)
	}

	// Luck comes back.
	s.rest = 0
	for n := range maxLuck {
		if s.read(after(0, nil)); tries != 1 {
			t.Fatalf("read %d after one that was worth it did not spin", n)
		}
	}

	s.never = true
	if s.read(after(0, nil)); tries != 0 {
		t.Errorf("with a single processor it spun %d times", tries)
	}
}
