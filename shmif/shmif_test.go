package shmif

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newBus(t testing.TB) *Bus {
	t.Helper()
	b, err := Create(filepath.Join(t.TempDir(), "bus"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// frame makes a frame of n bytes that carries i.
func frame(i, n int) []byte {
	f := make([]byte, n)
	copy(f, "\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01")
	binary.BigEndian.PutUint32(f[len(f)-8:], uint32(i))
	return f
}

func number(f Frame) int { return int(binary.BigEndian.Uint32(f.Data[len(f.Data)-8:])) }

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, fmt.Errorf("nothing within %v", d))
	t.Cleanup(cancel)
	return ctx
}

func mustEnd(t testing.TB, b *Bus) Position {
	t.Helper()
	p, err := b.End()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
