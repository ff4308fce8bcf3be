package harness

import (
	"fmt"
	"strings"
)

// Mermaid returns the topology as a flowchart in the language of Mermaid, which
// GitHub draws in a document: kernels as boxes, buses as circles.
func (t Topology) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, n := range t {
		fmt.Fprintf(&b, "    k%d[\"%s\"]\n", i, mermaidText(strings.Join(n.lines(), "\n")))
	}
	bus := t.busNumbers()
	for i, name := range t.Buses() {
		fmt.Fprintf(&b, "    b%d((\"%s\"))\n", i, mermaidText(name))
	}
	for i, n := range t {
		for j, ifc := range n.Interfaces {
			fmt.Fprintf(&b, "    k%d ---|\"%s\"| b%d\n", i, mermaidText(strings.Join(ifc.lines(j), "\n")), bus[ifc.Bus])
		}
	}
	return b.String()
}

// mermaidText returns text as it stands between quotes in Mermaid, which has no
// escapes but HTML's.
func mermaidText(s string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;", "\n", "<br>").Replace(s)
}

// Graphviz returns the topology in Graphviz's language, for dot and neato.
func (t Topology) Graphviz() string {
	var b strings.Builder
	b.WriteString("graph topology {\n")
	for i, n := range t {
		fmt.Fprintf(&b, "    k%d [shape=box, label=%s];\n", i, dotText(strings.Join(n.lines(), "\n")))
	}
	bus := t.busNumbers()
	for i, name := range t.Buses() {
		fmt.Fprintf(&b, "    b%d [shape=ellipse, label=%s];\n", i, dotText(name))
	}
	for i, n := range t {
		for j, ifc := range n.Interfaces {
			fmt.Fprintf(&b, "    k%d -- b%d [label=%s];\n", i, bus[ifc.Bus], dotText(strings.Join(ifc.lines(j), "\n")))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText returns text as a quoted string of Graphviz, where a backslash begins
// more escapes than Go's quoting knows.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// lines is what is written into a kernel's box.
func (n Node) lines() []string {
	lines := []string{n.Name}
	if n.Forward {
		lines = append(lines, "forwards")
	}
	for _, r := range n.Routes {
		lines = append(lines, r.To+" via "+r.Via)
	}
	return lines
}

// lines is what is written at an interface's line.
func (i Interface) lines(n int) []string { return append([]string{i.name(n)}, i.Addrs...) }

func (t Topology) busNumbers() map[string]int {
	m := map[string]int{}
	for i, name := range t.Buses() {
		m[name] = i
	}
	return m
}
