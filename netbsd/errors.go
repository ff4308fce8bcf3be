package netbsd

import "fmt"

// A ShortError says that there are fewer bytes than a struct needs.
type ShortError struct {
	What string // what was to be read, such as "struct timespec"
	Want int    // the bytes needed
	Got  int    // the bytes there were
}

func (e *ShortError) Error() string {
	return fmt.Sprintf("netbsd: %s needs %d bytes, got %d", e.What, e.Want, e.Got)
}

// A FormatError says that bytes contradict themselves, such as a length that
// is smaller than its own header or points past the end.
type FormatError struct {
	What   string // what was to be read, such as "struct dirent"
	Offset int    // where in the input the offending element starts
	Reason string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("netbsd: %s at offset %d: %s", e.What, e.Offset, e.Reason)
}

// need returns a ShortError unless b has at least n bytes.
func need(what string, b []byte, n int) error {
	if len(b) < n {
		return &ShortError{What: what, Want: n, Got: len(b)}
	}
	return nil
}
