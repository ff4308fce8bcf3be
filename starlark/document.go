package starlark

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the reference as a Markdown document.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# The script language\n\nStarlark with what is listed here. This page is made by `rumpscript doc --markdown`.\n")
	section := func(title, prefix string, attrs []attribute, fs []function) {
		fmt.Fprintf(&b, "\n## %s\n", title)
		for _, a := range attrs {
			fmt.Fprintf(&b, "\n### `%s%s`\n\n%s\n", prefix, a.name, escape(a.doc))
		}
		for _, f := range fs {
			fmt.Fprintf(&b, "\n### `%s%s`\n\n%s\n", prefix, f.signature(), escape(f.doc))
		}
	}
	section("Functions", "", []attribute{argvAttr()}, globals())
	section("Layers of packets", "", nil, layerFunctions())
	section("assert", "assert.", nil, asserts())
	for _, k := range kinds() {
		section(k.name, k.name+".", k.attrs, k.methods)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// escape keeps Markdown from reading placeholders as tags.
func escape(s string) string { return strings.ReplaceAll(s, "<", "\\<") }

// WriteStub writes the reference as a file of definitions without bodies, which
// Starlark language servers read to complete names and show documentation.
func WriteStub(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\"\"\"The functions and values of rumpscript's scripts. Made by rumpscript doc --stub.\"\"\"\n")
	functions := func(indent, self string, fs []function) {
		for _, f := range fs {
			fmt.Fprintf(&b, "\n%sdef %s(%s):\n%s    %q\n%s    pass\n", indent, f.name, f.stubParams(self), indent, f.doc, indent)
		}
	}
	fmt.Fprintf(&b, "\nargv = []\n%q\n", argvAttr().doc)
	functions("", "", globals())
	functions("", "", layerFunctions())
	classes := append([]kind{{"assert_", nil, asserts()}}, kinds()...)
	for _, k := range classes {
		fmt.Fprintf(&b, "\nclass %s:\n", k.name)
		for _, a := range k.attrs {
			fmt.Fprintf(&b, "    %s = None\n    %q\n", a.name, a.doc)
		}
		functions("    ", "self", k.methods)
		if len(k.attrs)+len(k.methods) == 0 {
			b.WriteString("    pass\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// stubParams returns the parameters as Python writes them.
func (f function) stubParams(self string) string {
	var parts []string
	if self != "" {
		parts = append(parts, self)
	}
	for _, p := range strings.Fields(f.params) {
		if name, optional := strings.CutSuffix(p, "?"); optional {
			p = name + "=None"
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, ", ")
}
