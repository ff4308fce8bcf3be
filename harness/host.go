package harness

import (
	"os"
	"strings"
)

// hostID tells machines apart that use the same engine: the folders that labels
// name are on one of them.
func hostID() string {
	name, err := os.Hostname()
	if err != nil {
		name = "?"
	}
	if id, err := os.ReadFile("/etc/machine-id"); err == nil {
		return name + "/" + strings.TrimSpace(string(id))
	}
	return name
}
