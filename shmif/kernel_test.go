package shmif

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kernelBus unpacks a bus file that real kernels have written.
func kernelBus(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".bus.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bus")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What kernels wrote reads as NetBSD's shmif_dumpbus reads it.
func TestBusesOfKernels(t *testing.T) {
	for _, name := range []string{"ping", "tcp"} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			path := kernelBus(t, name)
			frames, err := ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, version, gen, first, last, lock := head(t, path)
			var got bytes.Buffer
			fmt.Fprintf(&got, "bus version %d, lock: %d, generation: %d, firstoff: 0x%04x, lastoff: 0x%04x\n", version, lock, gen, first, last)
			for i, f := range frames {
				us := f.Sent.Microseconds()
				fmt.Fprintf(&got, "packet %d, offset 0x%04x, length 0x%04x, ts %d/%06d\n", i, (f.Position + hdrSize).Offset(), len(f.Data), us/1e6, us%1e6)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
				t.Error(diff)
			}

			b, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			r := b.NewReader(frames[0].Position)
			if _, err := b.Send(frame(1, 60)); err != nil {
				t.Fatal(err)
			}
			n := 0
			for {
				f, ok, err := r.TryNext()
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				n++
				if n > len(frames) && number(f) != 1 {
					t.Errorf("%+v", f)
				}
			}
			if n < len(frames)-1 || n > len(frames)+1 {
				t.Errorf("%d frames of %d and one", n, len(frames))
			}
		})
	}
}

func TestFreshBusOfKernels(t *testing.T) {
	path := kernelBus(t, "fresh")
	if _, version, _, _, _, _ := head(t, path); version != 0 {
		t.Errorf("version %d", version)
	}
	if frames, err := ReadFile(path); err != nil || len(frames) != 0 {
		t.Errorf("%v %v", frames, err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Send(frame(1, 60)); err != nil {
		t.Fatal(err)
	}
	if _, version, _, _, last, _ := head(t, path); version != 3 || last != hdrSize {
		t.Errorf("version %d, last %d", version, last)
	}
}
