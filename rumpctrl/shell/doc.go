// Package shell is a POSIX shell whose world is a rump kernel.
//
// The language is that of mvdan.cc/sh. What differs from the shell of a host is
// where names lead:
//
//   - a command that package rumpctrl has runs in the rump kernel, in this
//     process and over one connection a shell; any other is a program of the host;
//   - files which the shell itself opens or looks at, in redirections, globs, cd,
//     test and the dot command, are the kernel's. A name that begins with "host:"
//     in a redirection is a file of the host, and [Config].HostFiles makes all of
//     them mean the host, as they do under rumpctrl.sh;
//   - programs of the host find the shell's kernel in RUMP_SERVER. A script may
//     set that variable, and then talks to another kernel.
//
// A [Shell] runs one script after the other and keeps its state between them:
//
//	sh, err := shell.New(shell.Config{Kernel: connect, URL: url, Stdout: os.Stdout, Stderr: os.Stderr})
//	if err != nil { ... }
//	defer sh.Close()
//	status := sh.Script(ctx, "setup.sh", file)
//
// # Where things are
//
// kernels.go has the connections, open.go and files.go the files, utility.go and
// program.go what commands do, calls.go and the files of their names the
// built-in commands which mvdan.cc/sh lacks, jobs.go and interrupt.go what
// Ctrl-C and kill reach, prompt.go and complete.go the interactive side.
package shell
