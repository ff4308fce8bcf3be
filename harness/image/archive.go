package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// epoch is the time of everything in an archive: the same each time.
var epoch = time.Unix(0, 0).UTC()

// digest is the name of a blob: of its content's SHA-256 in hex.
type digest string

func digestOf(h hash.Hash) digest             { return digest(hex.EncodeToString(h.Sum(nil))) }
func (d digest) MarshalText() ([]byte, error) { return []byte("sha256:" + string(d)), nil }
func (d digest) path() string                 { return "blobs/sha256/" + string(d) }

// The configuration, the manifest and the index of an image, as the OCI's image
// specification has them.
type (
	imageConfig struct {
		Created      time.Time     `json:"created"`
		Architecture string        `json:"architecture"`
		OS           string        `json:"os"`
		Config       runConfig     `json:"config"`
		RootFS       rootFS        `json:"rootfs"`
		History      []historyItem `json:"history"`
	}
	runConfig struct {
		Env        []string          `json:"Env,omitempty"`
		Entrypoint []string          `json:"Entrypoint"`
		WorkingDir string            `json:"WorkingDir,omitempty"`
		Labels     map[string]string `json:"Labels,omitempty"`
	}
	rootFS struct {
		Type    string   `json:"type"`
		DiffIDs []digest `json:"diff_ids"`
	}
	historyItem struct {
		Created   time.Time `json:"created"`
		CreatedBy string    `json:"created_by"`
	}
	descriptor struct {
		MediaType   string            `json:"mediaType"`
		Digest      digest            `json:"digest"`
		Size        int64             `json:"size"`
		Annotations map[string]string `json:"annotations,omitempty"`
	}
	manifest struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Config        descriptor   `json:"config"`
		Layers        []descriptor `json:"layers"`
	}
	index struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Manifests     []descriptor `json:"manifests"`
	}
	// loadItem is an entry of the file by which docker load finds its way.
	loadItem struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
)

const (
	mediaConfig   = "application/vnd.oci.image.config.v1+json"
	mediaLayer    = "application/vnd.oci.image.layer.v1.tar"
	mediaManifest = "application/vnd.oci.image.manifest.v1+json"
	mediaIndex    = "application/vnd.oci.image.index.v1+json"
)

// WriteArchive writes the image as an archive.
func (im *Image) WriteArchive(w io.Writer) error {
	// Names and lengths come before contents, and so the layer is made twice.
	sum := sha256.New()
	var size counter
	if err := im.writeLayer(io.MultiWriter(sum, &size)); err != nil {
		return err
	}
	layer := descriptor{MediaType: mediaLayer, Digest: digestOf(sum), Size: int64(size)}

	blobs := map[digest][]byte{}
	blob := func(mediaType string, v any) (descriptor, error) {
		b, err := json.Marshal(v)
		if err != nil {
			return descriptor{}, err
		}
		h := sha256.New()
		h.Write(b)
		d := descriptor{MediaType: mediaType, Digest: digestOf(h), Size: int64(len(b))}
		blobs[d.Digest] = b
		return d, nil
	}
	config, err := blob(mediaConfig, imageConfig{
		Created: epoch, Architecture: im.Architecture, OS: "linux",
		Config:  runConfig{Env: im.Env, Entrypoint: im.Entrypoint, WorkingDir: BusDir, Labels: im.Labels},
		RootFS:  rootFS{"layers", []digest{layer.Digest}},
		History: []historyItem{{epoch, "rumpscript image build"}},
	})
	if err != nil {
		return err
	}
	mani, err := blob(mediaManifest, manifest{2, mediaManifest, config, []descriptor{layer}})
	if err != nil {
		return err
	}
	name := im.tagged()
	mani.Annotations = map[string]string{
		"io.containerd.image.name":          name,
		"org.opencontainers.image.ref.name": name[strings.LastIndexByte(name, ':')+1:],
	}

	a := archive{tar.NewWriter(w)}
	for _, d := range []descriptor{config, mani} {
		if err := a.bytes(d.Digest.path(), blobs[d.Digest]); err != nil {
			return err
		}
	}
	if err := a.layer(im, layer); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		v    any
	}{
		{"index.json", index{2, mediaIndex, []descriptor{mani}}},
		{"manifest.json", []loadItem{{config.Digest.path(), []string{name}, []string{layer.Digest.path()}}}},
		{"oci-layout", map[string]string{"imageLayoutVersion": "1.0.0"}},
	} {
		b, err := json.Marshal(f.v)
		if err != nil {
			return err
		}
		if err := a.bytes(f.name, b); err != nil {
			return err
		}
	}
	return a.Close()
}

// archive writes the outer archive.
type archive struct{ *tar.Writer }

func (a archive) header(name string, size int64) error {
	return a.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, ModTime: epoch, Format: tar.FormatPAX})
}

func (a archive) bytes(name string, b []byte) error {
	if err := a.header(name, int64(len(b))); err != nil {
		return err
	}
	_, err := io.Copy(a, bytes.NewReader(b))
	return err
}

func (a archive) layer(im *Image, d descriptor) error {
	if err := a.header(d.Digest.path(), d.Size); err != nil {
		return err
	}
	sum := sha256.New()
	if err := im.writeLayer(io.MultiWriter(a, sum)); err != nil {
		return err
	}
	if digestOf(sum) != d.Digest {
		return fmt.Errorf("image %s: its files have changed while it was made", im.Name)
	}
	return nil
}

// writeLayer writes the image's files, in an order and with times and owners
// that are always the same.
func (im *Image) writeLayer(w io.Writer) error {
	t := tar.NewWriter(w)
	for _, f := range im.sorted() {
		if err := f.write(t); err != nil {
			return fmt.Errorf("image %s: %w", im.Name, err)
		}
	}
	return t.Close()
}

func (f File) write(t *tar.Writer) error {
	h := &tar.Header{
		Typeflag: tar.TypeReg, Name: strings.TrimPrefix(f.Path, "/"), Linkname: f.Link,
		Mode: int64(f.Mode.Perm()), ModTime: epoch, Format: tar.FormatPAX,
	}
	switch {
	case f.Link != "":
		h.Typeflag, h.Mode = tar.TypeSymlink, 0o777
	case f.Mode&fs.ModeDir != 0:
		h.Typeflag = tar.TypeDir
		h.Name += "/"
		if f.Mode&fs.ModeSticky != 0 {
			h.Mode |= 0o1000
		}
	}
	if h.Typeflag != tar.TypeReg {
		return t.WriteHeader(h)
	}
	src, err := os.Open(f.Source)
	if err != nil {
		return err
	}
	defer src.Close()
	fi, err := src.Stat()
	if err != nil {
		return err
	}
	h.Size = fi.Size()
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(t, src)
	return err
}

// counter is a writer that counts.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
