package rump_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

var tree = fstest.MapFS{
	"hello":          {Data: []byte("hello rump\n"), Mode: 0o644},
	"empty":          {Mode: 0o600},
	"big":            {Data: bytes.Repeat([]byte("0123456789abcdef"), 100), Mode: 0o444},
	"dir/a":          {Data: []byte("a"), Mode: 0o640},
	"dir/sub/b":      {Data: []byte("b"), Mode: 0o755},
	"dir/sub/link":   {Data: []byte("../a"), Mode: fs.ModeSymlink | 0o777},
	"dir/new\nline":  {Data: []byte("n"), Mode: 0o644},
	"dir/\xffbytes":  {Data: []byte("not UTF-8"), Mode: 0o644},
	"readonly/inner": {Data: []byte("r"), Mode: 0o400},
	"readonly":       {Mode: fs.ModeDir | 0o555},
}

func TestFS(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	tmpfs(t, k, "/mnt", rump.Tmpfs{})
	// fs.ValidPath wants UTF-8.
	valid := fstest.MapFS{}
	var names []string
	for name, f := range tree {
		if name != "dir/\xffbytes" {
			valid[name] = f
			names = append(names, name)
		}
	}
	if err := k.CopyFS(ctx, "/mnt/t", valid); err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(k.DirFS(ctx, "/mnt/t"), names...); err != nil {
		t.Error(err)
	}
	if b, err := fs.ReadFile(k.FS(ctx), "mnt/t/hello"); err != nil || string(b) != "hello rump\n" {
		t.Errorf("from the root: %q, %v", b, err)
	}
	back := filepath.Join(t.TempDir(), "back")
	if err := os.CopyFS(back, k.DirFS(ctx, "/mnt/t")); err != nil {
		t.Fatal(err)
	}
	for name, f := range valid {
		if f.Mode.IsRegular() {
			b, err := os.ReadFile(filepath.Join(back, name))
			if err != nil || !bytes.Equal(b, f.Data) {
				t.Errorf("%s: %d bytes came back, %v", name, len(b), err)
			}
		}
	}
	st, err := k.Lstat(ctx, "/mnt/t/readonly")
	if err != nil || st.Mode&netbsd.ALLPERMS != 0o555 {
		t.Errorf("readonly has mode %o, %v", st.Mode, err)
	}
	if err := k.CopyFS(ctx, "/mnt/t", valid); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second copy: %v", err)
	}
	if err := k.RemoveAll(ctx, "/mnt/t"); err != nil {
		t.Error(err)
	}
	if _, err := k.Lstat(ctx, "/mnt/t"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after RemoveAll: %v", err)
	}
	if err := k.RemoveAll(ctx, "/mnt/t"); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	tmpfs(t, k, "/mnt", rump.Tmpfs{})
	long := strings.Repeat("x", 300)
	deep := "/mnt" + strings.Repeat("/"+long, 4)
	for _, tt := range []struct {
		path string
		want error
	}{
		{"/mnt/new\nline", nil},
		{"/mnt/\xff\xfe", nil},
		{"/mnt/ space ", nil},
		{"/mnt/" + long[:255], nil},
		{"/mnt/" + strings.Repeat("y", 512), netbsd.ENAMETOOLONG},
		{deep, netbsd.ENAMETOOLONG},
		{"/mnt/a\x00b", netbsd.EINVAL},
		{"", netbsd.ENOENT},
		{"/mnt/no/such", netbsd.ENOENT},
		{"/mnt/loop1/x", netbsd.ELOOP},
	} {
		k.Symlink(ctx, "loop2", "/mnt/loop1")
		k.Symlink(ctx, "loop1", "/mnt/loop2")
		err := k.WriteFile(ctx, tt.path, []byte(tt.path), 0o644)
		if !errors.Is(err, tt.want) {
			t.Errorf("%.20q: %v, want %v", tt.path, err, tt.want)
		}
		if err == nil {
			b, err := k.ReadFile(ctx, tt.path)
			if err != nil || string(b) != tt.path {
				t.Errorf("%q: read %q, %v", tt.path, b, err)
			}
		} else if !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%q: error message %q is not printable", tt.path, err)
		}
	}
	es, err := k.ReadDir(ctx, "/mnt")
	if err != nil || len(es) != 6 {
		t.Errorf("%d entries, %v: %v", len(es), err, es)
	}
	if _, err := k.Realpath(ctx, "/mnt/loop1"); !errors.Is(err, netbsd.ELOOP) {
		t.Errorf("realpath of a loop: %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	k, _ := vfsKernel(t)
	ctx := t.Context()
	tmpfs(t, k, "/mnt", rump.Tmpfs{Size: 3 << 20})
	n, err := k.WriteFileFrom(ctx, "/mnt/f", io.LimitReader(zeroes{}, 16<<20), 0o644)
	if !errors.Is(err, netbsd.ENOSPC) {
		t.Fatalf("wrote %d bytes: %v", n, err)
	}
	st, err := k.Stat(ctx, "/mnt/f")
	if err != nil || st.Size != n || n < 1<<20 || n > 3<<20 {
		t.Errorf("said %d bytes were written, the file has %d, %v", n, st.Size, err)
	}
}

func TestServerDies(t *testing.T) {
	k, s := vfsKernel(t)
	ctx := t.Context()
	tmpfs(t, k, "/mnt", rump.Tmpfs{})
	killer := &afterReader{r: zeroes{}, n: 2 << 20, f: s.Kill}
	n, err := k.WriteFileFrom(ctx, "/mnt/f", killer, 0o644)
	if err == nil || n > killer.read {
		t.Errorf("wrote %d of %d bytes: %v", n, killer.read, err)
	}
	if _, ok := rump.Errno(err); ok {
		t.Errorf("%v looks like an errno of the kernel", err)
	}
	if _, err := k.Stat(ctx, "/mnt/f"); err == nil {
		t.Error("stat on a dead kernel")
	}
}

// afterReader calls f when n bytes have been read, and goes on.
type afterReader struct {
	r    io.Reader
	n    int64
	read int64
	f    func()
}

func (a *afterReader) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if before := a.read; before < a.n && before+int64(n) >= a.n {
		a.f()
	}
	if a.read += int64(n); a.read > 1<<30 {
		return 0, io.EOF
	}
	return n, err
}

func TestContext(t *testing.T) {
	k, _ := vfsKernel(t)
	r, w, err := k.Pipe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := cancelWhenRead(t)
	f := r.WithContext(ctx)
	go cancel()
	if n, err := f.Read(make([]byte, 10)); err == nil {
		t.Errorf("read %d bytes from an empty pipe", n)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("read of a closed file: %v", err)
	}
	if err := r.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
}
