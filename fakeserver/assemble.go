package fakeserver

// parts are those of a kernel that have something to be freed.
type parts struct{ closers []func() }

func (p *parts) add(f func()) { p.closers = append(p.closers, f) }

func (p *parts) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

// assemble puts the parts that the components name into the kernel: each
// registers its system calls and its sysctl nodes.
func (k *Kernel) assemble() error {
	comps, err := resolve(k.cfg.Components)
	if err != nil {
		return err
	}
	for _, name := range comps.order {
		k.core.Sysctl.Enable(name)
	}
	return nil
}
