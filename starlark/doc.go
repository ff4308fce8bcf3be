// Package starlark is the script language: Starlark with bindings with which a
// script configures rump kernels and checks the outcome.
//
// A [Runtime] runs scripts on a target. What a script can call is listed in one
// table a file: globals.go for the functions, and a file for each kind of value,
// with its methods and attributes: kernel.go, iface.go, bus.go, packet.go, result.go, assert.go. The
// reference that [Reference] returns is made of the same tables, so that it
// cannot be out of date. To add a function, add an entry to the table; the names
// of its parameters there are the ones that it unpacks.
//
// An error of a script is an [*Error]: it names the script's line, what was
// tried, and on which kernel.
package starlark
