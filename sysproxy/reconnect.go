package sysproxy

import (
	"context"
	"errors"
	"time"
)

// Reconnect is a policy for lost connections.
//
// A new connection is a new process of the kernel: the descriptors, the working
// folder and everything else that belonged to the old one are gone, and calls
// that use them fail with EBADF. Calls that were in flight when the connection
// was lost return its error, since the kernel may have carried them out; it is
// the next call that reconnects. The C client differs here: it sends the calls
// in flight again, and so may carry one out twice.
type Reconnect struct {
	tries   int           // -1 for any number
	timeout time.Duration // 0 for any time
}

// ReconnectNever leaves a client useless once its connection is lost. It is the default.
func ReconnectNever() Reconnect { return Reconnect{} }

// ReconnectOnce tries once for each call that finds the connection lost.
func ReconnectOnce() Reconnect { return Reconnect{tries: 1} }

// ReconnectFor tries again and again for the given time.
func ReconnectFor(d time.Duration) Reconnect { return Reconnect{tries: -1, timeout: d} }

// ReconnectForever tries until the call's context ends.
func ReconnectForever() Reconnect { return Reconnect{tries: -1} }

// The pause between two tries grows from minPause to maxPause.
const (
	minPause = 10 * time.Millisecond
	maxPause = 2 * time.Second
)

// conn returns the connection to use, made anew if need be and if the policy
// allows it.
func (c *Client) conn(ctx context.Context) (*conn, error) {
	cn, err := c.current()
	if err != nil || c.dialer.Reconnect.tries == 0 || !cn.gone() {
		return cn, err
	}
	select {
	case c.dialing <- struct{}{}:
		defer func() { <-c.dialing }()
	case <-ctx.Done():
		return nil, &TransportError{c.url.String(), "reconnect", context.Cause(ctx)}
	}
	if cn, err = c.current(); err != nil || !cn.gone() {
		return cn, err // somebody else has been faster
	}
	cn.fail(&TransportError{c.url.String(), "use", errors.New("connection lost")})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ended, cancel)() // Close ends the attempts
	if t := c.dialer.Reconnect.timeout; t > 0 {
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	pause := minPause
	var why error
	for try := 1; ; try++ {
		err := c.connect(ctx, c.guest)
		if err == nil {
			return c.current()
		}
		var late interface{ Timeout() bool }
		if why == nil || !errors.As(err, &late) || !late.Timeout() {
			why = err // a try that ran out of time says less than the one before
		}
		if c.ended.Err() != nil {
			return nil, c.errClosed()
		}
		if try == c.dialer.Reconnect.tries || ctx.Err() != nil {
			return nil, why
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			if c.ended.Err() != nil {
				return nil, c.errClosed()
			}
			return nil, why
		}
		pause = min(2*pause, maxPause)
	}
}

func (c *Client) current() (*conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, c.errClosed()
	}
	return c.cur, nil
}
