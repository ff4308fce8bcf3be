package rump

import (
	"context"
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Modules lists the kernel's modules: modctl(2) with MODCTL_STAT.
func (k *Kernel) Modules(ctx context.Context) ([]netbsd.Modstat, error) {
	for room := uint64(8192); ; {
		buf := make([]byte, room)
		c := k.call(netbsd.SYS_MODCTL).Int(netbsd.MODCTL_STAT)
		iov := binary.LittleEndian.AppendUint64(nil, c.Lend(buf, sysproxy.Write))
		iov = binary.LittleEndian.AppendUint64(iov, room)
		if _, err := k.do(ctx, c.InOut(iov), "modctl", "MODCTL_STAT"); err != nil {
			return nil, err
		}
		n := binary.LittleEndian.Uint64(iov[8:])
		if n <= room {
			return netbsd.ParseModstats(buf[:n-n%netbsd.SizeofModstat])
		}
		if room = n; room > 64<<20 {
			return nil, &Error{k.name, "modctl", "MODCTL_STAT", netbsd.ENOMEM}
		}
	}
}

// ModulesExist asks whether modules can be loaded, or with auto, loaded by
// themselves when something needs them: modctl(2) with MODCTL_EXISTS.
func (k *Kernel) ModulesExist(ctx context.Context, auto bool) error {
	arg := uint64(0)
	if auto {
		arg = 1
	}
	_, err := k.do(ctx, k.call(netbsd.SYS_MODCTL).Int(netbsd.MODCTL_EXISTS).Uint(arg), "modctl", "MODCTL_EXISTS")
	return err
}

// LoadModule loads a module: modctl(2) with MODCTL_LOAD.
func (k *Kernel) LoadModule(ctx context.Context, name string, flags int32) error {
	if err := k.badPath("load module", name); err != nil {
		return err
	}
	c := k.call(netbsd.SYS_MODCTL).Int(netbsd.MODCTL_LOAD)
	arg := netbsd.ModctlLoad{Filename: lendString(c, name), Flags: flags}.Append(nil)
	_, err := k.do(ctx, c.In(arg), "load module", name)
	return err
}

// UnloadModule unloads a module: modctl(2) with MODCTL_UNLOAD.
func (k *Kernel) UnloadModule(ctx context.Context, name string) error {
	if err := k.badPath("unload module", name); err != nil {
		return err
	}
	c := k.call(netbsd.SYS_MODCTL).Int(netbsd.MODCTL_UNLOAD).String(name)
	_, err := k.do(ctx, c, "unload module", name)
	return err
}
