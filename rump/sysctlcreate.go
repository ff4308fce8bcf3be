package rump

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// SysctlSpec describes a node to be made.
type SysctlSpec struct {
	Name   string // the last part of its name
	Num    int32  // its number, or netbsd.CTL_CREATE for any
	Type   uint32 // netbsd.CTLTYPE_*
	Flags  uint32 // netbsd.CTLFLAG_*
	Size   uint64
	Value  []byte // what it is to have, if anything; with CTLFLAG_IMMEDIATE in the node itself
	Addr   uint64 // or where in the kernel its value is
	Symbol string // or under which name
}

// CreateSysctl makes a node below another and returns its description.
func (k *Kernel) CreateSysctl(ctx context.Context, parent SysctlNode, s SysctlSpec) (netbsd.Sysctlnode, error) {
	op := int32(netbsd.CTL_CREATE)
	if s.Symbol != "" {
		op = netbsd.CTL_CREATESYM
	}
	node := netbsd.Sysctlnode{
		Flags: netbsd.SYSCTL_VERSION | s.Flags | s.Type,
		Num:   s.Num,
		Name:  s.Name,
		Size:  s.Size,
	}
	return k.sysctlOnNode(ctx, append(slices.Clone(parent.MIB), op), s.Name, func(c *sysproxy.Call) netbsd.Sysctlnode {
		// The union holds the value itself or a pointer to it.
		data := s.Addr
		switch {
		case s.Symbol != "":
			data = c.Lend(netbsd.AppendString(nil, s.Symbol), sysproxy.Read)
		case len(s.Value) > 0 && s.Flags&netbsd.CTLFLAG_IMMEDIATE != 0:
			copy(node.Un[:], s.Value)
			return node
		case len(s.Value) > 0:
			data = c.Lend(s.Value, sysproxy.Read)
		}
		binary.LittleEndian.PutUint64(node.Un[:], data)
		return node
	})
}

// DestroySysctl takes a node away and returns its description.
func (k *Kernel) DestroySysctl(ctx context.Context, n SysctlNode) (netbsd.Sysctlnode, error) {
	if len(n.MIB) == 0 {
		return netbsd.Sysctlnode{}, &Error{k.name, "destroy sysctl", n.Name, netbsd.EINVAL}
	}
	mib := slices.Clone(n.MIB)
	node := netbsd.Sysctlnode{Flags: netbsd.SYSCTL_VERSION, Num: mib[len(mib)-1]}
	mib[len(mib)-1] = netbsd.CTL_DESTROY
	return k.sysctlOnNode(ctx, mib, n.Name, func(*sysproxy.Call) netbsd.Sysctlnode { return node })
}

// sysctlOnNode performs a sysctl which takes a node and returns one.
func (k *Kernel) sysctlOnNode(ctx context.Context, mib MIB, object string, build func(*sysproxy.Call) netbsd.Sysctlnode) (netbsd.Sysctlnode, error) {
	out := make([]byte, netbsd.SizeofSysctlnode)
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(out)))
	c := k.call(netbsd.SYS___SYSCTL)
	in := build(c).Append(nil)
	c.In(mib.bytes()).Int(int64(len(mib))).Out(out).InOut(size).In(in).Int(int64(len(in)))
	if _, err := k.do(ctx, c, "sysctl", object); err != nil {
		return netbsd.Sysctlnode{}, err
	}
	return netbsd.ParseSysctlnode(out)
}

// DescribeSysctl gives a node a text and returns the one that it has then.
func (k *Kernel) DescribeSysctl(ctx context.Context, n SysctlNode, text string) (string, error) {
	if len(n.MIB) == 0 {
		return "", &Error{k.name, "describe sysctl", n.Name, netbsd.EINVAL}
	}
	mib := slices.Clone(n.MIB)
	num := mib[len(mib)-1]
	mib[len(mib)-1] = netbsd.CTL_DESCRIBE
	out := make([]byte, 1024)
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(out)))
	c := k.call(netbsd.SYS___SYSCTL)
	node := netbsd.Sysctlnode{
		Flags: netbsd.SYSCTL_VERSION | netbsd.CTLFLAG_OWNDESC,
		Num:   num,
		Desc:  c.Lend(netbsd.AppendString(nil, text), sysproxy.Read),
	}.Append(nil)
	c.In(mib.bytes()).Int(int64(len(mib))).Out(out).InOut(size).In(node).Int(int64(len(node)))
	if _, err := k.do(ctx, c, "sysctl", n.Name); err != nil {
		return "", err
	}
	ds := parseSysctlDescriptions(out[:min(uint64(len(out)), binary.LittleEndian.Uint64(size))])
	if len(ds) == 0 {
		return "", fmt.Errorf("%s: sysctl %s: no description returned", k, n.Name)
	}
	return ds[0].text, nil
}
