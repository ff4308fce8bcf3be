package harness

import "sync"

// tail is a writer that keeps the last bytes written to it.
type tail struct {
	mu    sync.Mutex
	b     []byte
	limit int
}

func newTail(limit int) *tail { return &tail{limit: limit} }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - t.limit; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
