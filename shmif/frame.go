package shmif

import "time"

// A Frame is an Ethernet frame on a bus.
type Frame struct {
	// Position is where the frame's header begins.
	Position Position

	// Sender is the random number by which an interface knows its own frames.
	Sender uint64

	// Sent is the sender's clock when it sent the frame. Kernels stamp their uptime, in steps of their clock tick
	// (usually 10 ms): stamps of different senders cannot be compared.
	Sent time.Duration

	// Time is when the reader took the frame from the bus; for frames from a file at rest, Sent after the Unix epoch,
	// which is what NetBSD's shmif_dumpbus writes.
	Time time.Time

	// Lost is how many bytes of the ring, headers included, were overwritten before this reader could read them and
	// which would have preceded this frame. 0 means that nothing is missing.
	Lost uint64

	Data []byte
}

// End is the position just past the frame, where the next one begins.
func (f Frame) End() Position { return f.Position + hdrSize + Position(len(f.Data)) }
