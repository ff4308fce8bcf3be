package netbsd

import "strconv"

// A Signal is a signal of NetBSD. Its text is that of strsignal(3).
type Signal int

func (s Signal) entry() (signalText, bool) {
	if s <= 0 || int(s) >= len(signals) {
		return signalText{}, false
	}
	return signals[s], true
}

// String is NetBSD's text for the signal, such as "Broken pipe".
func (s Signal) String() string {
	if t, ok := s.entry(); ok {
		return t.text
	}
	if s >= SIGRTMIN && s <= SIGRTMAX {
		return "Real time signal " + strconv.Itoa(int(s-SIGRTMIN))
	}
	return "Unknown signal: " + strconv.Itoa(int(s))
}

// Name is NetBSD's name for the signal, such as "SIGPIPE".
func (s Signal) Name() string {
	if t, ok := s.entry(); ok {
		return t.name
	}
	if s >= SIGRTMIN && s <= SIGRTMAX {
		return "SIGRTMIN+" + strconv.Itoa(int(s-SIGRTMIN))
	}
	return "signal " + strconv.Itoa(int(s))
}

// Signal makes a Signal an os.Signal.
func (s Signal) Signal() {}

// LookupSignal finds a signal by its name, such as "SIGPIPE".
func LookupSignal(name string) (Signal, bool) {
	for i, t := range signals {
		if name == t.name && name != "" {
			return Signal(i), true
		}
	}
	return 0, false
}

// Signals, from <sys/signal.h>.
const (
	SIGHUP    Signal = 1
	SIGINT    Signal = 2
	SIGQUIT   Signal = 3
	SIGILL    Signal = 4
	SIGTRAP   Signal = 5
	SIGABRT   Signal = 6
	SIGEMT    Signal = 7
	SIGFPE    Signal = 8
	SIGKILL   Signal = 9
	SIGBUS    Signal = 10
	SIGSEGV   Signal = 11
	SIGSYS    Signal = 12
	SIGPIPE   Signal = 13
	SIGALRM   Signal = 14
	SIGTERM   Signal = 15
	SIGURG    Signal = 16
	SIGSTOP   Signal = 17
	SIGTSTP   Signal = 18
	SIGCONT   Signal = 19
	SIGCHLD   Signal = 20
	SIGTTIN   Signal = 21
	SIGTTOU   Signal = 22
	SIGIO     Signal = 23
	SIGXCPU   Signal = 24
	SIGXFSZ   Signal = 25
	SIGVTALRM Signal = 26
	SIGPROF   Signal = 27
	SIGWINCH  Signal = 28
	SIGINFO   Signal = 29
	SIGUSR1   Signal = 30
	SIGUSR2   Signal = 31
	SIGPWR    Signal = 32

	SIGIOT          = SIGABRT
	SIGRTMIN Signal = 33
	SIGRTMAX Signal = 63
	NSIG            = 64 // one more than the highest number
)

// A signalText is a signal's name and NetBSD's text for it.
type signalText struct{ name, text string }

var signals = [...]signalText{
	SIGHUP:    {"SIGHUP", "Hangup"},
	SIGINT:    {"SIGINT", "Interrupt"},
	SIGQUIT:   {"SIGQUIT", "Quit"},
	SIGILL:    {"SIGILL", "Illegal instruction"},
	SIGTRAP:   {"SIGTRAP", "Trace/BPT trap"},
	SIGABRT:   {"SIGABRT", "Abort trap"},
	SIGEMT:    {"SIGEMT", "EMT trap"},
	SIGFPE:    {"SIGFPE", "Floating point exception"},
	SIGKILL:   {"SIGKILL", "Killed"},
	SIGBUS:    {"SIGBUS", "Bus error"},
	SIGSEGV:   {"SIGSEGV", "Segmentation fault"},
	SIGSYS:    {"SIGSYS", "Bad system call"},
	SIGPIPE:   {"SIGPIPE", "Broken pipe"},
	SIGALRM:   {"SIGALRM", "Alarm clock"},
	SIGTERM:   {"SIGTERM", "Terminated"},
	SIGURG:    {"SIGURG", "Urgent I/O condition"},
	SIGSTOP:   {"SIGSTOP", "Suspended (signal)"},
	SIGTSTP:   {"SIGTSTP", "Suspended"},
	SIGCONT:   {"SIGCONT", "Continued"},
	SIGCHLD:   {"SIGCHLD", "Child exited"},
	SIGTTIN:   {"SIGTTIN", "Stopped (tty input)"},
	SIGTTOU:   {"SIGTTOU", "Stopped (tty output)"},
	SIGIO:     {"SIGIO", "I/O possible"},
	SIGXCPU:   {"SIGXCPU", "CPU time limit exceeded"},
	SIGXFSZ:   {"SIGXFSZ", "File size limit exceeded"},
	SIGVTALRM: {"SIGVTALRM", "Virtual timer expired"},
	SIGPROF:   {"SIGPROF", "Profiling timer expired"},
	SIGWINCH:  {"SIGWINCH", "Window size changed"},
	SIGINFO:   {"SIGINFO", "Information request"},
	SIGUSR1:   {"SIGUSR1", "User defined signal 1"},
	SIGUSR2:   {"SIGUSR2", "User defined signal 2"},
	SIGPWR:    {"SIGPWR", "Power fail/restart"},
}
