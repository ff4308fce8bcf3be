package testscripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTutorial does what docs/tutorial.md says: a block of Python whose first line
// is a comment with a name is a file, and a block of sh is run.
func TestTutorial(t *testing.T) {
	text, err := os.ReadFile("../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, commands := 0, 0
	for lang, body := range blocks(string(text)) {
		switch lang {
		case "python":
			first, _, _ := strings.Cut(body, "\n")
			name, ok := strings.CutPrefix(first, "# ")
			if !ok || !strings.HasSuffix(name, ".star") {
				t.Fatalf("a block of Python does not begin with the name of its file:\n%s", body)
			}
			files++
			if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o666); err != nil {
				t.Fatal(err)
			}
		case "sh":
			for line := range strings.Lines(body) {
				if strings.HasPrefix(line, "#") {
					continue
				}
				commands++
				cmd := exec.Command("sh", "-c", line)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "RUMP_SERVER=", "RUMPSCRIPT_TARGET=")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s%v\n%s", line, err, out)
				}
			}
		}
	}
	if files < 5 || commands < 9 {
		t.Errorf("the tutorial has %d files and %d commands", files, commands)
	}
}

// blocks goes through the fenced blocks of a Markdown text, with their language.
func blocks(text string) func(yield func(lang, body string) bool) {
	return func(yield func(lang, body string) bool) {
		lang, body, in := "", "", false
		for line := range strings.Lines(text) {
			fence, isFence := strings.CutPrefix(line, "```")
			switch {
			case isFence && in:
				if !yield(lang, body) {
					return
				}
				in = false
			case isFence:
				lang, body, in = strings.TrimSpace(fence), "", true
			case in:
				body += line
			}
		}
	}
}
