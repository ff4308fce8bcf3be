package rump

import (
	"context"
	"time"
)

// within runs a function that reads from the socket and ends it when the context
// does. Only one may be under way.
func (c *Conn) within(ctx context.Context, f func() error) error {
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Unix(1, 0)) })
	err := f()
	if !stop() {
		c.SetReadDeadline(time.Time{})
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return err
}
