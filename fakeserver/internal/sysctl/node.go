package sysctl

import (
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A node is a node of the tree. Those from nodes.txt are shared by all trees and
// never change.
type node struct {
	num       int32
	name      string
	full      string // with the names of its ancestors
	flags     uint32 // type and CTLFLAG_*
	ver       uint32
	size      uint64
	fn        bool // has a function of its own in NetBSD
	component string
	value     []byte // the initial value
	errno     netbsd.Errno
	alias     int32
	id        uint64 // for its made-up address
	desc      string
	parent    *node
	children  []*node // in the order of their numbers
}

func (n *node) typ() uint32 { return n.flags & netbsd.SYSCTL_TYPEMASK }

//go:embed nodes.txt
var nodesText string

// standard is NetBSD's tree.
var standard = sync.OnceValue(func() *standardTree { return parseNodes(nodesText) })

type standardTree struct {
	root   *node
	byName map[string]*node
	lastID uint64
}

// parseNodes reads nodes.txt, which is part of the program: what cannot be read
// there is a bug.
func parseNodes(text string) *standardTree {
	root := &node{flags: netbsd.CTLTYPE_NODE | netbsd.CTLFLAG_ROOT | netbsd.CTLFLAG_READWRITE}
	t := &standardTree{root: root, byName: map[string]*node{"": root}}
	byMib := map[string]*node{"": root}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		mib, last, up := "", f[0], ""
		if i := strings.LastIndexByte(f[0], '.'); i >= 0 {
			up, last = f[0][:i], f[0][i+1:]
		}
		mib = f[0]
		parent := byMib[up]
		t.lastID++
		n := &node{
			num: int32(atoi(last)), name: f[1], full: join(parent.full, f[1]), flags: uint32(atoi(f[2])), ver: uint32(atoi(f[3])),
			size: uint64(atoi(f[4])), fn: f[5] == "1", id: t.lastID, parent: parent,
		}
		if f[6] != "-" {
			n.component = f[6]
		}
		n.value, n.errno = parseValue(n.typ(), f[7])
		parent.children = append(parent.children, n)
		byMib[mib], t.byName[n.full] = n, n
		root.ver = max(root.ver, n.ver)
	}
	return t
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

func atoi(s string) int64 {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		panic("sysctl: nodes.txt: " + err.Error())
	}
	return n
}

func parseValue(typ uint32, s string) ([]byte, netbsd.Errno) {
	switch {
	case s == "-":
		return nil, 0
	case s[0] == '!':
		return nil, netbsd.Errno(atoi(s[1:]))
	case s[0] == 'x':
		b, err := hex.DecodeString(s[1:])
		if err != nil {
			panic("sysctl: nodes.txt: " + err.Error())
		}
		return b, 0
	case s[0] == '"':
		v, err := strconv.Unquote(s)
		if err != nil {
			panic("sysctl: nodes.txt: " + err.Error())
		}
		return netbsd.AppendString(nil, v), 0
	}
	v := uint64(atoi(s))
	switch typ {
	case netbsd.CTLTYPE_BOOL:
		return []byte{byte(v)}, 0
	case netbsd.CTLTYPE_INT:
		return binary.LittleEndian.AppendUint32(nil, uint32(v)), 0
	}
	return binary.LittleEndian.AppendUint64(nil, v), 0
}

// find returns the position of a child by its number, or where it would be.
func find(children []*node, num int32) (int, bool) {
	return slices.BinarySearchFunc(children, num, func(n *node, num int32) int { return int(int64(n.num) - int64(num)) })
}
