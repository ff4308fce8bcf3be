package inet

import (
	_ "gvisor.dev/gvisor/pkg/tcpip/stack"
)
