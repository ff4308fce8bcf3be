package harness

import (
	"context"
	"io"
)

// errNoContainers is for the system that our library for engines does not build on.
var errNoContainers = &MissingError{KindContainer, "there is no client of Docker engines for NetBSD", "use process, which is at home here", nil}

func startContainer(context.Context, Config, *folder, *console) (*launched, error) {
	return nil, errNoContainers
}

func startQEMUContainer(context.Context, Config, *folder, *console) (*launched, error) {
	return nil, errNoContainers
}

func leftoverContainers(context.Context, func(string) string) ([]Leftover, error) {
	return nil, errNoContainers
}

// LoadImage is for systems with Docker engines.
func LoadImage(context.Context, func(string) string, io.Reader) error { return errNoContainers }
