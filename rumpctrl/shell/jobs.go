package shell

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// A job is a command in the background.
//
// The interpreter runs it as a goroutine that nobody else knows. To know which
// command belongs to which job, and when one ends, every "COMMAND &" is changed
// into
//
//	{ { COMMAND; } < BEGUN & } < BEGINS
//
// before it runs: the interpreter asks the shell to open BEGINS and BEGUN, whose
// words carry and set variables that follow the job wherever it goes. Nothing of
// it shows in a trace, and COMMAND has the empty standard input that POSIX
// wants.
type job struct {
	id     string
	parent string // the job that started it, "" for the shell
	number int    // n of the $! it has there, "g" and n
	text   string
	done   chan struct{}
	killed Signal
	told   bool // the user knows that it has ended
}

func (j *job) ended() bool {
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}

// jobs are those of a shell, and the commands that run.
type jobs struct {
	mu        sync.Mutex
	texts     []string
	list      []*job
	running   map[*running]struct{}
	untracked bool // a text was evaluated that may have started something
}

// running is a utility or a program of the host that runs.
type running struct {
	job  string
	kill func(Signal)

	// interrupt is false for a program to which the terminal itself sends what
	// is typed there.
	interrupt bool
}

// begins and begun are paths that no kernel has: what the interpreter is given
// to open for a job.
const (
	begins = "/dev/.rumpscript/begins/"
	begun  = "/dev/.rumpscript/begun/"
)

// wrapper is what takes the place of a command in the background.
const wrapper = "{ { :; } <" + begun + "$((" + jobVar + "=" + forkVar + ")) & } <" + begins + "N/$((" + forkVar + "=SRANDOM))/${!:-}\n"

// track changes all commands in the background below a node.
func (js *jobs) track(node syntax.Node) {
	var found []*syntax.Stmt
	syntax.Walk(node, func(n syntax.Node) bool {
		if st, ok := n.(*syntax.Stmt); ok && st.Background {
			found = append(found, st)
		}
		return true
	})
	// From the inside out, since the outer ones are printed and copied.
	slices.Reverse(found)
	for _, st := range found {
		js.wrap(st)
	}
}

func (js *jobs) wrap(st *syntax.Stmt) {
	var text strings.Builder
	command := *st
	command.Background = false
	syntax.NewPrinter(syntax.SingleLine(true)).Print(&text, &command)

	js.mu.Lock()
	n := len(js.texts)
	js.texts = append(js.texts, strings.TrimSpace(text.String()))
	js.mu.Unlock()

	file, err := syntax.NewParser().Parse(strings.NewReader(strings.Replace(wrapper, "N", strconv.Itoa(n), 1)), "")
	if err != nil {
		return // the text is ours
	}
	outer := file.Stmts[0]
	inner := outer.Cmd.(*syntax.Block).Stmts[0].Cmd.(*syntax.Block)
	inner.Stmts = []*syntax.Stmt{&command}
	outer.Position, outer.Comments = st.Position, st.Comments
	*st = *outer
}

// open answers the interpreter where it is about to start a job, or has.
func (js *jobs) open(hc *interp.HandlerContext, name string) (io.ReadWriteCloser, bool, error) {
	if rest, ok := strings.CutPrefix(name, begins); ok {
		f, err := os.Open(os.DevNull)
		js.begin(rest, hc.Env.Get(jobVar).String())
		return f, true, err
	}
	if id, ok := strings.CutPrefix(name, begun); ok {
		js.mu.Lock()
		defer js.mu.Unlock()
		for _, j := range js.list {
			if j.id == id {
				return jobInput{j}, true, nil
			}
		}
		f, err := os.Open(os.DevNull)
		return f, true, err
	}
	return nil, false, nil
}

// begin enters a job: TEXT/ID/PREVIOUS, where PREVIOUS is $! before it.
func (js *jobs) begin(word, parent string) {
	part := strings.Split(word, "/")
	if len(part) != 3 {
		return
	}
	n, _ := strconv.Atoi(part[0])
	js.mu.Lock()
	defer js.mu.Unlock()
	text := ""
	if n >= 0 && n < len(js.texts) {
		text = js.texts[n]
	}
	js.list = append(js.list, &job{
		id: part[1], parent: parent, number: jobNumber(part[2]) + 1, text: text, done: make(chan struct{}),
	})
}

