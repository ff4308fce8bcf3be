package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// small returns an image of a few files, made anew.
func small(t *testing.T) *Image {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	im := &Image{Name: "some/image", Architecture: "amd64", Entrypoint: []string{"/bin/b"}, Env: []string{"A=B"}, Labels: map[string]string{LabelContract: ContractServer}}
	im.add(File{Path: "/lib/z", Link: "y"})
	im.add(File{Path: "/bin/b", Mode: 0o755, Source: file})
	im.add(File{Path: "/tmp", Mode: fs.ModeDir | fs.ModeSticky | 0o777})
	im.add(File{Path: "/bin/b", Mode: 0o644, Source: "/nonexistent"}) // is there already
	return im
}

func archiveOf(t *testing.T, im *Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := im.WriteArchive(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// untar returns the files of a tar by their names, and the names in order.
func untar(t *testing.T, b []byte) (files map[string][]byte, headers []*tar.Header) {
	t.Helper()
	files = map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, headers
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = content
		headers = append(headers, h)
	}
}

func TestArchiveIsReproducible(t *testing.T) {
	one := archiveOf(t, small(t))
	im := small(t)
	slices.Reverse(im.Files)
	if err := os.Chtimes(im.Files[1].Source, time.Now(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, archiveOf(t, im)) {
		t.Error("two archives of the same files differ")
	}
}

func TestArchive(t *testing.T) {
	files, headers := untar(t, archiveOf(t, small(t)))
	for name, content := range files {
		if sum, ok := strings.CutPrefix(name, "blobs/sha256/"); ok {
			if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
				t.Errorf("blob %s has another sum", sum)
			}
		}
	}
	for _, h := range headers {
		if !h.ModTime.Equal(epoch) || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%s: %v, %d, %q", h.Name, h.ModTime, h.Uid, h.Uname)
		}
	}

	var load []loadItem
	if err := json.Unmarshal(files["manifest.json"], &load); err != nil || len(load) != 1 || len(load[0].Layers) != 1 {
		t.Fatalf("manifest.json is %s, %v", files["manifest.json"], err)
	}
	if !slices.Equal(load[0].RepoTags, []string{"some/image:latest"}) {
		t.Errorf("the names are %v", load[0].RepoTags)
	}
	var config struct {
		Architecture, OS string
		Config           struct {
			Entrypoint []string
			Labels     map[string]string
		}
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	if err := json.Unmarshal(files[load[0].Config], &config); err != nil {
		t.Fatal(err)
	}
	layer := strings.TrimPrefix(load[0].Layers[0], "blobs/sha256/")
	if config.Architecture != "amd64" || config.OS != "linux" || config.Config.Entrypoint[0] != "/bin/b" || config.Config.Labels[LabelContract] != ContractServer ||
		!slices.Equal(config.RootFS.DiffIDs, []string{"sha256:" + layer}) {
		t.Errorf("the configuration is %s", files[load[0].Config])
	}

	// The same by way of the OCI's layout.
	var ix struct{ Manifests []struct{ Digest string } }
	if err := json.Unmarshal(files["index.json"], &ix); err != nil || len(ix.Manifests) != 1 {
		t.Fatalf("index.json is %s, %v", files["index.json"], err)
	}
	var mani struct {
		Config struct{ Digest string }
		Layers []struct {
			Digest string
			Size   int
		}
	}
	b := files["blobs/sha256/"+strings.TrimPrefix(ix.Manifests[0].Digest, "sha256:")]
	if err := json.Unmarshal(b, &mani); err != nil || len(mani.Layers) != 1 {
		t.Fatalf("the manifest is %s, %v", b, err)
	}
	if mani.Layers[0].Digest != "sha256:"+layer || mani.Layers[0].Size != len(files[load[0].Layers[0]]) || "blobs/sha256/"+strings.TrimPrefix(mani.Config.Digest, "sha256:") != load[0].Config {
		t.Errorf("the manifest is %s", b)
	}

	_, headers = untar(t, files[load[0].Layers[0]])
	var names []string
	for _, h := range headers {
		names = append(names, h.FileInfo().Mode().String()+" "+h.Name+" "+h.Linkname)
	}
	want := []string{"drwxr-xr-x bin/ ", "-rwxr-xr-x bin/b ", "drwxr-xr-x lib/ ", "Lrwxrwxrwx lib/z y", "dtrwxrwxrwx tmp/ "}
	if !slices.Equal(names, want) {
		t.Errorf("the layer has %q", names)
	}
}

func TestArchiveOfChangingFiles(t *testing.T) {
	im := small(t)
	im.Files[1].Source = "/nonexistent"
	if err := im.WriteArchive(io.Discard); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "some/image") {
		t.Errorf("the error is %v", err)
	}
}

