package harness

import (
	"context"
	"fmt"
	"time"
)

// eventually calls f again and again until it returns nil. If it has not after
// the given time, its last error is returned.
func eventually(ctx context.Context, within time.Duration, f func(ctx context.Context) error) error {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		t := time.NewTimer(min(max(time.Since(begun)/10, minPause), maxPause))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return fmt.Errorf("still after %s: %w", time.Since(begun).Round(time.Millisecond), err)
		}
	}
}
