package rump

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// MIB is the number of a node in the sysctl tree: one number a level.
type MIB []int32

func (m MIB) bytes() []byte {
	b := make([]byte, 0, 4*len(m))
	for _, n := range m {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// SysctlRaw reads and sets a node by its number: __sysctl(2). A new value of nil
// leaves the node as it is. The old value is returned as the kernel has it, of
// whatever length; object names the node in errors.
func (k *Kernel) SysctlRaw(ctx context.Context, mib MIB, set []byte, object string) ([]byte, error) {
	return k.sysctlRaw(ctx, mib, set, object, 512)
}

// sysctlRaw is SysctlRaw with a first guess of the value's size.
func (k *Kernel) sysctlRaw(ctx context.Context, mib MIB, set []byte, object string, guess int) ([]byte, error) {
	if len(mib) > 1 && mib[0] == netbsd.CTL_USER {
		return k.userSysctl(mib, set, object)
	}
	// When the guess is short the kernel says how much it needs, which may have
	// grown by the next call: tables live.
	buf := make([]byte, guess)
	name := mib.bytes()
	for {
		size := binary.LittleEndian.AppendUint64(nil, uint64(len(buf)))
		c := k.call(netbsd.SYS___SYSCTL).In(name).Int(int64(len(mib))).InOut(buf).InOut(size)
		if set == nil {
			c.Uint(0).Uint(0)
		} else {
			c.In(set).Int(int64(len(set)))
		}
		_, err := k.do(ctx, c, "sysctl", object)
		n := binary.LittleEndian.Uint64(size)
		if err == nil && n <= uint64(len(buf)) {
			return buf[:n], nil
		}
		// What has a new value may not be repeated, unless that is a query's.
		query := len(mib) > 0 && mib[len(mib)-1] < 0
		if err != nil && (set != nil && !query || !errors.Is(err, netbsd.ENOMEM)) {
			return nil, err
		}
		if n <= uint64(len(buf)) {
			n = 2 * uint64(len(buf))
		}
		if n > 256<<20 {
			return nil, err
		}
		buf = make([]byte, n+n/8)
	}
}
