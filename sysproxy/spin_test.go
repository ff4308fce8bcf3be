package sysproxy

import (
	"errors"
	"testing"
	"time"
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
	s := spinner{epoch: time.Now()}
	for range 3 {
		if n, err := s.read(after(0, nil)); n != 7 || err != nil || tries != 1 {
			t.Fatalf("bytes that are there: read %d bytes, %v, with %d tries", n, err, tries)
		}
	}
	if _, err := s.read(after(0, broken)); err != broken {
		t.Errorf("on a broken connection: %v", err)
	}

	// What does not come is not waited for, and then less and less often looked for.
	const never = 1 << 30
	vain := 0
	for range 100 {
		if _, err := s.read(after(never, nil)); err != errNothing {
			t.Fatalf("without bytes: %v", err)
		}
		if tries > 0 {
			vain++
		}
	}
	if vain == 0 || vain > 6 {
		t.Errorf("100 reads without bytes spun %d times", vain)
	}

	one := spinner{epoch: time.Now(), patience: patience{never: true}}
	if one.read(after(0, nil)); tries != 0 {
		t.Errorf("with a single processor %d tries", tries)
	}
}
