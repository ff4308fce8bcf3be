//go:build !netbsd

package harness

import (
	"context"
	"fmt"
	"time"

	"github.com/ory/dockertest/v3/docker"
)

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
