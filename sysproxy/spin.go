package sysproxy

import (
	"runtime"
	"time"
)

// A spinner reads again and again for a moment before anybody goes to sleep. To be
// woken takes longer than most system calls of a kernel do, for both sides, and
// longest where a processor has to wake, too. In between it offers its processor to
// others, of which the peer may be one. Where there is only one processor, to sleep
// is the better offer.
//
// It spins as long as most of its reads are worth it, and then tries less and less
// often. What is lost when somebody else takes the processor up counts most.
type spinner struct {
	epoch time.Time
	never bool
	luck  int // from 0 to maxLuck: more with each read that was worth it, less with others
	rest  int // reads to go until the next try without luck
	next  int // what rest becomes then
}

const (
	// spinTime is how long a read spins: a few times what a null system call takes.
	spinTime = 80 * time.Microsecond
	maxLuck  = 16
	minRest  = 64
	maxRest  = 4096
)

func newSpinner() spinner {
	// GOMAXPROCS also knows what a container is allowed.
	one := min(runtime.NumCPU(), runtime.GOMAXPROCS(0)) == 1
	return spinner{epoch: time.Now(), never: one, luck: maxLuck, next: minRest}
}

// read calls try, which does not wait, until that has read something or failed. If
// it has not within spinTime, the error is errNothing.
func (s *spinner) read(try func() (int, error)) (int, error) {
	if s.never {
		return 0, errNothing
	}
	if s.rest > 0 {
		s.rest--
		return 0, errNothing
	}
	for begin := time.Since(s.epoch); ; yield() {
		n, err := try()
		took := time.Since(s.epoch) - begin
		if err != errNothing || took >= spinTime {
			s.learn(took)
			return n, err
		}
	}
}

// learn notes how long a read has spun.
func (s *spinner) learn(took time.Duration) {
	if took < spinTime {
		s.luck, s.next = min(s.luck+1, maxLuck), max(s.next/2, minRest)
		return
	}
	s.luck = max(s.luck-int(took/spinTime), 0)
	if s.luck == 0 {
		s.rest = s.next
		s.next = min(2*s.next, maxRest)
	}
}
