package rumpctrl

import (
	"embed"
)

//go:embed manual/*.txt
var manuals embed.FS

// manual returns the manual page of a utility.
func manual(name string) string {
	b, err := manuals.ReadFile("manual/" + name + ".txt")
	if err != nil {
		return ""
	}
	return string(b)
}
