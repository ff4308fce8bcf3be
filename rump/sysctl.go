package rump

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// SysctlNode is a node of the sysctl tree.
type SysctlNode struct {
	Name string // the whole name, such as "net.inet.ip.forwarding"; "" is the root's
	MIB  MIB
	Node netbsd.Sysctlnode // the kernel's description
}

// IsNode reports whether the node may have others below it and has no value.
func (n *SysctlNode) IsNode() bool { return n.Node.Type() == netbsd.CTLTYPE_NODE }

// SysctlRoot returns the root of the tree.
func SysctlRoot() SysctlNode {
	return SysctlNode{Node: netbsd.Sysctlnode{
		Flags: netbsd.SYSCTL_VERSION | netbsd.CTLFLAG_ROOT | netbsd.CTLTYPE_NODE,
		Size:  netbsd.SizeofSysctlnode,
	}}
}

// SysctlNameError says that the sysctl tree has no node of a name.
type SysctlNameError struct {
	Kernel string
	Name   string       // the name
	Level  int          // which part of it, from 0, is wrong
	Token  string       // that part
	Errno  netbsd.Errno // ENOENT, or ENOTDIR if the part before has nothing below it
}

func (e *SysctlNameError) Error() string {
	return fmt.Sprintf("%s: sysctl %s: no %q: %s: %s", e.Kernel, e.Name, e.Token, e.Errno.Name(), e.Errno.Error())
}

// Unwrap returns the errno.
func (e *SysctlNameError) Unwrap() error { return e.Errno }

// SysctlChildren returns the nodes right below a node, in order of their numbers.
func (k *Kernel) SysctlChildren(ctx context.Context, n SysctlNode) ([]SysctlNode, error) {
	mib := append(slices.Clone(n.MIB), netbsd.CTL_QUERY)
	query := netbsd.Sysctlnode{Flags: netbsd.SYSCTL_VERSION}
	b, err := k.sysctlRaw(ctx, mib, query.Append(nil), n.Name, 24*netbsd.SizeofSysctlnode)
	if err != nil {
		return nil, err
	}
	nodes, err := netbsd.ParseSysctlnodes(b)
	if err != nil {
		return nil, fmt.Errorf("%s: sysctl %s: %w", k, n.Name, err)
	}
	slices.SortFunc(nodes, func(a, b netbsd.Sysctlnode) int { return int(int64(a.Num) - int64(b.Num)) })
	children := make([]SysctlNode, len(nodes))
	for i, c := range nodes {
		name := c.Name
		if n.Name != "" {
			name = n.Name + "." + c.Name
		}
		children[i] = SysctlNode{name, append(slices.Clone(n.MIB), c.Num), c}
	}
	return children, nil
}

// LookupSysctl finds a node by its name: its parts are names or numbers, with
// dots or else slashes between them. A name that is not there gives a
// *SysctlNameError.
func (k *Kernel) LookupSysctl(ctx context.Context, name string) (SysctlNode, error) {
	sep := "."
	if i := strings.IndexAny(name, "./"); i >= 0 {
		sep = name[i : i+1]
	}
	full := "" // with the separator of the caller
	rest := name
	if strings.HasPrefix(rest, sep) {
		full, rest = sep, rest[1:]
	}
	at := SysctlRoot()
	level := 0
	bad := func(token string, errno netbsd.Errno) (SysctlNode, error) {
		return SysctlNode{}, &SysctlNameError{k.name, name, level, token, errno}
	}
	for more := true; more && rest != ""; level++ {
		var token string
		token, rest, more = strings.Cut(rest, sep)
		if len(token) >= netbsd.SYSCTL_NAMELEN {
			return bad(token, netbsd.ENAMETOOLONG)
		}
		num, isNum := sysctlNumber(token)
		if !at.IsNode() {
			// Some nodes take further numbers as parameters.
			if !isNum || level == 0 {
				return bad(token, netbsd.ENOTDIR)
			}
			full += sep + token
			at.MIB = append(at.MIB, num)
			continue
		}
		// A part that is asked for does not count as used: the buffer is the
		// next node's.
		children, err := k.SysctlChildren(ctx, at)
		if err != nil {
			var errno netbsd.Errno
			if errors.As(err, &errno) {
				return bad(token, errno)
			}
			return SysctlNode{}, err
		}
		i := slices.IndexFunc(children, func(c SysctlNode) bool {
			return isNum && (num == c.Node.Num || c.Node.Flags&netbsd.CTLFLAG_ANYNUMBER != 0) || token == c.Node.Name
		})
		if i < 0 {
			return bad(token, netbsd.ENOENT)
		}
		if level > 0 {
			full += sep
		}
		at = children[i]
		if isNum && num != at.Node.Num {
			full += token
			at.MIB[len(at.MIB)-1] = num
		} else {
			full += at.Node.Name
		}
		if level+1 == netbsd.CTL_MAXNAME {
			return bad(token, netbsd.ERANGE)
		}
	}
	if level == 0 {
		return bad("", netbsd.EINVAL)
	}
	at.Name = full
	return at, nil
}

// sysctlNumber parses a part of a name that is a number, as strtoimax(3) does.
func sysctlNumber(s string) (int32, bool) {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxUint32 || strings.ContainsAny(s, "_bBoO") {
		return 0, false
	}
	return int32(n), true
}

// SysctlDescription returns the text that the kernel has for a node, or "".
func (k *Kernel) SysctlDescription(ctx context.Context, n SysctlNode) (string, error) {
	if len(n.MIB) == 0 {
		return "", nil
	}
	mib := slices.Clone(n.MIB)
	mib[len(mib)-1] = netbsd.CTL_DESCRIBE
	query := netbsd.Sysctlnode{Flags: netbsd.SYSCTL_VERSION, Num: n.MIB[len(mib)-1]}
	b, err := k.sysctlRaw(ctx, mib, query.Append(nil), n.Name, 1024)
	if err != nil {
		return "", err
	}
	for _, d := range parseSysctlDescriptions(b) {
		if d.num == n.Node.Num {
			return d.text, nil
		}
	}
	return "", nil
}

