package starlark

import (
	"fmt"
	"maps"

	"go.starlark.net/starlark"
)

// breakpoint stops the script at a prompt, if somebody is there.
func breakpoint(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	if c.scope.rt.cfg.Debug == nil {
		return nil, nil // nobody is there
	}
	return nil, c.scope.debug(c, "breakpoint")
}

// debug opens a prompt in the function that made a call, with its variables, and
// shows those that are the function's own. The script goes on when the input ends.
func (sc *scope) debug(c *call, why string) error {
	frame := c.thread.DebugFrame(1)
	p := &prompt{sc: sc, in: sc.rt.cfg.Debug, env: sc.rt.predeclared()}
	p.say(fmt.Sprintf("%s: %s; the kernels are up. Ctrl-D goes on.", frame.Position(), why))
	own, globals := variables(frame)
	maps.Copy(p.env, globals)
	for _, v := range own {
		p.env[v.name] = v.value
		p.say("    " + v.name + " = " + shorten(v.value.String()))
	}
	_, err := waiting(sc, func() (struct{}, error) { return struct{}{}, p.loop(c.ctx, "debug> ") })
	return err
}

// keyExpecting counts, in a thread, the assert.fails around what runs: a failure
// there is none to stop at.
const keyExpecting = "rumpscript.expecting"

func expecting(t *starlark.Thread, by int) int {
	n, _ := t.Local(keyExpecting).(int)
	t.SetLocal(keyExpecting, n+by)
	return n + by
}

// failed is told of an error that a call ends in; with --debug the first one
// stops the script at a prompt.
func (c *call) failed(err error) {
	if _, skips := err.(*errSkip); skips || !c.scope.rt.cfg.DebugFailures || c.scope.rt.cfg.Debug == nil || expecting(c.thread, 0) > 0 || c.ctx.Err() != nil {
		return
	}
	if c.scope.debugged.Swap(true) {
		return
	}
	c.scope.debug(c, err.Error())
}
