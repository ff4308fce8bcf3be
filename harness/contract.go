//go:build !netbsd

package harness

import (
	"fmt"
	"strconv"

	"github.com/ory/dockertest/v3/docker"

	"github.com/rumpkernel/rumpscript/harness/image"
)

// The labels of containers and volumes that say whose they are.
const (
	labelRun    = "org.rumpkernel.rumpscript.run"    // the folder of the kernel
	labelHost   = "org.rumpkernel.rumpscript.host"   // the machine that the folder is on
	labelKernel = "org.rumpkernel.rumpscript.kernel" // the kernel's name
)

// checkContract finds out whether an image can be started as what it is for.
func checkContract(name string, img *docker.Image, want string) (port int, err error) {
	var labels map[string]string
	var entrypoint []string
	if img.Config != nil {
		labels, entrypoint = img.Config.Labels, img.Config.Entrypoint
	}
	switch got := labels[image.LabelContract]; {
	case got == "":
		return 0, &ContractError{name, "it has no label " + image.LabelContract}
	case got != want:
		return 0, &ContractError{name, fmt.Sprintf("its label %s says %s, and %s is wanted", image.LabelContract, got, want)}
	case len(entrypoint) == 0:
		return 0, &ContractError{name, "it has no entry point"}
	}
	port = image.DefaultPort
	if p, ok := labels[image.LabelPort]; ok {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return 0, &ContractError{name, fmt.Sprintf("its label %s says %q, which is no port", image.LabelPort, p)}
		}
	}
	return port, nil
}
