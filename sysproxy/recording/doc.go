// Package recording keeps what clients and servers of the rump_sp protocol said
// to each other, and says it again.
//
// # Format
//
// A recording is a text file, by custom named wire.jsonl, with one JSON object a
// line for each banner and each frame, in the order in which they passed:
//
//	conn    the connection, from 1
//	dir     c2s (client to server) or s2c
//	banner  the line with which the server greets, with its newline; or else
//	class   req, resp or error
//	type    handshake, syscall, copyin, copyinstr, copyout, copyoutstr,
//	        anonmmap, prefork or raise
//	reqno   the request's number
//	word    the header's last 32 bits: system call number, handshake kind, error
//	        or signal number
//	data    the payload after the 24-byte header, in hexadecimal; absent if empty
//
// A class or type that the protocol does not know is written as its decimal
// number; some recordings leave it out instead, which is read as [Unknown].
//
// # Recording
//
// A [Recorder] is the Observe function of a [sysproxy.Proxy]; [Record] has both.
//
// # Replaying
//
// A [Replay] is a kernel for a [sysproxy.Server] that answers from a recording.
// It serves clients that do again what the recorded ones did, in whatever address
// space they live: a recording of a C program answers a Go program which makes
// the same calls.
//
// A new guest gets the first recorded one that nobody has got yet, if possible
// one with the same program name. A fork gets the recorded connection that began
// with the cookie which the recorded fork was answered with.
//
// A system call gets the first recorded one of its process that nobody has got
// yet and that matches: it has the same number, and each recorded argument equals
// the one sent in the same slot, or both may be pointers: they lie between 64 KiB
// and 1<<47, which is where addresses are, and no small number. Arguments beyond
// the recorded ones do not matter, and those not sent count as 0. If none matches
// so, the upper halves of slots are left out of the comparison, since nobody says
// what is there for an int.
//
// What the server asked for and copied out during the recorded call, it asks for
// and copies out again, then it gives the recorded answer. Recorded addresses are
// translated: one belongs to the pointer, among the arguments, the pointers
// within what has been copied in, and the anonymous memory of the connection,
// that is the greatest one not above it, and becomes the same distance from the
// pointer sent in that place. Pointers to anonymous memory are also translated
// within what is copied out. What a client answers to a copyin may differ from
// what was recorded.
//
// A system call that matches nothing is refused with [sysproxy.CodeMalformed] and
// noted, see [Replay.Mismatches]. One that was never answered in the recording
// is not answered again. [Replay.Serve] is all that a command needs.
package recording
