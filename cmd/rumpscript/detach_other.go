//go:build !unix

package main

import "os/exec"

// detach does nothing where there are no sessions.
func detach(*exec.Cmd) {}

func silence() error { return nil }
