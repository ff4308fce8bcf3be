package harness

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func environment(kv ...string) func(string) string {
	return func(name string) string {
		for _, e := range kv {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return ""
	}
}

func TestConfigFromEnvironment(t *testing.T) {
	env := environment("RUMPSCRIPT_TARGET=container", "RUMPSCRIPT_IMAGE=some/image", "RUMPSCRIPT_COMPONENTS=rumpnet, rumpvfs",
		"RUMPSCRIPT_MEMORY=64", "RUMPSCRIPT_NETWORK=tcp", "RUMPSCRIPT_TIMEOUT=5s", "RUMP_SERVER_BIN=/x/rump_server",
		"RUMPSCRIPT_ARTIFACTS=/artifacts", "RUMPSCRIPT_LAUNCHER=rumprun xen -i", "RUMPSCRIPT_PUBLISH=10.0.0.1")
	cfg, err := Config{Getenv: env}.complete()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Target != (Target{Kind: KindContainer, Image: "some/image"}) || !slices.Equal(cfg.Components, []string{"rumpnet", "rumpvfs"}) ||
		cfg.Memory != 64<<20 || cfg.Network != "tcp" || cfg.Timeout != 5*time.Second || cfg.Server != "/x/rump_server" ||
		cfg.Dir != "/artifacts" || !slices.Equal(cfg.Rumprun.Launcher, []string{"rumprun", "xen", "-i"}) || cfg.Publish != "10.0.0.1" {
		t.Errorf("the configuration is %+v", cfg)
	}

	// What a Config says itself wins.
	cfg, err = Config{Getenv: env, Target: Target{Kind: KindContainer, Image: "other"}, Memory: 1 << 20, Timeout: time.Second, Components: []string{}}.complete()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Target.Image != "other" || cfg.Memory != 1<<20 || cfg.Timeout != time.Second || len(cfg.Components) != 0 {
		t.Errorf("the configuration is %+v", cfg)
	}

	for _, bad := range []string{"RUMPSCRIPT_TARGET=moon", "RUMPSCRIPT_MEMORY=much", "RUMPSCRIPT_TIMEOUT=0s", "RUMPSCRIPT_TIMEOUT=soon"} {
		if _, err := (Config{Getenv: environment(bad)}).complete(); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: the error is %v", bad, err)
		}
	}
	if _, err := (Config{Getenv: environment("RUMPSCRIPT_NETWORK=ipx")}).complete(); !as[*ConfigError](err) {
		t.Errorf("the error is %v", err)
	}
}

// README has a table of the variables. It is the one that the code has.
func TestVariablesAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Variables() {
		row := "| `" + v.Name + "` | " + v.Doc + " |\n"
		if !strings.Contains(string(b), row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
}

func TestBadDisks(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, d := range map[string]Disk{
		"no key":      {Path: empty, Size: 512},
		"bad type":    {Key: "/d", Path: empty, Size: 512, Type: "tape"},
		"empty file":  {Key: "/d", Path: empty},
		"no file":     {Key: "/d", Path: filepath.Join(dir, "none")},
		"no folder":   {Key: "/d", Path: filepath.Join(dir, "none", "file"), Size: 512},
		"bad size":    {Key: "/d", Path: empty, Size: -1},
		"bad offset":  {Key: "/d", Path: empty, Size: 512, Offset: -512},
		"not a place": {Key: "/d", Path: filepath.Join(empty, "file"), Size: 512},
	} {
		if _, err := (Config{Disks: []Disk{d}, Getenv: environment()}).complete(); !as[*ConfigError](err) {
			t.Errorf("%s: the error is %v", what, err)
		}
	}
}

func TestConsoleIsKept(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		c, err := newConsole(Config{Dir: dir, Name: "../a b"})
		if err != nil {
			t.Fatal(err)
		}
		seen := c.expect("split mark")
		c.Write([]byte(strings.Repeat("x", consoleTail)))
		c.Write([]byte(" split"))
		c.Write([]byte(" mark "))
		select {
		case <-seen:
		default:
			t.Error("the mark was not seen")
		}
		if s := c.String(); len(s) != consoleTail || !strings.HasSuffix(s, " split mark ") {
			t.Errorf("the tail is %d bytes that end in %q", len(s), s[len(s)-20:])
		}
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the files are %v, %v", files, err)
	}
	for _, f := range files {
		if fi, err := os.Stat(f); err != nil || fi.Size() != consoleTail+12 {
			t.Errorf("%s: %v, %v", f, fi, err)
		}
	}
}
