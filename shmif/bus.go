package shmif

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Bus is a bus file which this process has mapped, an Ethernet segment whose other stations may be kernels. Its
// methods may be called concurrently.
type Bus struct {
	path   string
	file   *os.File
	sender uint64
	clock  Clock
	wait   time.Duration // for the lock; tests have less patience

	closed chan struct{}
	gone   atomic.Bool

	mu  sync.Mutex // protects mem against Close, and keeps our goroutines from spinning against each other
	mem memory

	readersMu sync.Mutex
	readers   map[*Reader]struct{}
}

// Create opens the bus at path and makes it if it does not exist or is empty, exactly as a kernel does when an
// interface is attached to it.
func Create(path string) (*Bus, error) { return open(path, os.O_RDWR|os.O_CREATE) }

// Open opens a bus that must already be one.
func Open(path string) (*Bus, error) { return open(path, os.O_RDWR) }

func open(path string, flag int) (_ *Bus, err error) {
	f, err := os.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, fmt.Errorf("shmif: %w", err)
	}
	b := &Bus{path: path, file: f, sender: rand.Uint64(), clock: SystemClock, wait: lockPatience, closed: make(chan struct{}), readers: make(map[*Reader]struct{})}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	if err := b.resize(flag&os.O_CREATE != 0); err != nil {
		return nil, err
	}
	if b.mem, err = mapFile(f); err != nil {
		return nil, err
	}
	if err := b.attach(flag&os.O_CREATE != 0); err != nil {
		return nil, err
	}
	return b, nil
}

// resize checks the file's size. A kernel truncates whatever it is given to the size of a bus before it looks at it;
// we touch nothing but what is empty or a bus cut short.
func (b *Bus) resize(create bool) error {
	fi, err := b.file.Stat()
	if err != nil {
		return fmt.Errorf("shmif: %w", err)
	}
	if !fi.Mode().IsRegular() {
		return &FormatError{Path: b.path, Field: "size", Value: uint64(fi.Size()), Reason: "not a regular file"}
	}
	if create && fi.Size() == 0 {
		if err := b.file.Truncate(Size); err != nil {
			return fmt.Errorf("shmif: %w", err)
		}
		return nil
	}
	if fi.Size() != Size {
		return &FormatError{Path: b.path, Field: "size", Value: uint64(fi.Size()), Reason: "a bus has 1 MiB"}
	}
	return nil
}

// attach initialises a new bus with the lock held, so that of several processes which open it at once one does.
func (b *Bus) attach(create bool) error {
	// Not even the lock of what is not a bus is touched.
	err := b.mem.guard(func() error {
		if v := b.mem.load32(offMagic); v != 0 || !create {
			return b.mem.checkHead(b.path)
		}
		return nil
	})
	if err == errFault {
		err = b.truncated()
	}
	if err != nil {
		return err
	}
	fresh := false
	err = b.locked(context.Background(), func() error {
		if create && b.mem.load32(offMagic) == 0 {
			b.mem.store32(offMagic, magic)
			b.mem.store32(offFirst, ringSize)
			fresh = true
		}
		_, err := b.mem.view(b.path)
		return err
	})
	if err == nil && fresh {
		err = b.wake()
	}
	return err
}

// Path returns the path the bus was opened by.
func (b *Bus) Path() string { return b.path }

// Sender returns the number with which Send marks this Bus's frames, chosen at random as an interface chooses its own.
func (b *Bus) Sender() uint64 { return b.sender }

