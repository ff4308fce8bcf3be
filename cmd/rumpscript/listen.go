package main

import (
	"errors"
	"net"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// listen makes a listener for a URL. A bad URL is bad usage; a good one that
// cannot be had is a failure.
func (a *app) listen(url string) (net.Listener, error) {
	l, err := sysproxy.Listen(a.ctx, url)
	var bad *sysproxy.URLError
	if err == nil || errors.As(err, &bad) {
		return l, err
	}
	return nil, asFailure(err)
}
