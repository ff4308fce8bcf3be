package starlark

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestScripts runs the scripts in testdata, which check themselves.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.star")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".star"), func(t *testing.T) {
			if err := New(Config{}).Run(t.Context(), f, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"syntax", "x = 1\ny = (1 +\n", "t.star:3:1: got end of file, want primary expression"},
		{"unknown name", "frobnicate()", "t.star:1:1: undefined: frobnicate"},
		{"in a function", "def f():\n    fail('x')\nf()", "t.star:2:9: fail: x"},
		{"unknown attribute", "assert.equal(1, 1)", "t.star:1:7: module has no .equal field or method"},
		{"unknown argument", "connect(uri = '')", "t.star:1:8: connect: unexpected keyword argument \"uri\" (did you mean url?)"},
		{"too many arguments", "connect(1, 2)", "t.star:1:8: connect: got 2 arguments, want at most 1"},
		{"no URL", "connect('fake')", "t.star:1:8: connect: \"fake\" is not a URL"},
		{"bad URL", "connect('http://x')", "t.star:1:8: bad URL \"http://x\": the scheme \"http\" is neither unix nor tcp"},
		{"module that is not there", "load('nosuch.star', 'x')", "t.star:1:1: cannot load nosuch.star: open nosuch.star: no such file or directory"},
		{"no module of ours", "load('@rump//nosuch.star', 'x')", "t.star:1:1: cannot load @rump//nosuch.star: no module @rump//nosuch.star: those that ship with rumpscript are @rump//topology.star"},
		{"no such repository", "load('@other//x.star', 'x')", "t.star:1:1: cannot load @other//x.star: no module @other//x.star: those that ship with rumpscript are @rump//topology.star"},
		{"a task that nobody asks", "def f():\n    fail('x')\nspawn(f).wait()\n", "t.star:2:9: fail: x"},
		{"bad name of a bus", "bus('a/b')", "t.star:1:4: bus: \"a/b\" is no name for a bus: it becomes the name of a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := New(Config{Stdout: io.Discard}).Run(t.Context(), "t.star", []byte(tt.src))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", e, tt.want)
			}
		})
	}
}

func TestBacktrace(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{
			"functions", "def f():\n    fail('x')\ndef g():\n    f()\ng()",
			"\tt.star:2:9: in f\n\tt.star:4:6: in g\n\tt.star:5:2: in <toplevel>\n",
		},
		{
			"a task, and who has asked for its result", "def f():\n    fail('x')\ndef g():\n    spawn(f).result()\ng()",
			"\tt.star:2:9: in f\n\tt.star:4:20: in g\n\tt.star:5:2: in <toplevel>\n",
		},
		{
			"parallel", "def f():\n    fail('x')\nparallel(lambda: 1, f)",
			"\tt.star:2:9: in f\n\tt.star:3:9: in <toplevel>\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := New(Config{}).Run(t.Context(), "t.star", []byte(tt.src))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			if got := e.Backtrace(); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestReference(t *testing.T) {
	known := make(map[string]bool)
	for _, e := range Reference() {
		if e.Doc == "" {
			t.Errorf("%s has no text", e.Name)
		}
		if known[e.Name] {
			t.Errorf("%s is there twice", e.Name)
		}
		known[e.Name] = true
	}
	for prefix, v := range map[string]interface{ AttrNames() []string }{
		"kernel.": &Kernel{}, "interface.": &Interface{}, "result.": &Result{}, "bus.": &Bus{},
		"address.": Address{}, "task.": &Task{}, "t.": &test{}, "connection.": &Conn{}, "listener.": &Listener{}, "file.": &File{}, "vnd.": &Vnd{},
		"socket.": &Socket{}, "monitor.": &Monitor{},
		"mark.": &Mark{}, "clock.": &Clock{harness.NewManualClock(clockStart)}, "faults.": &Faults{}, "packet.": &Packet{&packet.Packet{}}, "host.": &Host{}, "peer.": &Peer{}, "peer_listener.": &PeerListener{},
		"packet.tcp.": header{nil, "tcp"}, "packet.ip.": header{nil, "ip"}, "assert.": module{"assert", asserts()},
	} {
		for _, name := range v.AttrNames() {
			if !known[prefix+name] {
				t.Errorf("%s%s is not in the reference", prefix, name)
			}
		}
	}
}

func TestUpdateGolden(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "golden.txt")
	src := []byte(fmt.Sprintf("assert.golden(\"new\", %q)", file))
	if err := New(Config{Update: true}).Run(t.Context(), "t.star", src); err != nil {
		t.Fatal(err)
	}
	if err := New(Config{}).Run(t.Context(), "t.star", src); err != nil {
		t.Error(err)
	}
}

// TestDocuments checks that the documents made of the reference are up to date.
func TestDocuments(t *testing.T) {
	for file, write := range map[string]func(io.Writer) error{
		"reference.md": WriteMarkdown, "rumpscript.pyi": WriteStub,
	} {
		var want bytes.Buffer
		if err := write(&want); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "docs", file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("docs/%s is out of date: make docs", file)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, src := range []string{"while True: pass", "spawn(lambda: [x for x in range(1 << 60)]).result()"} {
		err := New(Config{Steps: 1000}).Run(t.Context(), "t.star", []byte(src))
		if err == nil || !strings.Contains(err.Error(), "more than 1000 steps") {
			t.Errorf("%s: got %v", src, err)
		}
	}
	if err := New(Config{Steps: 1e6}).Run(t.Context(), "t.star", []byte("x = [i for i in range(1000)]")); err != nil {
		t.Error(err)
	}
}
