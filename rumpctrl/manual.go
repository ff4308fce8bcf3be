package rumpctrl

import "embed"

// manuals holds the text of each utility's manual page.
//
//go:embed manual/*.txt
var manuals embed.FS

// manual returns the manual page of a utility, or "" if it has none.
func manual(name string) string {
	b, _ := manuals.ReadFile("manual/" + name + ".txt")
	return string(b)
}
