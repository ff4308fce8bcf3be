package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// calm is how long nothing may change before tests run again: an editor that
// saves a file changes it several times.
const calm = 100 * time.Millisecond

// watch runs something now, and again whenever a file below the paths changes,
// until the command is interrupted.
func (a *app) watch(paths []string, run func() error) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	for {
		// Folders may have come.
		if err := watchAll(w, paths); err != nil {
			return err
		}
		a.status = 0
		if err := run(); err != nil {
			fmt.Fprintf(a.stderr, "rumpscript: %v\n", err)
		}
		if a.ctx.Err() != nil {
			return nil
		}
		fmt.Fprintln(a.stdout, "waiting for changes")
		if !a.awaitChange(w) {
			return nil
		}
	}
}

// awaitChange waits until something has changed and all is calm again. It reports
// whether it has.
func (a *app) awaitChange(w *fsnotify.Watcher) bool {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case e := <-w.Events:
			if name := filepath.Base(e.Name); e.Op != fsnotify.Chmod && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") {
				timer.Reset(calm)
			}
		case err := <-w.Errors:
			fmt.Fprintf(a.stderr, "rumpscript: watch: %v\n", err)
		case <-timer.C:
			return true
		case <-a.ctx.Done():
			return false
		}
	}
}

// watchAll watches the folders of files, and folders with those below them.
func watchAll(w *fsnotify.Watcher, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		fi, err := os.Stat(p)
		if err != nil {
			return err
		}
		if !fi.IsDir() {
			if err := w.Add(filepath.Dir(p)); err != nil {
				return err
			}
			continue
		}
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if path != p && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			return w.Add(path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
