// Package rumptest starts real rump kernels for tests.
//
// A test that wants one is skipped where there is no rump_server on the PATH,
// and fails there if RUMPSCRIPT_REQUIRE contains "rump_server".
package rumptest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// ErrNoServer is why a test that needs a rump_server is skipped.
var ErrNoServer = errors.New("no rump_server on the PATH")

// VFS are the components of a kernel with file systems and disks.
var VFS = strings.Fields("-lrumpvfs -lrumpfs_kernfs -lrumpfs_tmpfs -lrumpfs_ffs -lrumpfs_ext2fs " +
	"-lrumpfs_msdos -lrumpdev_disk -lrumpdev_vnd -lrumpdev_rnd -lrumpdev")

// Net are the components of a kernel with a network.
var Net = strings.Fields("-lrumpnet -lrumpnet_net -lrumpnet_netinet -lrumpnet_netinet6 -lrumpnet_shmif")

// Require skips the test, or fails it, for a reason.
func Require(t testing.TB, what string, reason error) {
	t.Helper()
	if reason == nil {
		return
	}
	if strings.Contains(os.Getenv("RUMPSCRIPT_REQUIRE"), what) {
		t.Fatalf("%s is required: %v", what, reason)
	}
	t.Skip(reason)
}

// Server is a running rump_server.
type Server struct {
	URL string
	Dir string // its working folder

	cmd     *exec.Cmd
	ended   chan struct{}
	console lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Start starts a rump_server with the given components and disks, in a working
// folder of its own, and ends it with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	dir := t.TempDir()
	return StartIn(t, dir, args...)
}

// StartIn is Start in a given working folder.
func StartIn(t testing.TB, dir string, args ...string) *Server {
	t.Helper()
	bin, err := exec.LookPath("rump_server")
	if err != nil {
		Require(t, "rump_server", ErrNoServer)
	}
	// A Unix socket's path must be short, which t.TempDir's may not be.
	sockDir, err := os.MkdirTemp("", "rump")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockDir) })
	s := &Server{URL: "unix://" + filepath.Join(sockDir, "csock"), Dir: dir, ended: make(chan struct{})}
	s.cmd = exec.Command(bin, append(append([]string{"-s"}, args...), s.URL)...)
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), "LD_DYNAMIC_WEAK=1", "RUMP_VERBOSE=1")
	s.cmd.Stdout, s.cmd.Stderr = &s.console, &s.console
	s.cmd.SysProcAttr = childAttr()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() { s.Kill() })
	if err := s.ready(filepath.Join(sockDir, "csock")); err != nil {
		t.Fatalf("rump_server %s: %v\n%s", strings.Join(args, " "), err, s.Console())
	}
	return s
}

// ready waits for the server's greeting.
func (s *Server) ready(sock string) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for {
		if c, err := net.Dial("unix", sock); err == nil {
			c.SetReadDeadline(time.Now().Add(10 * time.Second))
			_, err := c.Read(make([]byte, 1))
			c.Close()
			if err == nil {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-s.ended:
			return fmt.Errorf("ended before it was ready")
		case <-late:
			return fmt.Errorf("not ready in time")
		}
	}
}

// Kill ends the server at once, as a crash would.
func (s *Server) Kill() {
	killGroup(s.cmd.Process)
	<-s.ended
}

// Wait waits until the server has ended by itself.
func (s *Server) Wait() { <-s.ended }

// Console returns what the kernel has printed.
func (s *Server) Console() string { return s.console.String() }
