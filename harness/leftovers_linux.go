package harness

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// leftoverProcesses finds the processes of dead runs, by the mark in their
// environment. The system kills those that we have started ourselves; those that
// they have started it does not.
func leftoverProcesses() ([]Leftover, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var found []Leftover
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil || pid == os.Getpid() {
			continue
		}
		folder := runOf(dir)
		if folder == "" || !seesOurFiles(dir) {
			continue
		}
		if dead, err := isDead(folder); err != nil || !dead {
			continue
		}
		r := readRecord(folder)
		found = append(found, Leftover{"process", strconv.Itoa(pid), r.Kernel, r.Begun, func(context.Context) error {
			return killProcess(pid, folder)
		}})
	}
	return found, nil
}

// runOf returns the folder that a process belongs to, or nothing.
func runOf(proc string) string {
	env, err := os.ReadFile(filepath.Join(proc, "environ"))
	if err != nil {
		return "" // gone, or somebody else's
	}
	for kv := range bytes.SplitSeq(env, []byte{0}) {
		if v, ok := bytes.CutPrefix(kv, []byte(varRun+"=")); ok {
			return string(v)
		}
	}
	return ""
}

// seesOurFiles reports whether a path means the same to a process and to us. It
// does not to those in containers, which are somebody else's to judge.
func seesOurFiles(proc string) bool {
	theirs, err := os.Readlink(filepath.Join(proc, "ns/mnt"))
	ours, err2 := os.Readlink("/proc/self/ns/mnt")
	return err == nil && err2 == nil && theirs == ours
}

// killProcess kills a process if its number still means what it meant.
func killProcess(pid int, folder string) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("pidfd_open", err)
	}
	defer unix.Close(fd)
	if runOf(filepath.Join("/proc", strconv.Itoa(pid))) != folder {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return os.NewSyscallError("pidfd_send_signal", err)
	}
	// A zombie is nobody's to remove but its parent's; poll returns for it.
	_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 5000)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return os.NewSyscallError("poll", err)
	}
	return nil
}
