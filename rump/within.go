package rump

import (
	"context"
	"time"
)

// within runs a function that reads from the socket and ends it when the context
// does. Only one may be under way.
func (c *Conn) within(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.SetReadDeadline(time.Unix(1, 0))
		close(ended)
	})
	err := f()
	if !stop() {
		<-ended
		c.SetReadDeadline(time.Time{})
		if err != nil {
			return ctx.Err()
		}
	}
	return err
}
