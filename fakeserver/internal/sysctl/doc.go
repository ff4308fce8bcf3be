// Package sysctl is the tree of sysctl(7): names, numbers, types, values, and
// the operations on them.
//
// The nodes which NetBSD has are in nodes.txt, shared by all trees; what a
// kernel changes, adds or hooks is in its own [Tree]. A tree shows the nodes of
// the components that were enabled with [Tree.Enable].
//
//	t.Value("kern.hostname", sysctl.Value{Get: ..., Set: ...}) // a value that is more than stored bytes
//	t.SetInt("net.inet.ip.ttl", 32)                             // a stored value
//	t.OnSet("net.inet.ip.forwarding", func(...) Errno)          // an effect of a stored value
//	t.Handle("net.route.rtable", func(r *sysctl.Request) ...)   // everything below a node
package sysctl
