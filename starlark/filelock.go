package starlark

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func fileFlock(c *call) (starlark.Value, error) {
	var name string
	wait := true
	if err := c.unpack(&name, &wait); err != nil {
		return nil, err
	}
	how, ok := map[string]int{"shared": netbsd.LOCK_SH, "exclusive": netbsd.LOCK_EX, "unlock": netbsd.LOCK_UN}[name]
	if !ok {
		return nil, fmt.Errorf("flock: got %q, want \"shared\", \"exclusive\" or \"unlock\"", name)
	}
	if !wait {
		how |= netbsd.LOCK_NB
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.file().Flock(how) })
}

// lockTypes are the types of record locks.
var lockTypes = map[string]int16{"read": netbsd.F_RDLCK, "write": netbsd.F_WRLCK}

// recordLock returns a record lock as scripts say it.
func recordLock(f, typ string, start, length int64) (netbsd.Flock, error) {
	t, ok := lockTypes[typ]
	if !ok {
		return netbsd.Flock{}, fmt.Errorf("%s: the type is \"read\" or \"write\", not %q", f, typ)
	}
	return netbsd.Flock{Start: start, Len: length, Type: t, Whence: netbsd.SEEK_SET}, nil
}

func fileLock(c *call) (starlark.Value, error) {
	typ, wait := "write", true
	var start, length int64
	if err := c.unpack(&typ, &start, &length, &wait); err != nil {
		return nil, err
	}
	l, err := recordLock("lock", typ, start, length)
	if err != nil {
		return nil, err
	}
	cmd := netbsd.F_SETLK
	if wait {
		cmd = netbsd.F_SETLKW
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.file().Lock(cmd, &l) })
}

func fileUnlock(c *call) (starlark.Value, error) {
	var start, length int64
	if err := c.unpack(&start, &length); err != nil {
		return nil, err
	}
	l := netbsd.Flock{Start: start, Len: length, Type: netbsd.F_UNLCK, Whence: netbsd.SEEK_SET}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.file().Lock(netbsd.F_SETLK, &l) })
}

func fileLocked(c *call) (starlark.Value, error) {
	typ := "write"
	var start, length int64
	if err := c.unpack(&typ, &start, &length); err != nil {
		return nil, err
	}
	l, err := recordLock("locked", typ, start, length)
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if err := c.file().Lock(netbsd.F_GETLK, &l); err != nil || l.Type == netbsd.F_UNLCK {
			return nil, err
		}
		found := ""
		for name, t := range lockTypes {
			if t == l.Type {
				found = name
			}
		}
		return starlarkstruct.FromStringDict(starlark.String("lock"), starlark.StringDict{
			"type":   starlark.String(found),
			"start":  starlark.MakeInt64(l.Start),
			"length": starlark.MakeInt64(l.Len),
			"pid":    starlark.MakeInt(int(l.Pid)),
		}), nil
	})
}
