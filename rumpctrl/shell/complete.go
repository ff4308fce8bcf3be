package shell

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// completeTimeout is how long the kernel may take to answer when Tab is pressed.
const completeTimeout = time.Second

// complete returns what a word may become: the text before the word, its
// completions, and the text after the cursor. The position counts characters.
func (sh *Shell) complete(ctx context.Context, text string, pos int) (head string, completions []string, tail string) {
	runes := []rune(text)
	before, tail := string(runes[:pos]), string(runes[pos:])
	words := lastCommand(before)
	current := words[len(words)-1]
	ctx, cancel := context.WithTimeout(ctx, completeTimeout)
	defer cancel()
	c := completer{sh: sh, ctx: ctx}
	found := c.candidates(words[:len(words)-1], current)
	slices.Sort(found)
	found = slices.Compact(found)
	for i, f := range found {
		if !strings.HasSuffix(f, "/") && !strings.HasSuffix(f, "=") && !strings.HasSuffix(f, ".") {
			found[i] = f + " "
		}
	}
	return strings.TrimSuffix(before, current), found, tail
}

// lastCommand splits the last simple command of a line into words, the last of
// which is the one at the cursor and may be empty. A redirection is a word of
// its operator, and one of its file.
func lastCommand(line string) []string {
	words := []string{""}
	quote := rune(0)
	add := func(r rune) { words[len(words)-1] += string(r) }
	next := func() {
		if words[len(words)-1] != "" {
			words = append(words, "")
		}
	}
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			add(r)
			escaped = false
		case r == '\\' && quote != '\'':
			add(r)
			escaped = true
		case quote != 0:
			add(r)
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			add(r)
			quote = r
		case strings.ContainsRune(";|&(`\n{!", r):
			words = []string{""}
		case r == '<' || r == '>':
			next()
			words[len(words)-1] = string(r)
			next()
		case r == ' ' || r == '\t':
			next()
		default:
			add(r)
		}
	}
	return words
}

// completer looks for what a word may become.
type completer struct {
	sh  *Shell
	ctx context.Context
}

// kernel calls f with a process of the kernel that commands go to.
func (c *completer) kernel(f func(k *rump.Kernel)) {
	kn, err := c.sh.kernels.at(c.sh.variable("RUMP_SERVER"), c.hostDir())
	if err != nil {
		return
	}
	if p, err := kn.file(c.ctx); err == nil {
		f(p.Kernel)
		p.fileDone()
	}
}

func (c *completer) hostDir() string {
	if d := c.sh.variable(hostDirVar); d != "" {
		return d
	}
	if c.sh.cfg.HostFiles {
		return c.sh.variable("PWD")
	}
	return c.sh.cfg.HostDir
}

// candidates returns what the current word may become after those before it.
func (c *completer) candidates(words []string, current string) []string {
	if n := len(words); n > 0 && (words[n-1] == "<" || words[n-1] == ">") {
		return c.paths(current, false)
	}
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "<" || w == ">" })
	for len(words) > 0 && isPrefixWord(words[0]) {
		words = words[1:]
	}
	if strings.HasPrefix(current, "$") {
		return c.variables(current)
	}
	if len(words) == 0 {
		return c.commands(current)
	}
	u, known := usages()[words[0]]
	if (words[0] == hostcmd || words[0] == "hijack") && len(words) > 1 {
		return hostPaths(current, "", c.hostDir(), false)
	}
	if _, isUtility := rumpctrl.Lookup(words[0]); !known && !isUtility && c.isProgram(words[0]) {
		return hostPaths(current, "", c.hostDir(), false)
	}
	place := len(words) - 1
	list := u.later
	if place == 0 {
		list = u.first
	}
	found := withPrefix(list, current)
	kind := aPath
	if len(u.args) > 0 {
		kind = u.args[min(place, len(u.args)-1)]
	}
	if words[0] == "ifconfig" && place > 0 && !strings.HasPrefix(words[1], "-") {
		kind = nothing // the interface is there
	}
	if words[0] == "dd" {
		if op, file, ok := strings.Cut(current, "="); ok && (op == "if" || op == "of") {
			for _, p := range c.paths(file, false) {
				found = append(found, op+"="+p)
			}
			return found
		}
	}
	return append(found, c.arguments(kind, current)...)
}

// isPrefixWord reports whether a command follows the word: "X=1 ls", "if ls".
func isPrefixWord(w string) bool {
	switch w {
	case "if", "then", "else", "elif", "do", "while", "until", "time", "exec", "eval":
		return true
	}
	name, _, ok := strings.Cut(w, "=")
	return ok && name != "" && !strings.ContainsAny(name, "/-.")
}

