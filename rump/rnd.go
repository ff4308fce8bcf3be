package rump

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// urandom is the device to which requests about randomness go.
const urandom = "/dev/urandom"

// rnd makes a request about randomness; arg goes in and comes out.
func (k *Kernel) rnd(ctx context.Context, req netbsd.Ioctl, arg []byte) error {
	f, err := k.Open(ctx, urandom, netbsd.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Ioctl(req, arg)
}

// RandomSources lists what the kernel takes randomness from, with its estimates:
// RNDGETESTNUM.
func (k *Kernel) RandomSources(ctx context.Context) ([]netbsd.RndsourceEst, error) {
	f, err := k.Open(ctx, urandom, netbsd.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []netbsd.RndsourceEst
	for {
		arg := netbsd.RndstatEst{Start: uint32(len(all)), Count: netbsd.RND_MAXSTATCOUNT}.Append(nil)
		if err := f.Ioctl(netbsd.RNDGETESTNUM, arg); err != nil {
			return nil, err
		}
		stat, err := netbsd.ParseRndstatEst(arg)
		if err != nil {
			return nil, err
		}
		n := min(stat.Count, netbsd.RND_MAXSTATCOUNT)
		if n == 0 {
			return all, nil
		}
		all = append(all, stat.Source[:n]...)
	}
}

// RandomPool describes the kernel's pool of randomness: RNDGETPOOLSTAT.
func (k *Kernel) RandomPool(ctx context.Context) (netbsd.Rndpoolstat, error) {
	arg := make([]byte, netbsd.SizeofRndpoolstat)
	if err := k.rnd(ctx, netbsd.RNDGETPOOLSTAT, arg); err != nil {
		return netbsd.Rndpoolstat{}, err
	}
	return netbsd.ParseRndpoolstat(arg)
}

// SetRandomSource changes the flags of sources of randomness, by name or by type:
// RNDCTL.
func (k *Kernel) SetRandomSource(ctx context.Context, c netbsd.Rndctl) error {
	return k.rnd(ctx, netbsd.RNDCTL, c.Append(nil))
}

// AddRandom mixes bytes into the kernel's pool of randomness: RNDADDDATA.
func (k *Kernel) AddRandom(ctx context.Context, data netbsd.Rnddata) error {
	return k.rnd(ctx, netbsd.RNDADDDATA, data.Append(nil))
}