// compile makes a program or a library of C, or skips the test.
func compile(t *testing.T, output, source string, args ...string) {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler")
	}
	file := filepath.Join(t.TempDir(), "source.c")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(cc, append([]string{file, "-o", output}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// prefix makes what looks like an installed rump_server.
func prefix(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"bin", "lib", "else"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lib, other := filepath.Join(dir, "lib"), filepath.Join(dir, "else")
	compile(t, filepath.Join(other, "libother.so.3"), "int other(void) { return 3; }", "-shared", "-fPIC", "-Wl,-soname,libother.so.3")
	compile(t, filepath.Join(lib, "librump.so.0.0"), "int other(void); int rump(void) { return other(); }", "-shared", "-fPIC", "-Wl,-soname,librump.so.0",
		filepath.Join(other, "libother.so.3"), "-Wl,-rpath,$ORIGIN/../else")
	for _, l := range []string{"librump.so.0", "librump.so"} {
		if err := os.Symlink("librump.so.0.0", filepath.Join(lib, l)); err != nil {
			t.Fatal(err)
		}
	}
	compile(t, filepath.Join(lib, "librumpclient.so"), "int client;", "-shared", "-fPIC")
	compile(t, filepath.Join(dir, "bin", "rump_server"), "int rump(void); int main(void) { return rump(); }",
		"-L"+lib, "-lrump", "-Wl,-rpath-link,"+other, "-Wl,-rpath,"+lib)
	return dir
}

func TestServer(t *testing.T) {
	dir := prefix(t)
	im, err := Server(dir)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]File{}
	for _, f := range im.Files {
		has[f.Path] = f
	}
	if f := has["/rump/bin/rump_server"]; f.Source != filepath.Join(dir, "bin/rump_server") || f.Mode != 0o755 {
		t.Errorf("rump_server is %+v", f)
	}
	if f := has["/rump/lib/librump.so.0"]; f.Link != "librump.so.0.0" {
		t.Errorf("librump.so.0 is %+v", f)
	}
	if f := has["/rump/lib/librump.so.0.0"]; f.Source != filepath.Join(dir, "lib/librump.so.0.0") {
		t.Errorf("librump.so.0.0 is %+v", f)
	}
	if f := has["/lib/libother.so.3"]; f.Source != filepath.Join(dir, "else/libother.so.3") && f.Source != filepath.Join(dir, "lib/../else/libother.so.3") {
		t.Errorf("libother.so.3, which only a component needs, is %+v", f)
	}
	if _, ok := has["/rump/lib/librumpclient.so"]; ok {
		t.Error("it has the clients' library")
	}
	if im.Architecture == "" || len(im.Entrypoint) != 1 || has[im.Entrypoint[0]].Source == "" {
		t.Errorf("the image is %+v", im)
	}
	archiveOf(t, im)
}

func TestBadPrefixes(t *testing.T) {
	if _, err := Server("/nonexistent"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
	dir := prefix(t)
	if err := os.RemoveAll(filepath.Join(dir, "else")); err != nil {
		t.Fatal(err)
	}
	if _, err := Server(dir); err == nil || !strings.Contains(err.Error(), "librump.so.0 needs libother.so.3: it is in none of") {
		t.Errorf("the error is %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin/rump_server"), []byte("#!/bin/sh\nexec elsewhere/rump_server\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Server(dir); err == nil || !strings.Contains(err.Error(), "perhaps a script") {
		t.Errorf("the error is %v", err)
	}
	if _, err := Fake(filepath.Join(prefix(t), "bin/rump_server")); err == nil || !strings.Contains(err.Error(), "not a static program") {
		t.Errorf("the error is %v", err)
	}
}

func TestConfiguredFolders(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ld.so.conf": "# first\n/one # more\ninclude conf.d/*.conf\n\n/two\nincluded\n",
		"a.conf":     "/three\n", "b.conf": "include b.conf\n/four\n",
	} {
		to := filepath.Join(dir, "conf.d", name)
		if name == "ld.so.conf" {
			to = filepath.Join(dir, name)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var l linker
	l.configured(filepath.Join(dir, "ld.so.conf"), 0)
	got := slices.Compact(l.system)
	if want := []string{"/one", "/three", "/four", "/two", "included"}; !slices.Equal(got, want) {
		t.Errorf("the folders are %q", l.system)
	}
}
