package rumpctrl

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func runRndctl(ctx context.Context, e *Env) error {
	var cmd byte
	var ctl netbsd.Rndctl
	var list, stats, modify, verbose bool
	file := ""
	ctl.Type = 0xff
	args, err := e.getopt(e.Args[1:], "CES:L:celt:d:sv", func(opt byte, arg string) error {
		set := func(flag uint32, on bool) {
			modify = true
			ctl.Mask |= flag
			if ctl.Flags &^= flag; on {
				ctl.Flags |= flag
			}
		}
		switch opt {
		case 'C', 'c':
			set(netbsd.RND_FLAG_NO_COLLECT, opt == 'C')
		case 'E', 'e':
			set(netbsd.RND_FLAG_NO_ESTIMATE, opt == 'E')
		case 'L', 'S', 't', 'd':
			if cmd != 0 {
				return errBadOption
			}
			cmd = opt
			switch opt {
			case 't':
				if t, ok := netbsd.LookupRndType(arg); ok {
					ctl.Type = t
					return nil
				}
				return errx(1, "device name %s unknown", arg)
			case 'd':
				ctl.Name = arg[:min(len(arg), 15)]
			default:
				file = arg
			}
		case 'l':
			list = true
		case 's':
			stats = true
		case 'v':
			verbose = true
		}
		return nil
	})
	if err != nil && err != errBadOption {
		return err
	}
	switch {
	case err != nil || len(args) > 0:
	case cmd == 'S':
		return e.saveRandom(ctx, file)
	case cmd == 'L':
		return e.loadRandom(ctx, file)
	case (list || stats) && modify, !list && !modify && !stats, !list && cmd == 0 && !stats:
	case modify:
		if err := e.Kernel.SetRandomSource(ctx, ctl); err != nil {
			return e.rndError(err, "ioctl(RNDCTL)")
		}
		return nil
	default:
		if list {
			if err := e.listRandom(ctx, cmd, ctl, verbose); err != nil {
				return err
			}
		}
		if stats {
			return e.randomStats(ctx)
		}
		return nil
	}
	fmt.Fprintf(e.Stderr, "usage: rndctl [-CEce] [-d devname | -t devtype]\n"+
		"       rndctl [-lsv] [-d devname | -t devtype]\n"+
		"\trndctl -[L|S] save-file\n")
	return silent(1)
}

// rndError ends the program after a request about randomness has failed, or the
// device could not be opened.
func (e *Env) rndError(err error, request string) error {
	if opOf(err) == "open" {
		return errc(1, err, "open")
	}
	return errc(1, err, "%s", request)
}

// rndFlags names the flags of a source.
func rndFlags(f uint32) string {
	s := ""
	add := func(on bool, word string) {
		if on {
			if s != "" {
				s += ", "
			}
			s += word
		}
	}
	add(f&netbsd.RND_FLAG_NO_ESTIMATE == 0, "estimate")
	add(f&netbsd.RND_FLAG_NO_COLLECT == 0, "collect")
	add(f&netbsd.RND_FLAG_COLLECT_VALUE != 0, "v")
	add(f&netbsd.RND_FLAG_COLLECT_TIME != 0, "t")
	add(f&netbsd.RND_FLAG_ESTIMATE_VALUE != 0, "dv")
	add(f&netbsd.RND_FLAG_ESTIMATE_TIME != 0, "dt")
	return s
}

// listRandom prints the sources, or those of a name or a type.
func (e *Env) listRandom(ctx context.Context, cmd byte, ctl netbsd.Rndctl, verbose bool) error {
	sources, err := e.Kernel.RandomSources(ctx)
	if err != nil {
		return e.rndError(err, "ioctl(RNDGETESTNUM)")
	}
	if cmd == 'd' {
		found := sources[:0:0]
		for _, s := range sources {
			if s.Rt.Name == ctl.Name {
				found = append(found, s)
			}
		}
		if sources = found; len(found) == 0 {
			return errc(1, netbsd.ENOENT, "ioctl(RNDGETESTNAME)")
		}
	}
	e.printf("Source                 Bits Type      Flags\n")
	for _, s := range sources {
		if cmd != 't' || s.Rt.Type == ctl.Type {
			typ, ok := netbsd.RndTypeName(s.Rt.Type)
			if !ok {
				e.warnx("device type %d unknown", s.Rt.Type)
			}
			e.printf("%-16s %10d %-4s %s\n", s.Rt.Name, s.Rt.Total, typ, rndFlags(s.Rt.Flags))
		}
		if verbose {
			e.printf("\tDt samples = %d\n\tDt bits = %d\n\tDv samples = %d\n\tDv bits = %d\n",
				int32(s.DtSamples), int32(s.DtTotal), int32(s.DvSamples), int32(s.DvTotal))
		}
	}
	return nil
}

