package shmif

import "fmt"

// The bus file, as struct shmif_mem of NetBSD's shmifvar.h lays it out. All words are in host byte order.
const (
	magic   = 0xca11d054 // SHMIF_MAGIC
	version = 3          // SHMIF_VERSION

	// Size is the size of a bus file in bytes (BUSMEM_SIZE).
	Size = 1 << 20

	offMagic   = 0  // shm_magic, u32
	offVersion = 4  // shm_version, u32; a sender rewrites it through the file to wake the others (IFMEM_WAKEUP)
	offGen     = 8  // shm_gen, u64: how often the ring has been filled to its end
	offFirst   = 16 // shm_first, u32: offset of the oldest frame; ringSize until the ring has wrapped once
	offLast    = 20 // shm_last, u32: offset of the newest frame
	offLock    = 24 // shm_lock, u32
	offData    = 32 // shm_data: the ring (IFMEM_DATA); one spare u32 precedes it

	ringSize = Size - offData // BUSMEM_DATASIZE
)

// A frame in the ring is struct shmif_pkthdr, with the padding an LP64 C compiler gives it, and the frame's bytes. Nothing
// in the ring is aligned and both header and bytes may go on at the ring's start.
const (
	hdrLen    = 0  // sp_len, u32
	hdrSec    = 4  // sp_sec, u32: the sender's uptime
	hdrUsec   = 8  // sp_usec, u32
	hdrSender = 16 // sp_sender, u64, after 4 bytes of padding
	hdrSize   = 24
)

const (
	// MaxFrame is the length of the longest frame a bus carries, an Ethernet header and 1500 bytes. A kernel built
	// with DIAGNOSTIC panics when it reads a longer one, which is why Send refuses it.
	MaxFrame = 1514
	// MinFrame is the length of an Ethernet header. Kernels skip what is shorter.
	MinFrame = 14
)

// maxGen keeps Position arithmetic far from overflowing; no bus gets there in the lifetime of a machine.
const maxGen = 1 << 40

// A Position is a place in the stream of everything ever written to a bus, counted in bytes of ring. It only grows,
// so that positions of one bus can be compared; the ring holds the last MiB of the stream.
type Position uint64

// Generation is how often the ring had been filled when the position was reached (shm_gen).
func (p Position) Generation() uint64 { return uint64(p) / ringSize }

// Offset is the position's place in the ring.
func (p Position) Offset() uint32 { return uint32(uint64(p) % ringSize) }

// String returns generation and offset, as in "2:0x01f4".
func (p Position) String() string { return fmt.Sprintf("%d:%#04x", p.Generation(), p.Offset()) }
