package shell

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Signal is the number of a signal, as Unix has it. It is the cause of the end
// of the context of a utility that a signal ends.
type Signal int

// The signals that the shell knows.
const (
	Hangup     Signal = 1
	Interrupt  Signal = 2
	Quit       Signal = 3
	Kill       Signal = 9
	Usr1       Signal = 10
	Usr2       Signal = 12
	Pipe       Signal = 13
	Alarm      Signal = 14
	Terminated Signal = 15
)

func signalNames() map[string]Signal {
	return map[string]Signal{
		"HUP": Hangup, "INT": Interrupt, "QUIT": Quit, "KILL": Kill, "USR1": Usr1, "USR2": Usr2,
		"PIPE": Pipe, "ALRM": Alarm, "TERM": Terminated,
	}
}

// signalNamed returns the signal of a name, with or without SIG, or a number.
func signalNamed(name string) (Signal, bool) {
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < 65 {
		return Signal(n), true
	}
	s, ok := signalNames()[strings.TrimPrefix(strings.ToUpper(name), "SIG")]
	return s, ok
}

// name returns a signal's name, without SIG.
func (s Signal) name() string {
	for name, t := range signalNames() {
		if s == t {
			return name
		}
	}
	return strconv.Itoa(int(s))
}

// text is what a shell says of a job that the signal has ended.
func (s Signal) text() string {
	switch s {
	case Interrupt:
		return "Interrupt"
	case Terminated:
		return "Terminated"
	case Kill:
		return "Killed"
	case Hangup:
		return "Hangup"
	}
	return fmt.Sprintf("Signal %d", int(s))
}

func (s Signal) Error() string { return "ended by SIG" + s.name() }

// Is makes a Signal as the cause of a context's end look like the end of one.
func (s Signal) Is(target error) bool { return target == context.Canceled }

// signals are those that have come in.
type signals struct {
	mu          sync.Mutex
	pending     []Signal // to be acted upon before the next command
	interrupted bool     // SIGINT, and no action for it
	stop        context.CancelFunc
	trapped     map[Signal]bool // whether there has been an action for it

	// owed is set when a program has died of a SIGINT of which the shell has not
	// been told yet.
	owed bool
}

// Signal tells the shell of a signal. It may be called at any time. SIGINT ends
// the utility that runs in the foreground, and the list of commands that it is
// in, unless a trap says otherwise; another one before the shell has come to
// that ends whatever it is that keeps it. SIGHUP ends the jobs, programs of the host
// included.
func (sh *Shell) Signal(s Signal) {
	sh.signals.mu.Lock()
	defer sh.signals.mu.Unlock()
	if s == Interrupt && sh.signals.owed {
		sh.signals.owed = false
		return
	}
	again := slices.Contains(sh.signals.pending, s) || s == Interrupt && sh.signals.interrupted
	if !again {
		sh.signals.pending = append(sh.signals.pending, s)
	}
	if s == Hangup && !sh.signals.trapped[s] {
		sh.jobs.killAll(s, true)
	}
	if s == Interrupt {
		sh.jobs.interrupt()
		if stop := sh.signals.stop; again && stop != nil {
			stop()
		}
	}
}

// Traps reports whether commands of the shell have set an action for a signal.
// It may be called at any time.
func (sh *Shell) Traps(s Signal) bool {
	sh.signals.mu.Lock()
	defer sh.signals.mu.Unlock()
	return sh.signals.trapped[s]
}

func (s *signals) trap(name string, on bool) {
	sig, ok := signalNames()[name]
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trapped == nil {
		s.trapped = make(map[Signal]bool)
	}
	s.trapped[sig] = on
}

// begin says that commands are about to run, which stop ends. What a person typed
// to end the ones before has nothing to do with them.
func (s *signals) begin(stop context.CancelFunc, person bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop = stop
	s.interrupted = false
	if person {
		s.owed = false
		s.pending = slices.DeleteFunc(s.pending, func(p Signal) bool { return p == Interrupt })
	}
}

// diedOf says that a program in the foreground has died of SIGINT. The terminal
// sends that to the shell as well, which may learn of it too late.
func (s *signals) diedOf() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.interrupted && !slices.Contains(s.pending, Interrupt) {
		s.pending = append(s.pending, Interrupt)
		s.owed = true
	}
}

// late reports whether SIGINT has come since the last command was let through:
// before what it runs could be told.
func (s *signals) late() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.pending, Interrupt)
}

// finish says that they have, and reports whether SIGINT has ended them, or has
// come too late to.
func (s *signals) finish() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	interrupted := s.interrupted
	keep := s.pending[:0]
	for _, p := range s.pending {
		if p == Interrupt {
			interrupted = true
		} else {
			keep = append(keep, p)
		}
	}
	s.pending, s.interrupted, s.stop = keep, false, nil
	return interrupted
}

// before is asked before each command. It returns the signals that have an
// action, and whether the command is not to run because of one that has none.
func (s *signals) before(action func(Signal) string) (actions []string, stop bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pending {
		if a := action(p); a != "" {
			actions = append(actions, a)
		} else if p == Interrupt {
			s.interrupted = true
		}
	}
	s.pending = nil
	return actions, s.interrupted
}
