package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ory/dockertest/v3/docker"
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

// leftoverContainers finds the containers and volumes of dead runs.
func leftoverContainers(ctx context.Context, getenv func(string) string) ([]Leftover, error) {
	eng, err := openEngine(ctx, getenv)
	if err != nil {
		return nil, err
	}
	ours := map[string][]string{"label": {labelHost + "=" + hostID()}}
	var found []Leftover
	containers, err := eng.ListContainers(docker.ListContainersOptions{All: true, Filters: ours, Context: ctx})
	if err != nil {
		return nil, fmt.Errorf("list the engine's containers: %w", err)
	}
	for _, c := range containers {
		if isLeftover(c.Labels) {
			found = append(found, Leftover{"container", c.ID[:12], c.Labels[labelKernel], time.Unix(c.Created, 0), func(ctx context.Context) error {
				return removeContainer(ctx, eng, c.ID)
			}})
		}
	}
	volumes, err := eng.ListVolumes(docker.ListVolumesOptions{Filters: ours, Context: ctx})
	if err != nil {
		return found, fmt.Errorf("list the engine's volumes: %w", err)
	}
	for _, v := range volumes {
		if isLeftover(v.Labels) {
			found = append(found, Leftover{"volume", v.Name, v.Labels[labelKernel], time.Time{}, func(ctx context.Context) error {
				_, err := removeVolume(ctx, eng, v.Name)
				return err
			}})
		}
	}
	return found, nil
}

// isLeftover reports whether labels name the folder of a dead run.
func isLeftover(labels map[string]string) bool {
	folder := labels[labelRun]
	if folder == "" {
		return false
	}
	dead, err := isDead(folder)
	return dead && err == nil
}
