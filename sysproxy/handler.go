package sysproxy

import "context"

// A Handler is a kernel as a Server sees it: something that makes processes.
type Handler interface {
	// Guest makes a process for a client that has just connected, with a clear
	// descriptor table. The program's name is the client's and may be anything.
	// An error ends the connection.
	Guest(ctx context.Context, program string) (Process, error)
}

// A Process is one client's process in the kernel. Its methods may be called
// from many goroutines at once, Syscall above all.
type Process interface {
	// Syscall carries out a system call. It returns the two return values and
	// the kernel's errno, 0 for success. It may take as long as it wants, but
	// must return soon after ctx has ended, which means that the connection is
	// lost, that the process executes another program, or that the server ends.
	Syscall(ctx context.Context, t *Trap) (r0, r1 uint64, errno int)

	// Fork makes a child with a copy of the descriptors. It is claimed later by
	// a connection of its own, or else told to Exit.
	Fork(ctx context.Context) (Process, error)

	// Exec notes that the process runs another program from now on. No Syscall
	// is running when it is called.
	Exec(program string)

	// Exit ends the process. It is called once, when no Syscall is running any more.
	Exit()
}

// A Prompter is a Process which knows that some of its system calls return at
// once, as getpid(2) does: without waiting for anything but the client's memory.
// Such a call is carried out where it was read, which saves waking somebody for
// it. While it runs nobody reads from the client but the call itself, so that it
// must use its Trap from one goroutine only.
type Prompter interface {
	Process

	// Prompt reports whether system call num returns at once. Unless it is alone,
	// other calls of the client are under way, which may hold locks while they wait
	// for the client's memory: who wants one of those locks is not prompt then.
	Prompt(num uint32, alone bool) bool
}