// jobNumber returns the number in a $!, which is "g" and that.
func jobNumber(s string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(s, "g"))
	return n
}

// jobInput is the standard input of a job. It is empty, and closed when the job ends.
type jobInput struct{ j *job }

func (jobInput) Read([]byte) (int, error)    { return 0, io.EOF }
func (jobInput) Write(p []byte) (int, error) { return len(p), nil }

func (in jobInput) Close() error {
	close(in.j.done)
	return nil
}

func (js *jobs) add(r *running) (remove func()) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.running == nil {
		js.running = make(map[*running]struct{})
	}
	js.running[r] = struct{}{}
	return func() {
		js.mu.Lock()
		defer js.mu.Unlock()
		delete(js.running, r)
	}
}

// runs notes that a command runs, and returns what is to be called when it has
// ended. A signal that came while it was being started reaches it now.
func (sh *Shell) runs(r *running) (ended func()) {
	ended = sh.jobs.add(r)
	if r.job == "" && sh.signals.late() {
		r.kill(Interrupt)
	} else if s := sh.jobs.killedBy(r.job); s != 0 {
		r.kill(s)
	} else if r.interrupt && sh.life.Err() != nil {
		r.kill(Terminated)
	}
	return ended
}

// interrupt sends SIGINT to what runs in the foreground.
func (js *jobs) interrupt() { js.signal("", Interrupt, false) }

// signal sends a signal to the commands of a job.
func (js *jobs) signal(id string, s Signal, programs bool) {
	js.mu.Lock()
	var kill []func(Signal)
	for r := range js.running {
		if r.job == id && (r.interrupt || programs) {
			kill = append(kill, r.kill)
		}
	}
	js.mu.Unlock()
	for _, f := range kill {
		f(s)
	}
}

// end ends the utilities of the jobs with the shell. A program of the host that
// runs in the background goes on, as it does when any shell ends.
func (js *jobs) end() { js.killAll(Terminated, false) }

// killAll sends a signal to what runs, and if programs of the host are included
// ends all jobs.
func (js *jobs) killAll(s Signal, programs bool) {
	js.mu.Lock()
	for _, j := range js.list {
		if programs && !j.ended() {
			j.killed = s
		}
	}
	var kill []func(Signal)
	for r := range js.running {
		if r.interrupt || programs {
			kill = append(kill, r.kill)
		}
	}
	js.mu.Unlock()
	for _, f := range kill {
		f(s)
	}
}

// kill ends a job: its commands, and that it starts others.
func (js *jobs) kill(j *job, s Signal) {
	js.mu.Lock()
	if s != 0 {
		j.killed = s
	}
	js.mu.Unlock()
	if s != 0 {
		js.signal(j.id, s, true)
	}
}

// killedBy returns the signal that a job was ended with, 0 for none.
func (js *jobs) killedBy(id string) Signal {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.list {
		if j.id == id {
			return j.killed
		}
	}
	return 0
}

// anyLeft reports whether something may still run in the background.
func (js *jobs) anyLeft() bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	return js.untracked || slices.ContainsFunc(js.list, func(j *job) bool { return !j.ended() })
}

// children returns the jobs that a job has started.
func (js *jobs) children(parent string) []*job {
	js.mu.Lock()
	defer js.mu.Unlock()
	var c []*job
	for _, j := range js.list {
		if j.parent == parent {
			c = append(c, j)
		}
	}
	return c
}

