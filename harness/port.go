package harness

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// freePort returns a port on loopback that nobody has, which is the wanted one
// if that is not 0. Between now and when the kernel takes it somebody else can,
// which then makes the kernel fail to start.
func freePort(ctx context.Context, wanted int) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)))
	if err != nil {
		if wanted != 0 && isAddrInUse(err) {
			return 0, fmt.Errorf("port %d on loopback is taken: %w", wanted, err)
		}
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
