//go:build !netbsd

package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/ory/dockertest/v3"
	"github.com/ory/dockertest/v3/docker"

	"github.com/rumpkernel/rumpscript/harness/image"
)

// engine is a Docker engine.
type engine struct {
	*docker.Client
	endpoint string
	security []string // the engine's security options
}

// howEngine says how to get an engine.
const howEngine = "start one, or name another in DOCKER_HOST (unix:// or tcp://)"

// openEngine connects to the engine that DOCKER_HOST names, or the local one.
func openEngine(ctx context.Context, getenv func(string) string) (*engine, error) {
	pool, err := dockertest.NewPool(getenv("DOCKER_HOST"))
	if err != nil {
		return nil, &MissingError{KindContainer, "the Docker engine cannot be named", howEngine, err}
	}
	endpoint := pool.Client.Endpoint()
	if err := answers(ctx, pool.Client); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, &MissingError{KindContainer, "no Docker engine answers at " + endpoint, howEngine, err}
	}
	// The pool's client leaves the API's version open in some requests and asks
	// for an old one in others, which engines refuse: pin the engine's own.
	version, err := pool.Client.Version()
	if err != nil {
		return nil, &MissingError{KindContainer, "the Docker engine at " + endpoint + " does not say its version", howEngine, err}
	}
	c, err := versionedClient(endpoint, version.Get("ApiVersion"), getenv)
	if err != nil {
		return nil, &MissingError{KindContainer, "the Docker engine at " + endpoint + " cannot be used", howEngine, err}
	}
	e := &engine{Client: c, endpoint: endpoint}
	info, err := c.Info()
	if err != nil {
		return nil, fmt.Errorf("ask the Docker engine at %s about itself: %w", endpoint, err)
	}
	if info.OSType != "" && info.OSType != "linux" {
		return nil, &MissingError{KindContainer, "the Docker engine at " + endpoint + " runs containers of " + info.OSType + " only", "switch it to Linux containers", nil}
	}
	e.security = info.SecurityOptions
	return e, nil
}

// answers asks an engine whether it is there.
func answers(ctx context.Context, c *docker.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return c.PingWithContext(ctx)
}

func versionedClient(endpoint, version string, getenv func(string) string) (*docker.Client, error) {
	certs := getenv("DOCKER_CERT_PATH")
	if certs == "" || strings.HasPrefix(endpoint, "unix://") || strings.HasPrefix(endpoint, "http://") {
		return docker.NewVersionedClient(endpoint, version)
	}
	return docker.NewVersionedTLSClient(endpoint, certs+"/cert.pem", certs+"/key.pem", certs+"/ca.pem", version)
}

// sharesFiles reports whether the engine sees our files and our sockets: it does
// unless it runs on another machine, a virtual one included.
func (e *engine) sharesFiles() bool {
	return strings.HasPrefix(e.endpoint, "unix://") && runtime.GOOS == "linux"
}

// user returns the user who owns what we own, as the engine's containers know
// them.
func (e *engine) user() string {
	rootless := slices.ContainsFunc(e.security, func(s string) bool { return strings.Contains(s, "rootless") })
	if rootless || !e.sharesFiles() {
		return "0:0"
	}
	return fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
}

// reachable returns the address at which we reach a port that the engine has
// published at one of its own.
func (e *engine) reachable(published, port string) string {
	host := published
	if ip := net.ParseIP(published); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
		if u, err := url.Parse(e.endpoint); err == nil && u.Hostname() != "" {
			host = u.Hostname()
		}
	}
	return net.JoinHostPort(host, port)
}

// image returns an image, which is pulled if the engine does not have it, unless
// its name is of those that we give to images ourselves: whoever has it at a
// registry is somebody else.
func (e *engine) image(ctx context.Context, name string) (*docker.Image, error) {
	img, err := e.InspectImage(name)
	if !errors.Is(err, docker.ErrNoSuchImage) {
		return img, err
	}
	missing := &MissingError{KindContainer, "the engine has no image " + name,
		"make it (rumpscript image build --help) or name another (container:IMAGE, RUMPSCRIPT_IMAGE)", nil}
	if strings.HasPrefix(name, image.Namespace) {
		return nil, missing
	}
	repository, tag := docker.ParseRepositoryTag(name)
	if tag == "" {
		tag = "latest"
	}
	if err := e.PullImage(docker.PullImageOptions{Repository: repository, Tag: tag, Context: ctx}, docker.AuthConfiguration{}); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		missing.What += " and cannot pull it"
		missing.Err = err
		return nil, missing
	}
	return e.InspectImage(name)
}

// LoadImage gives an archive of images (the format of docker save) to the Docker
// engine that DOCKER_HOST names.
func LoadImage(ctx context.Context, getenv func(string) string, archive io.Reader) error {
	e, err := openEngine(ctx, getenv)
	if err != nil {
		return err
	}
	var said strings.Builder
	if err := e.Client.LoadImage(docker.LoadImageOptions{InputStream: archive, OutputStream: &said, Context: ctx}); err != nil {
		return fmt.Errorf("load the image into the Docker engine at %s: %w %s", e.endpoint, err, strings.TrimSpace(said.String()))
	}
	return nil
}