// find returns the job which the argument of wait or kill names: $!, %N, %% or %+.
func (js *jobs) find(parent, name string) (*job, error) {
	children := js.children(parent)
	spec, isSpec := strings.CutPrefix(name, "%")
	if isSpec && (spec == "" || spec == "%" || spec == "+") {
		for _, j := range slices.Backward(children) {
			if !j.ended() {
				return j, nil
			}
		}
		return nil, fmt.Errorf("%s: no current job", name)
	}
	if isSpec || strings.HasPrefix(name, "g") {
		if n := jobNumber(spec); n > 0 {
			for _, j := range slices.Backward(children) {
				if j.number == n {
					return j, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("%s: no such job", name)
}

// wait is the built-in command, which unlike the interpreter's can be interrupted.
func (sh *Shell) wait(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	parent := hc.Env.Get(jobVar).String()
	wanted := sh.jobs.children(parent)
	if len(args) > 1 {
		wanted = nil
	}
	plain := []string{"wait"}
	for _, a := range args[1:] {
		j, err := sh.jobs.find(parent, a)
		if err != nil {
			plain = append(plain, a) // the interpreter's to refuse
			continue
		}
		wanted = append(wanted, j)
		plain = append(plain, "g"+strconv.Itoa(j.number))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer sh.runs(&running{job: parent, kill: func(s Signal) { cancel(s) }, interrupt: true})()
	for _, j := range wanted {
		select {
		case <-j.done:
			sh.jobs.tell(j)
		case <-ctx.Done():
			return interp.ExitStatus(128 + uint8(Interrupt))
		}
	}
	return hc.Builtin(ctx, plain)
}

func (js *jobs) tell(j *job) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j.told = true
}

// jobsCommand lists the jobs that have not ended.
func (sh *Shell) jobsCommand(_ context.Context, hc *interp.HandlerContext, _ []string) error {
	for _, j := range sh.jobs.children(hc.Env.Get(jobVar).String()) {
		state := "Running"
		if j.ended() {
			state = "Done"
		}
		sh.jobs.mu.Lock()
		told := j.told
		j.told = j.told || j.ended()
		sh.jobs.mu.Unlock()
		if !told {
			fmt.Fprintf(hc.Stdout, "[%d]  %-24s%s\n", j.number, state, j.text)
		}
	}
	return nil
}

// news returns the jobs that have ended since the user was last told.
func (js *jobs) news() []string {
	js.mu.Lock()
	defer js.mu.Unlock()
	var lines []string
	for _, j := range js.list {
		if j.parent != "" || j.told || !j.ended() {
			continue
		}
		j.told = true
		state := "Done"
		if j.killed != 0 {
			state = j.killed.text()
		}
		lines = append(lines, fmt.Sprintf("[%d]  %-24s%s", j.number, state, j.text))
	}
	return lines
}

// killCommand sends a signal to jobs, and for what is not one runs the host's kill.
func (sh *Shell) killCommand(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	sig, targets, ok := killArguments(args[1:])
	if !ok || len(targets) == 0 {
		return sh.program(ctx, hc, args, programOptions{})
	}
	status := uint8(0)
	var others []string
	for _, t := range targets {
		if !strings.HasPrefix(t, "%") && !strings.HasPrefix(t, "g") {
			others = append(others, t)
			continue
		}
		j, err := sh.jobs.find(hc.Env.Get(jobVar).String(), t)
		if err != nil {
			fmt.Fprintf(hc.Stderr, "kill: %v\n", err)
			status = 1
			continue
		}
		if j.ended() {
			fmt.Fprintf(hc.Stderr, "kill: %s: No such process\n", t)
			status = 1
			continue
		}
		sh.jobs.kill(j, sig)
	}
	if len(others) > 0 {
		host := append([]string{"kill", "-" + strconv.Itoa(int(sig)), "--"}, others...)
		if err := sh.program(ctx, hc, host, programOptions{}); err != nil {
			return err
		}
	}
	if status != 0 {
		return interp.ExitStatus(status)
	}
	return nil
}

// killArguments understands kill [-s SIGNAL | -SIGNAL] TARGET...
func killArguments(args []string) (Signal, []string, bool) {
	sig := Terminated
	if len(args) == 0 {
		return 0, nil, false
	}
	name := ""
	switch a := args[0]; {
	case a == "--":
		return sig, args[1:], true
	case a == "-s" && len(args) > 1:
		name, args = args[1], args[2:]
	case len(a) > 1 && a[0] == '-' && a != "-l":
		name, args = a[1:], args[1:]
	case a == "-l":
		return 0, nil, false
	default:
		return sig, args, true
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	s, ok := signalNamed(name)
	return s, args, ok
}

// background reports whether a handler is called by a job, and which.
func background(env expand.Environ) string { return env.Get(jobVar).String() }
