package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Leftover is something which belongs to a run that has ended without taking
// it down: because it was killed, or the machine was switched off.
type Leftover struct {
	What   string // "process", "container", "volume" or "folder"
	Name   string // its number, its id, its name or its path
	Kernel string // the kernel that it belonged to, as far as that is known
	Begun  time.Time

	remove func(ctx context.Context) error
}

// String describes the leftover on one line.
func (l Leftover) String() string {
	s := l.What + " " + l.Name
	if l.Kernel != "" {
		s += " of kernel " + l.Kernel
	}
	if !l.Begun.IsZero() {
		s += ", begun " + l.Begun.Local().Format(time.DateTime)
	}
	return s
}

// Remove removes it.
func (l Leftover) Remove(ctx context.Context) error {
	if err := l.remove(ctx); err != nil {
		return fmt.Errorf("remove %s %s: %w", l.What, l.Name, err)
	}
	return nil
}

// Leftovers finds what is left of dead runs on this machine and at the Docker
// engine that DOCKER_HOST names, in the order in which it should be removed.
// What belongs to a run that lives is never among it, nor what belongs to runs
// of other machines that use the same engine. An engine that does not answer is
// a *MissingError, next to what was found elsewhere.
func Leftovers(ctx context.Context, getenv func(string) string) ([]Leftover, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	processes, err := leftoverProcesses()
	if err != nil {
		return nil, err
	}
	containers, engineErr := leftoverContainers(ctx, getenv)
	folders, err := leftoverFolders()
	return slices.Concat(processes, containers, folders), errors.Join(engineErr, err)
}

// leftoverFolders finds the folders of dead runs.
func leftoverFolders() ([]Leftover, error) {
	var found []Leftover
	parents := []string{filepath.Clean(os.TempDir())}
	if p := folderParent(parents[0]); p != parents[0] {
		parents = append(parents, p)
	}
	for _, parent := range parents {
		paths, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if dead, err := isDead(path); err != nil || !dead {
				continue // somebody else's, it may be
			}
			r := readRecord(path)
			found = append(found, Leftover{"folder", path, r.Kernel, r.Begun, func(context.Context) error {
				return os.RemoveAll(path)
			}})
		}
	}
	return found, nil
}
