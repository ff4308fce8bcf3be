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
	rank      uint32 // position in the order of creation at start; 0 for a node added later
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
	all    []*node // by id, from 1 on
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
			num: int32(atoi(last)), name: f[1], full: join(parent.full, f[1]), flags: uint32(atoi(f[2])), rank: uint32(atoi(f[3])),
			size: uint64(atoi(f[4])), fn: f[5] == "1", id: t.lastID, parent: parent,
		}
		if f[6] != "-" {
			n.component = f[6]
		}
		n.value, n.errno = parseValue(n.typ(), f[7])
		parent.children = append(parent.children, n)
		byMib[mib], t.byName[n.full] = n, n
		t.all = append(t.all, n)
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
	case s[0] == 'z':
		return make([]byte, atoi(s[1:])), 0
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

// autoNumber is the first of the numbers which the kernel gives to nodes that do
// not ask for one, and lastAuto is beyond all of them.
const (
	autoNumber = 1025
	lastAuto   = 1 << 20
)

func (n *node) auto() bool { return n.num >= autoNumber && n.num < lastAuto }

// A layout is what the components make of the standard nodes: which are there,
// and what numbers and versions they get. It is indexed by a node's id.
type layout struct {
	shown []bool
	num   []int32
	ver   []uint32
	last  int32 // the last number that was given to a node
}

func newLayout(components map[string]bool) *layout {
	s := standard()
	n := len(s.all) + 1
	l := &layout{shown: make([]bool, n), num: make([]int32, n), ver: make([]uint32, n)}
	byRank := make([]*node, n)
	var autos []*node
	for _, nd := range s.all {
		l.shown[nd.id] = components[nd.component]
		l.num[nd.id] = nd.num
		byRank[nd.rank] = nd
		if nd.auto() {
			autos = append(autos, nd)
		}
	}
	// A node's number counts those which were given one before, and its version
	// those that were made up to its last descendant.
	slices.SortFunc(autos, func(a, b *node) int { return int(a.num - b.num) })
	l.last = autoNumber - 1
	for _, nd := range autos {
		if l.shown[nd.id] {
			l.last++
			l.num[nd.id] = l.last
		}
	}
	made := uint32(0)
	for _, nd := range byRank {
		if nd == nil || !l.shown[nd.id] {
			continue
		}
		made++
		for up := nd; up != nil; up = up.parent {
			l.ver[up.id] = made
		}
	}
	return l
}
