// Package replay sends what clients sent in a recording of a real kernel to
// another kernel, and compares what it answers and writes to their memory with
// what the real one did.
package replay

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
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
	Line    int // in wire.jsonl
	Conn    int
	ToKern  bool
	Banner  string // if it is no frame but the greeting
	Header  sysproxy.Header
	Payload []byte
}

var classes = map[string]sysproxy.Class{"req": sysproxy.ClassRequest, "resp": sysproxy.ClassResponse, "error": sysproxy.ClassError}

var types = map[string]sysproxy.Type{
	"handshake": sysproxy.TypeHandshake, "syscall": sysproxy.TypeSyscall, "copyin": sysproxy.TypeCopyin, "copyinstr": sysproxy.TypeCopyinstr,
	"copyout": sysproxy.TypeCopyout, "copyoutstr": sysproxy.TypeCopyoutstr, "anonmmap": sysproxy.TypeAnonmmap,
	"prefork": sysproxy.TypePrefork, "raise": sysproxy.TypeRaise,
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
	f, err := os.Open(filepath.Join(dir, "wire.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for n := 1; lines.Scan(); n++ {
		var l struct {
			Conn                           int
			Dir, Banner, Class, Type, Data string
			Reqno                          uint64
			Word                           uint32
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", f.Name(), n, err)
		}
		payload, err := hex.DecodeString(l.Data)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", f.Name(), n, err)
		}
		r.Frames = append(r.Frames, Frame{
			Line: n, Conn: l.Conn, ToKern: l.Dir == "c2s", Banner: l.Banner, Payload: payload,
			Header: sysproxy.Header{ReqNo: l.Reqno, Class: classes[l.Class], Type: types[l.Type], Word: l.Word},
		})
	}
	return r, lines.Err()
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
