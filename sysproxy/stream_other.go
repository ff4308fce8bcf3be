//go:build !unix

package sysproxy

const (
	canSpin  = false
	spinTime = 0
)

func (s *stream) readOnce(uintptr) bool  { return true }
func (s *stream) writeOnce(uintptr) bool { return true }