func (e *Env) randomStats(ctx context.Context) error {
	s, err := e.Kernel.RandomPool(ctx)
	if err != nil {
		return e.rndError(err, "ioctl(RNDGETPOOLSTAT)")
	}
	e.printf("\t%9d bits mixed into pool\n", s.Added)
	e.printf("\t%9d bits currently stored in pool (max %d)\n", s.Curentropy, s.Maxentropy)
	e.printf("\t%9d bits of entropy discarded due to full pool\n", s.Discarded)
	e.printf("\t%9d hard-random bits generated\n", s.Removed)
	e.printf("\t%9d pseudo-random bits generated\n", s.Generated)
	return nil
}

// A saved pool is its entropy, the data and a SHA-1 of both.
const (
	rndSaveData = 512
	rndSaveSize = 4 + rndSaveData + sha1.Size
)

// saveRandom saves randomness for the next kernel.
func (e *Env) saveRandom(ctx context.Context, name string) error {
	k := e.Kernel
	f, err := k.Open(ctx, "/dev/urandom", netbsd.O_RDONLY, 0)
	if err != nil {
		return errc(1, err, "device open")
	}
	defer f.Close()
	stat := func() (uint32, error) {
		arg := make([]byte, netbsd.SizeofRndpoolstat)
		if err := f.Ioctl(netbsd.RNDGETPOOLSTAT, arg); err != nil {
			return 0, errc(1, err, "ioctl(RNDGETPOOLSTAT)")
		}
		s, err := netbsd.ParseRndpoolstat(arg)
		return s.Curentropy, err
	}
	before, err := stat()
	if err != nil {
		return err
	}
	save := make([]byte, rndSaveSize)
	if _, err := io.ReadFull(f, save[4:4+rndSaveData]); err != nil {
		return errc(1, err, "entropy read")
	}
	after, err := stat()
	if err != nil {
		return err
	}
	if before > after {
		binary.LittleEndian.PutUint32(save, before-after)
	}
	sum := sha1.Sum(save[:4+rndSaveData])
	copy(save[4+rndSaveData:], sum[:])
	k.Unlink(ctx, name)
	out, err := k.Open(ctx, name, netbsd.O_CREAT|netbsd.O_EXCL|netbsd.O_WRONLY, 0o600)
	if err != nil {
		return errc(1, err, "output open")
	}
	defer out.Close()
	if _, err := out.Write(save); err != nil {
		k.Unlink(ctx, name)
		return errc(1, err, "write")
	}
	out.Datasync()
	return nil
}

// loadRandom mixes saved randomness in, and destroys what was saved.
func (e *Env) loadRandom(ctx context.Context, name string) error {
	k := e.Kernel
	f, err := k.Open(ctx, name, netbsd.O_RDWR, 0)
	if err != nil {
		return errc(1, err, "input open")
	}
	defer f.Close()
	k.Unlink(ctx, name)
	save := make([]byte, rndSaveSize)
	if _, err := io.ReadFull(f, save); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = netbsd.Errno(0)
		}
		return errc(1, err, "read")
	}
	if _, err := f.WriteAt(make([]byte, rndSaveSize), 0); err != nil {
		return errc(1, err, "overwrite")
	}
	f.Datasync()
	if sum := sha1.Sum(save[:4+rndSaveData]); !bytes.Equal(sum[:], save[4+rndSaveData:]) {
		return errx(1, "bad digest")
	}
	data := netbsd.Rnddata{Len: rndSaveData, Entropy: binary.LittleEndian.Uint32(save)}
	copy(data.Data[:], save[4:])
	if err := k.AddRandom(ctx, data); err != nil {
		if opOf(err) == "open" {
			return errc(1, err, "device open")
		}
		return errc(1, err, "ioctl")
	}
	return nil
}
