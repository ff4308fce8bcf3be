// Package shmif reads and writes the shared-memory Ethernet buses of NetBSD's rump kernels.
//
// A rump kernel's interface shmif0 has no hardware behind it but a file, given to it with
//
//	ifconfig shmif0 create
//	ifconfig shmif0 linkstr /path/to/bus
//
// All interfaces with the same file are on one Ethernet segment. This package makes a process one more station there: it
// sees every frame, sends its own, and is woken when there is something new, together with kernels that run at the same
// time or alone with others that use this package.
//
//	b, err := shmif.Create("/tmp/wire")
//	r := b.NewReader(0)
//	b.Send(frame)
//	f, err := r.Next(ctx)
//
// Package packet, below this one, takes frames apart, builds them, filters them, and writes them as pcapng.
//
// # The bus file
//
// What follows is what NetBSD's sys/rump/net/lib/libshmif does: shmifvar.h has the structures, shmif_busops.c the ring,
// if_shmem.c initialisation, locking, sending and receiving, shmif_user.c the waiting.
//
// The file has 1 MiB, which everyone maps shared and writable. It begins with a head of 32 bytes in host byte order:
//
//	offset  size
//	     0     4  magic    0xca11d054
//	     4     4  version  3
//	     8     8  gen      how often the ring has been filled to its end
//	    16     4  first    where the oldest frame begins; the ring's size while no frame has been dropped
//	    20     4  last     where the newest frame begins
//	    24     4  lock     0 free, 1 taken
//	    28     4  unused
//
// The other 1048544 bytes are a ring of frames, one behind the other without any alignment. Offsets count from the ring's
// beginning; a frame that reaches its end goes on there, even in the middle of its header:
//
//	offset  size
//	     0     4  length of the Ethernet frame, at most 1514
//	     4     4  seconds of the sender's uptime
//	     8     4  microseconds
//	    12     4  padding, never initialised by kernels
//	    16     8  sender: a random number by which an interface recognises its own frames
//	    24        the frame
//
// A file of zeros becomes a bus when the first one to attach sets magic and first, with the lock held. It then holds one
// frame of length 0, which last points to; readers skip it. The version stays 0 until someone sends.
//
// To send is to take the lock, to write behind the newest frame, moving first past the frames which that overwrites, to
// set last, to count gen if the ring's end was reached, and to release the lock. Then the version is written once more,
// with pwrite on the file: that wakes the others, for whom a change in mapped memory would go unnoticed. They wait with
// inotify on Linux and with kqueue on BSD systems. So does this package, in both directions; elsewhere it polls, and less
// often the longer nothing happens.
//
// A reader keeps its own offset and generation; senders do not wait for it. If more than a ring's worth is written before
// it looks, frames are gone. A kernel does not tell; here, [Frame] says how much was lost.
//
// A [Position] is offset and generation in one growing number, so that positions can be compared and remembered as marks.
//
// # Whom to trust
//
// The file may come from anywhere, and others may write to it at any time. Every word that is read from it is checked, what
// is looked at is copied first, and what makes no sense is a *[FormatError]. A file that is truncated while it is mapped is
// one too, and not a SIGBUS. Send refuses frames which would make a kernel panic.
//
// Nothing in the file says who holds the lock. A kernel that is killed in the middle of sending leaves a bus which nobody
// can use any more: a *[LockError] after ten seconds.
//
// # Conditions, recordings
//
// A [Segment] carries frames from bus to bus with delay, jitter, loss, duplicates, reordering, a rate, a pulled cable or a
// partition: give each kernel a bus of its own, and the segment is the network between them. What is random comes from a
// seed. A [Capture] records a bus while it is in use, in memory ([Recording]) or wherever a [Recorder] puts it;
// [ReadFile] reads what is left of a bus, and [Replay] plays a recording.
package shmif