// SysctlDescriptions returns the texts of the nodes right below a node, by their
// numbers. Nodes without a text are left out.
func (k *Kernel) SysctlDescriptions(ctx context.Context, n SysctlNode) (map[int32]string, error) {
	mib := append(slices.Clone(n.MIB), netbsd.CTL_DESCRIBE)
	b, err := k.sysctlRaw(ctx, mib, nil, n.Name, 8192)
	if err != nil {
		return nil, err
	}
	m := make(map[int32]string)
	for _, d := range parseSysctlDescriptions(b) {
		if d.text != "" {
			m[d.num] = d.text
		}
	}
	return m, nil
}

type sysctlDescription struct {
	num  int32
	text string
}

// parseSysctlDescriptions parses an array of
//
//	struct sysctldesc { int32_t descr_num; uint32_t descr_ver, descr_len; char descr_str[]; };
//
// of which each string is padded to 4 bytes.
func parseSysctlDescriptions(b []byte) []sysctlDescription {
	var ds []sysctlDescription
	for len(b) >= 12 {
		num := int32(binary.LittleEndian.Uint32(b))
		n := uint64(binary.LittleEndian.Uint32(b[8:]))
		b = b[12:]
		if n > uint64(len(b)) {
			break
		}
		text, _, _ := strings.Cut(string(b[:n]), "\x00")
		ds = append(ds, sysctlDescription{num, text})
		b = b[min(uint64(len(b)), (n+3)&^3):]
	}
	return ds
}

// Sysctl reads a node by its name. The value is an int, a uint64, a bool or a
// string by the node's own type; of a struct it is a struct of package netbsd if
// the node is a known one, and []byte else.
func (k *Kernel) Sysctl(ctx context.Context, name string) (any, error) {
	n, err := k.LookupSysctl(ctx, name)
	if err != nil {
		return nil, err
	}
	b, err := k.ReadSysctl(ctx, n)
	if err != nil {
		return nil, err
	}
	return n.Value(b)
}

// ReadSysctl reads a node's value as it is in memory.
func (k *Kernel) ReadSysctl(ctx context.Context, n SysctlNode) ([]byte, error) {
	return k.sysctlRaw(ctx, n.MIB, nil, n.Name, int(min(max(n.Node.Size, 256), 1<<20)))
}

// Value decodes a value that was read as bytes.
func (n *SysctlNode) Value(b []byte) (any, error) {
	short := func(want int) error {
		return &netbsd.ShortError{What: "sysctl " + n.Name, Want: want, Got: len(b)}
	}
	switch n.Node.Type() {
	case netbsd.CTLTYPE_INT:
		if len(b) < 4 {
			return nil, short(4)
		}
		u := binary.LittleEndian.Uint32(b)
		if n.Node.Flags&netbsd.CTLFLAG_UNSIGNED != 0 {
			return int(u), nil
		}
		return int(int32(u)), nil
	case netbsd.CTLTYPE_QUAD:
		if len(b) < 8 {
			return nil, short(8)
		}
		return binary.LittleEndian.Uint64(b), nil
	case netbsd.CTLTYPE_BOOL:
		if len(b) < 1 {
			return nil, short(1)
		}
		return b[0] != 0, nil
	case netbsd.CTLTYPE_STRING:
		s, _, _ := strings.Cut(string(b), "\x00")
		return s, nil
	}
	return n.structValue(b)
}

// SetSysctl sets a node by its name to an integer, a bool, a string or raw bytes
// and returns the old value.
func (k *Kernel) SetSysctl(ctx context.Context, name string, value any) (old any, err error) {
	n, err := k.LookupSysctl(ctx, name)
	if err != nil {
		return nil, err
	}
	b, err := n.encode(value)
	if err != nil {
		return nil, fmt.Errorf("%s: sysctl %s: %w", k, name, err)
	}
	o, err := k.WriteSysctl(ctx, n, b)
	if err != nil {
		return nil, err
	}
	return n.Value(o)
}

// WriteSysctl sets a node's value as it is in memory and returns the old one.
func (k *Kernel) WriteSysctl(ctx context.Context, n SysctlNode, b []byte) (old []byte, err error) {
	return k.sysctlRaw(ctx, n.MIB, b, n.Name, int(min(max(n.Node.Size, uint64(len(b)), 1024), 1<<20)))
}

// encode returns the bytes of a value for the node's type.
func (n *SysctlNode) encode(value any) ([]byte, error) {
	if b, ok := value.([]byte); ok {
		return b, nil
	}
	typ := n.Node.Type()
	if s, ok := value.(string); ok && typ == netbsd.CTLTYPE_STRING {
		return netbsd.AppendString(nil, s), nil
	}
	i, ok := integer(value)
	switch {
	case ok && typ == netbsd.CTLTYPE_INT:
		if i < math.MinInt32 || i > math.MaxUint32 {
			return nil, fmt.Errorf("%v does not fit an int", value)
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(i)), nil
	case ok && typ == netbsd.CTLTYPE_QUAD:
		return binary.LittleEndian.AppendUint64(nil, uint64(i)), nil
	case ok && typ == netbsd.CTLTYPE_BOOL:
		if i != 0 && i != 1 {
			return nil, fmt.Errorf("%v is no bool", value)
		}
		return []byte{byte(i)}, nil
	}
	return nil, fmt.Errorf("%T %v is no value for it", value, value)
}

func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), true
	}
	return 0, false
}