// Close unmaps the bus and closes its readers. The file stays.
func (b *Bus) Close() error {
	if b.gone.Swap(true) {
		return nil
	}
	close(b.closed)
	b.readersMu.Lock()
	readers := slices.Collect(maps.Keys(b.readers))
	b.readersMu.Unlock()
	for _, r := range readers {
		r.Close()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var err error
	if b.mem != nil {
		err = b.mem.unmap()
		b.mem = nil
	}
	return errors.Join(err, b.file.Close())
}

// locked runs f with the bus's lock held and faults caught. It waits for the lock for b.wait at most, or until ctx
// ends or the bus is closed.
func (b *Bus) locked(ctx context.Context, f func() error) error {
	start := time.Time{}
	for {
		done, err := b.tryLocked(f)
		if done || err != nil {
			return err
		}
		if start.IsZero() {
			start = time.Now()
		}
		if w := time.Since(start); w > b.wait {
			return &LockError{Path: b.path, Waited: w.Round(time.Millisecond)}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-b.closed:
			return ErrClosed
		case <-time.After(lockCooldown):
		}
	}
}

func (b *Bus) tryLocked(f func() error) (done bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mem == nil {
		return false, ErrClosed
	}
	err = b.mem.guard(func() error {
		ok, err := b.mem.trySpin(b.path)
		if err != nil || !ok {
			return err
		}
		done = true
		defer b.mem.unlock()
		return f()
	})
	if err == errFault {
		return false, b.truncated()
	}
	return done, err
}

func (b *Bus) truncated() error {
	e := &FormatError{Path: b.path, Field: "size", Reason: "the file was truncated while it was mapped"}
	if fi, err := b.file.Stat(); err == nil {
		e.Value = uint64(fi.Size())
	}
	return e
}

// wake wakes everyone who waits for the bus, as dowakeup does: mapped memory wakes nobody, so the version is written
// once more through the file, which inotify and kqueue notice.
func (b *Bus) wake() error {
	var v [4]byte
	binary.NativeEndian.PutUint32(v[:], version)
	if _, err := b.file.WriteAt(v[:], offVersion); err != nil {
		if errors.Is(err, os.ErrClosed) {
			return ErrClosed
		}
		return fmt.Errorf("shmif: waking readers: %w", err)
	}
	return nil
}

// End returns the position where the next frame will begin: a mark, to look only at what comes after it.
func (b *Bus) End() (Position, error) { v, err := b.head(); return v.end, err }

// Oldest returns the position of the oldest frame that is still in the ring.
func (b *Bus) Oldest() (Position, error) { v, err := b.head(); return v.oldest, err }

func (b *Bus) head() (v view, err error) {
	err = b.locked(context.Background(), func() error {
		v, err = b.mem.view(b.path)
		return err
	})
	return v, err
}

var started = time.Now()

// Send puts frames on the bus under the Bus's own sender number and wakes the others once. It returns the position
// just past the last frame, where answers to it will be found.
func (b *Bus) Send(frames ...[]byte) (Position, error) { return b.SendAs(b.sender, frames...) }

// SendAs is Send under another sender number. A station ignores what carries its own number, so stations that share
// a Bus and are to hear each other need one each.
func (b *Bus) SendAs(sender uint64, frames ...[]byte) (Position, error) {
	if len(frames) == 0 {
		return b.End()
	}
	fs := make([]Frame, len(frames))
	sent := time.Since(started)
	for i, data := range frames {
		fs[i] = Frame{Sender: sender, Sent: sent, Data: data}
	}
	if err := b.Write(fs...); err != nil {
		return 0, err
	}
	return fs[len(fs)-1].End(), nil
}

// Write puts frames on the bus with the sender and the stamp they carry, wakes the others once, and sets the frames'
// positions. It is how a recording is played back and how frames are moved from one bus to another.
func (b *Bus) Write(frames ...Frame) error {
	for _, f := range frames {
		if len(f.Data) < MinFrame || len(f.Data) > MaxFrame {
			return &FrameError{Len: len(f.Data)}
		}
	}
	var err error
	n := 0
	for ; n < len(frames) && err == nil; n++ {
		f := &frames[n]
		err = b.locked(context.Background(), func() error {
			pos, err := b.mem.put(b.path, f.Sender, f.Sent, f.Data)
			f.Position = pos
			return err
		})
	}
	if n > 0 {
		err = errors.Join(err, b.wake())
	}
	return err
}
