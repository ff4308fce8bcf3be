package sysproxy

import "time"

// soon is how quickly an answer must come for the wait in the system call to have
// been worth it.
const soon = time.Millisecond

// patience decides from what happened lately whether to wait in the system call
// for the next bytes: each time that they did not come soon, it stays away from it
// for twice as many reads.
type patience struct {
	never bool
	skip  int // reads that are to be parked
	next  int // what skip becomes next
}

// The least and the greatest number of reads that are parked after a vain wait.
const (
	minSkip = 4
	maxSkip = 512
)

func (p *patience) worthIt() bool {
	if p.never {
		return false
	}
	if p.skip > 0 {
		p.skip--
		return false
	}
	return true
}

// learn notes whether a wait was worth it.
func (p *patience) learn(worth bool) {
	if worth {
		p.next = max(minSkip, p.next/2)
		return
	}
	p.skip = max(minSkip, p.next)
	p.next = min(2*p.skip, maxSkip)
}
