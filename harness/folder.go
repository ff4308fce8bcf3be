package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// folderPrefix begins the names of the folders that belong to kernels.
const folderPrefix = "rumpscript-run-"

// The files of a kernel's folder.
const (
	lockFile   = "lock"
	recordFile = "run.json"
	socketDir  = "sock"
	socketFile = "csock"
	busDir     = "bus"
)

// folder is the private folder of a kernel, of mode 0700 since every connection
// is root. Whoever started the kernel holds a lock on it, which the system
// drops when the process ends, however it does: an unlocked folder is a dead
// run's, and so is everything that names it.
type folder struct {
	path string
	lock *lock
}

// record is what a folder says of its run to a person and to Leftovers.
type record struct {
	Kind   Kind      `json:"kind"`
	Kernel string    `json:"kernel"`
	PID    int       `json:"pid"` // of the process that started the kernel
	Begun  time.Time `json:"begun"`
}

// newFolder makes the folder of a kernel.
func newFolder(cfg Config) (*folder, error) {
	dir, err := os.MkdirTemp(folderParent(os.TempDir()), folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("%s: make a folder for the kernel: %w", cfg.Name, err)
	}
	f := &folder{path: dir}
	if err := f.fill(cfg); err != nil {
		f.remove()
		return nil, fmt.Errorf("%s: make a folder for the kernel: %w", cfg.Name, err)
	}
	return f, nil
}

// folderParent returns tmp, or /tmp if the path of a socket below tmp would be
// longer than a socket's address can be (sun_path: 104 bytes at the least).
func folderParent(tmp string) string {
	longest := filepath.Join(tmp, folderPrefix+"1234567890", socketDir, socketFile)
	if len(longest) < 104 {
		return tmp
	}
	return "/tmp"
}

func (f *folder) fill(cfg Config) (err error) {
	if f.lock, err = lockNew(filepath.Join(f.path, lockFile)); err != nil {
		return err
	}
	for _, d := range []string{socketDir, busDir} {
		if err := os.Mkdir(filepath.Join(f.path, d), 0o700); err != nil {
			return err
		}
	}
	b, err := json.Marshal(record{cfg.Target.Kind, cfg.Name, os.Getpid(), time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	// A folder with a record has been locked before: see isDead.
	return os.WriteFile(filepath.Join(f.path, recordFile), b, 0o600)
}

// socket returns the path of the kernel's socket.
func (f *folder) socket() string { return filepath.Join(f.path, socketDir, socketFile) }

// buses returns the folder of the kernel's buses: a given one, or its own.
func (f *folder) buses(given string) string {
	if given != "" {
		return given
	}
	return filepath.Join(f.path, busDir)
}

// remove removes the folder and only then gives up its lock.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	if f.lock != nil {
		f.lock.release()
		f.lock = nil
	}
	return err
}

// unfinished is how old a folder without a record must be to be a dead run's: a
// live one has a record as soon as it is locked.
const unfinished = time.Minute

// isDead reports whether the run of a folder has ended. A folder that is not
// there has ended with its run.
func isDead(path string) (bool, error) {
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(filepath.Join(path, recordFile)); errors.Is(err, fs.ErrNotExist) {
		return time.Since(fi.ModTime()) > unfinished, nil
	}
	held, err := isLocked(filepath.Join(path, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // on its way out
	}
	return !held && err == nil, err
}

// readRecord returns what a folder says of its run, as far as it says anything.
func readRecord(path string) record {
	var r record
	if b, err := os.ReadFile(filepath.Join(path, recordFile)); err == nil && json.Unmarshal(b, &r) != nil {
		r = record{}
	}
	return r
}
