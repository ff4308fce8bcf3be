package netbsd

import (
	"os"
	"testing"
)

var _ os.Signal = SIGINT

func TestSignal(t *testing.T) {
	for _, tt := range []struct {
		s          Signal
		name, text string
	}{
		{SIGHUP, "SIGHUP", "Hangup"},
		{SIGPIPE, "SIGPIPE", "Broken pipe"},
		{SIGPWR, "SIGPWR", "Power fail/restart"},
		{SIGRTMIN + 2, "SIGRTMIN+2", "Real time signal 2"},
		{0, "signal 0", "Unknown signal: 0"},
		{99, "signal 99", "Unknown signal: 99"},
	} {
		if tt.s.Name() != tt.name || tt.s.String() != tt.text {
			t.Errorf("%d: %q, %q, want %q, %q", int(tt.s), tt.s.Name(), tt.s, tt.name, tt.text)
		}
	}
	if s, ok := LookupSignal("SIGPIPE"); !ok || s != SIGPIPE {
		t.Errorf("LookupSignal(SIGPIPE) = %v, %v", s, ok)
	}
	if _, ok := LookupSignal(""); ok {
		t.Error("LookupSignal found the empty name")
	}
}
