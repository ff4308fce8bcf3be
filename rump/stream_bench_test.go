package rump_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// BenchmarkTransfer moves 16 MiB into a file of a tmpfs and back, one call after
// the other and with several in flight.
func BenchmarkTransfer(b *testing.B) {
	s := rumptest.Start(b, rumptest.VFS...)
	ctx := b.Context()
	k, err := rump.Dial(ctx, s.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	if err := k.Mkdir(ctx, "/mnt", 0o755); err != nil {
		b.Fatal(err)
	}
	if err := k.Mount(ctx, "/mnt", 0, rump.Tmpfs{}); err != nil {
		b.Fatal(err)
	}
	const total = 16 << 20
	f, err := k.Open(ctx, "/mnt/f", netbsd.O_RDWR|netbsd.O_CREAT, 0o644)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 1 << 20} {
		buf := bytes.Repeat([]byte("0123456789abcdef"), size/16)
		b.Run(fmt.Sprintf("write/%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(total)
			for b.Loop() {
				for off := 0; off < total; off += size {
					if _, err := f.WriteAt(buf, int64(off)); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(fmt.Sprintf("read/%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(total)
			f.Seek(0, io.SeekStart)
			for b.Loop() {
				f.Seek(0, io.SeekStart)
				for off := 0; off < total; off += size {
					if _, err := f.Read(buf); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
	b.Run("write/stream", func(b *testing.B) {
		b.SetBytes(total)
		for b.Loop() {
			f.Seek(0, io.SeekStart)
			if _, err := f.ReadFrom(io.LimitReader(zeroes{}, total)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read/stream", func(b *testing.B) {
		b.SetBytes(total)
		for b.Loop() {
			f.Seek(0, io.SeekStart)
			if _, err := f.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }
