//go:build !linux || !(amd64 || arm64)

package sysproxy

const rawIO = false

func canWait(uintptr) bool     { return false }
func sameProcess(uintptr) bool { return false }

func (s *stream) readOnce(uintptr) bool  { return true }
func (s *stream) writeOnce(uintptr) bool { return true }