func (c *completer) arguments(kind argument, current string) []string {
	var found []string
	switch kind {
	case aPath, aFolder:
		return c.paths(current, kind == aFolder)
	case anInterface:
		c.kernel(func(k *rump.Kernel) {
			list, _ := k.Interfaces(c.ctx)
			for _, i := range list {
				found = append(found, i.Name)
			}
		})
	case aSysctl:
		c.kernel(func(k *rump.Kernel) { found = sysctls(c.ctx, k, current) })
	case aMount:
		c.kernel(func(k *rump.Kernel) {
			list, _ := k.Mounts(c.ctx, netbsd.MNT_NOWAIT)
			for _, m := range list {
				found = append(found, m.Mntonname)
			}
		})
	case aUtility:
		for _, u := range rumpctrl.All() {
			found = append(found, u.Name)
		}
	case aProgram:
		return c.programs(current)
	case aJob:
		for _, j := range c.sh.jobs.children("") {
			if !j.ended() {
				found = append(found, fmt.Sprintf("%%%d", j.number))
			}
		}
	case aSignal:
		for name := range signalNames() {
			found = append(found, name)
		}
		found = append(found, "EXIT")
	}
	return withPrefix(found, current)
}

func withPrefix(list []string, prefix string) []string {
	var found []string
	for _, s := range list {
		if strings.HasPrefix(s, prefix) {
			found = append(found, s)
		}
	}
	return found
}

// commands returns the commands that begin with a text: ours, and if there are
// none, the host's.
func (c *completer) commands(current string) []string {
	if strings.Contains(current, "/") {
		return hostPaths(current, "", c.hostDir(), false)
	}
	list := builtinNames()
	for _, u := range rumpctrl.All() {
		list = append(list, u.Name)
	}
	for name := range c.sh.runner.Funcs {
		list = append(list, name)
	}
	if found := withPrefix(list, current); len(found) > 0 || current == "" {
		return found
	}
	return c.programs(current)
}

// programs returns the programs of the host that begin with a text.
func (c *completer) programs(current string) []string {
	if strings.Contains(current, "/") {
		return hostPaths(current, "", c.hostDir(), false)
	}
	var found []string
	for _, dir := range filepath.SplitList(c.sh.variable("PATH")) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), current) && !e.IsDir() {
				found = append(found, e.Name())
			}
		}
	}
	return found
}

func (c *completer) isProgram(name string) bool {
	if strings.Contains(name, "/") {
		return true
	}
	return slices.Contains(c.programs(name), name)
}

func (c *completer) variables(current string) []string {
	var found []string
	for name, v := range c.sh.runner.Vars {
		if v.IsSet() && strings.HasPrefix(name, current[1:]) && !strings.HasPrefix(name, varPrefix) {
			found = append(found, "$"+name)
		}
	}
	return found
}

// paths returns the files that begin with a text, folders with a slash.
func (c *completer) paths(current string, foldersOnly bool) []string {
	if rel, ok := strings.CutPrefix(current, hostPrefix); ok {
		return hostPaths(rel, hostPrefix, c.hostDir(), foldersOnly)
	}
	if c.sh.cfg.HostFiles {
		return hostPaths(current, "", c.hostDir(), foldersOnly)
	}
	folder, base := path.Split(unescape(current))
	at := folder
	if !path.IsAbs(at) {
		at = path.Join(c.sh.variable("PWD"), at)
	}
	var found []string
	c.kernel(func(k *rump.Kernel) {
		entries, _ := k.ReadDir(c.ctx, at)
		for _, e := range entries {
			if isDir := e.IsDir(); isDir || !foldersOnly {
				found = addPath(found, folder, e.Name(), base, isDir)
			}
		}
	})
	return found
}

// hostPaths is paths for files of the host.
func hostPaths(current, prefix, dir string, foldersOnly bool) []string {
	folder, base := filepath.Split(unescape(current))
	at := folder
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	var found []string
	entries, _ := os.ReadDir(at)
	for _, e := range entries {
		if isDir := e.IsDir(); isDir || !foldersOnly {
			found = addPath(found, prefix+folder, e.Name(), base, isDir)
		}
	}
	return found
}

func addPath(found []string, folder, name, prefix string, isDir bool) []string {
	if !strings.HasPrefix(name, prefix) || name == "." || name == ".." || prefix == "" && name[0] == '.' {
		return found
	}
	p := escape(folder + name)
	if isDir {
		p += "/"
	}
	return append(found, p)
}

// escape makes a path one word.
func escape(p string) string {
	var b strings.Builder
	for _, r := range p {
		if strings.ContainsRune(" \t'\"\\$&;|<>()*?[]`!{}", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unescape(p string) string {
	var b strings.Builder
	escaped := false
	for _, r := range p {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String()
}

// sysctls returns the nodes below the one that a text names up to its last dot.
func sysctls(ctx context.Context, k *rump.Kernel, current string) []string {
	parent := rump.SysctlRoot()
	prefix := ""
	if i := strings.LastIndexByte(current, '.'); i >= 0 {
		prefix = current[:i+1]
		n, err := k.LookupSysctl(ctx, current[:i])
		if err != nil {
			return nil
		}
		parent = n
	}
	children, _ := k.SysctlChildren(ctx, parent)
	var found []string
	for _, n := range children {
		name := prefix + n.Node.Name
		if n.IsNode() {
			name += "."
		}
		found = append(found, name)
	}
	return found
}
