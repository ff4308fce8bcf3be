package harness

import (
	"fmt"
	"strconv"

	"github.com/ory/dockertest/v3/docker"
)

// What an image and the harness agree upon; docs/image-contract.md says it in
// words. The image maker puts the labels on, the harness looks for them.
const (
	LabelContract = "org.rumpkernel.rumpscript.contract" // of an image: the contract that it follows
	LabelPort     = "org.rumpkernel.rumpscript.port"     // of an image: the TCP port that it prefers

	ContractServer = "server-1" // the image serves a rump kernel
	ContractQEMU   = "qemu-1"   // the image has a QEMU

	ContainerSocketDir = "/run/rumpscript" // where the folder for the kernel's socket is mounted
	ContainerBusDir    = "/bus"            // where the folder of the buses is mounted
	ContainerDiskDir   = "/disk"           // where the folder of each disk is mounted, by its number

	defaultPort = 12345
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
	switch got := labels[LabelContract]; {
	case got == "":
		return 0, &ContractError{name, "it has no label " + LabelContract}
	case got != want:
		return 0, &ContractError{name, fmt.Sprintf("its label %s says %s, and %s is wanted", LabelContract, got, want)}
	case len(entrypoint) == 0:
		return 0, &ContractError{name, "it has no entry point"}
	}
	port = defaultPort
	if p, ok := labels[LabelPort]; ok {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return 0, &ContractError{name, fmt.Sprintf("its label %s says %q, which is no port", LabelPort, p)}
		}
	}
	return port, nil
}
