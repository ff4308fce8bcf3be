package rump_test

import (
	"context"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func cancelWhenRead(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// random is a stream of n bytes.
func random(n int64, seed uint64) io.Reader {
	var key [32]byte
	key[0] = byte(seed)
	return io.LimitReader(rand.NewChaCha8(key), n)
}

// TestStream writes files of sizes around those of a chunk and reads them back.
func TestStream(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	tmpfs(t, k, "/mnt", rump.Tmpfs{})
	table := crc64.MakeTable(crc64.ECMA)
	for i, size := range []int64{0, 1, 4095, 256 << 10, 256<<10 + 1, 1<<20 - 1, 1 << 20, 5<<20 + 12345} {
		sum := crc64.New(table)
		n, err := k.WriteFileFrom(ctx, "/mnt/f", io.TeeReader(random(size, uint64(i)), sum), 0o644)
		if err != nil || n != size {
			t.Fatalf("%d bytes: wrote %d, %v", size, n, err)
		}
		f, err := k.Open(ctx, "/mnt/f", netbsd.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		back := crc64.New(table)
		if n, err := f.WriteTo(back); err != nil || n != size || back.Sum64() != sum.Sum64() {
			t.Errorf("%d bytes: read %d, %v, checksum %x, want %x", size, n, err, back.Sum64(), sum.Sum64())
		}
		if off, err := f.Seek(0, io.SeekCurrent); off != size || err != nil {
			t.Errorf("%d bytes: offset %d after reading, %v", size, off, err)
		}
		whole := make([]byte, size+10)
		if n, err := f.ReadAt(whole, 0); int64(n) != size || err != io.EOF || crc64.Checksum(whole[:n], table) != sum.Sum64() {
			t.Errorf("%d bytes: ReadAt read %d, %v", size, n, err)
		}
		f.Close()
	}
	// Appending keeps what is there, and the order.
	a, err := k.Open(ctx, "/mnt/a", netbsd.O_RDWR|netbsd.O_CREAT|netbsd.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	sum := crc64.New(table)
	for range 2 {
		if _, err := a.ReadFrom(io.TeeReader(random(700<<10, 1), sum)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := k.ReadFile(ctx, "/mnt/a")
	if err != nil || crc64.Checksum(b, table) != sum.Sum64() {
		t.Errorf("appended file of %d bytes is not what was written: %v", len(b), err)
	}
}

// TestGigabyte streams 1 GiB there and back, in little memory.
func TestGigabyte(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	size := int64(64 << 20)
	if os.Getenv("RUMPSCRIPT_BIG_TESTS") != "" {
		size = 1 << 30
	}
	k, _ := vfsKernel(t)
	ctx := t.Context()
	tmpfs(t, k, "/mnt", rump.Tmpfs{})
	table := crc64.MakeTable(crc64.ECMA)
	sum, back := crc64.New(table), crc64.New(table)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if n, err := k.WriteFileFrom(ctx, "/mnt/f", io.TeeReader(random(size, 7), sum), 0o644); err != nil || n != size {
		t.Fatalf("wrote %d, %v", n, err)
	}
	f, err := k.Open(ctx, "/mnt/f", netbsd.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := f.WriteTo(back); err != nil || n != size || back.Sum64() != sum.Sum64() {
		t.Errorf("read %d, %v, checksum %x, want %x", n, err, back.Sum64(), sum.Sum64())
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("allocated %d MiB", used>>20)
	}
}
