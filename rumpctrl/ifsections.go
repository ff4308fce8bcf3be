package rumpctrl

import (
	"bytes"
	"maps"
	"sync"
)

// sections runs parts of what ifconfig prints side by side, since all that they do
// is to wait for the kernel, and prints what each of them has printed in their
// order, up to the first that fails.
func (c *ifconfig) sections(parts ...func(c *ifconfig) error) error {
	type result struct {
		stdout, stderr bytes.Buffer
		err            error
	}
	results := make([]result, len(parts))
	var wg sync.WaitGroup
	for n, part := range parts {
		r := &results[n]
		wg.Go(func() {
			env := *c.Env
			env.Stdout, env.Stderr = &r.stdout, &r.stderr
			own := *c
			own.Env, own.learnt = &env, maps.Clone(c.learnt)
			r.err = part(&own)
		})
	}
	wg.Wait()
	for n := range results {
		r := &results[n]
		c.Stdout.Write(r.stdout.Bytes())
		c.Stderr.Write(r.stderr.Bytes())
		if r.err != nil {
			return r.err
		}
	}
	return nil
}
