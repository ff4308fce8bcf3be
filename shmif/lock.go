package shmif

import "time"

// The values of the lock word, and how the C code waits for it: it spins, and sleeps for a millisecond each time it has
// tried lockSpins times. Nothing in the word says who holds it, and nobody takes it from a dead holder.
const (
	unlocked  = 0    // LOCK_UNLOCKED
	locked    = 1    // LOCK_LOCKED
	lockSpins = 1001 // LOCK_COOLDOWN

	lockCooldown = time.Millisecond
	lockPatience = 10 * time.Second // ours: then it is a LockError
)

// trySpin takes the lock if it becomes free within lockSpins attempts.
func (m memory) trySpin(path string) (bool, error) {
	for range lockSpins {
		if m.cas32(offLock, unlocked, locked) {
			return true, nil
		}
		// C takes any other value for a lock of its own; a lock that was never one is not worth that risk.
		if v := m.load32(offLock); v != unlocked && v != locked {
			return false, &FormatError{Path: path, Field: "lock", Value: uint64(v), Reason: "neither locked nor unlocked"}
		}
	}
	return false, nil
}

func (m memory) unlock() { m.swap32(offLock, unlocked) }
