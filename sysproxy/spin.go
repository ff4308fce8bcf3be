package sysproxy

import (
	"runtime"
	"time"
)

// A spinner reads again and again for a moment before anybody waits. To be woken
// takes longer than most system calls of a kernel do, and longest where a
// processor has to wake, too. A spinner spins less and less where the bytes do
// not come in time, and never where the peer would need the only processor.
type spinner struct {
	patience patience
	epoch    time.Time
}

// spinTime is how long a read spins: twice what a null system call takes.
const spinTime = 40 * time.Microsecond

func newSpinner() spinner {
	// GOMAXPROCS also knows what a container is allowed.
	one := min(runtime.NumCPU(), runtime.GOMAXPROCS(0)) == 1
	return spinner{patience: patience{never: one}, epoch: time.Now()}
}

// read calls try, which does not wait, until that has read something or failed. If
// it has not within spinTime, the error is errNothing.
func (s *spinner) read(try func() (int, error)) (int, error) {
	if !s.patience.worthIt() {
		return 0, errNothing
	}
	for begin := time.Since(s.epoch); ; {
		n, err := try()
		if err != errNothing || time.Since(s.epoch)-begin >= spinTime {
			s.patience.learn(err != errNothing)
			return n, err
		}
	}
}
