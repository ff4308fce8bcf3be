// Package replay sends what clients sent in a recording of a real kernel to
// another kernel, and compares what it answers and writes to their memory with
// what the real one did.
package replay

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
	"github.com/rumpkernel/rumpscript/sysproxy/recording"
)

// A Recording is one session of clients with a real kernel.
type Recording struct {
	Name       string
	Components []string // of the kernel
	Disks      []string // rump_server's -d arguments
	Frames     []Frame
	// Sleeps are how long the session slept before a connection was made, by
	// the connection's number.
	Sleeps map[int]time.Duration
}

// A Frame is one of what went over the wire.
type Frame struct {
	Line    int // in the recording
	Conn    int
	ToKern  bool
	Banner  string // if it is no frame but the greeting
	Header  sysproxy.Header
	Payload []byte
}

// Load reads a recording's folder.
func Load(dir string) (*Recording, error) {
	r := &Recording{Name: filepath.Base(dir)}
	server, err := os.ReadFile(filepath.Join(dir, "server"))
	if err != nil {
		return nil, err
	}
	args := strings.Fields(string(server))
	for i := 1; i < len(args); i++ {
		if name, ok := strings.CutPrefix(args[i], "-l"); ok {
			r.Components = append(r.Components, name)
		} else if args[i] == "-d" && i+1 < len(args) {
			i++
			r.Disks = append(r.Disks, args[i])
		}
	}
	if r.Sleeps, err = sleeps(filepath.Join(dir, "session")); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, "wire.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	entries, err := recording.Read(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	for i, e := range entries {
		r.Frames = append(r.Frames, Frame{
			Line: i + 1, Conn: e.Conn, ToKern: !e.FromServer, Banner: e.Banner, Payload: e.Frame.Data, Header: e.Frame.Header,
		})
	}
	return r, nil
}

// sleeps finds where a session slept. Each other command is a connection.
func sleeps(file string) (map[int]time.Duration, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found, conn := make(map[int]time.Duration), 1
	for line := range strings.Lines(string(b)) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		if d, ok := strings.CutPrefix(command, "sleep "); ok {
			t, err := time.ParseDuration(strings.TrimSpace(d) + "s")
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			found[conn] += t
			continue
		}
		conn++
	}
	return found, nil
}
