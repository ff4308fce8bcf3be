package rumpctrl

import (
	"embed"
	"strings"
)

//go:embed manual/*.txt
var manuals embed.FS

// Page returns the utility's manual page in plain text.
func (u Utility) Page() string {
	b, _ := manuals.ReadFile("manual/" + u.Name + ".txt") // a test sees that all are there
	return strings.TrimSpace(string(b))
}
