// Package vfs is the fake kernel's file systems, in memory: rumpfs for the root,
// tmpfs, kernfs, fdesc, null and union mounts, device nodes, and the system
// calls on files.
//
// A [FS] is the set of mounted file systems of one kernel. A file is a [node];
// what differs between file systems is in the node's [filesystem]. One lock, the
// FS's, guards the whole tree; it is never held while data travels from or to a
// client.
//
// Drivers for device nodes are added with [FS.RegisterDriver], and the nodes
// themselves with [FS.MakeDevice].
package vfs
