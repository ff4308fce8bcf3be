package starlark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// Bus is an Ethernet segment: a file in shared memory to which shmif interfaces
// attach. Its file is made when somebody needs it, and from then on everything on
// it is recorded.
type Bus struct {
	name string
	path string
	sc   *scope
	far  bool // the file is where the server is, out of reach
	seed uint64

	view *Mark // where the script looks

	mu    sync.Mutex
	w     *wire      // nil until it is needed
	cond  conditions // to begin with
	ended bool
}

func busAttrs() []attribute {
	return []attribute{
		{"name", "The bus's name, as given to bus()."},
		{"path", "The path of its file, as interface.attach takes it."},
		{"seed", "The number from which everything random on the bus comes: bus(name, seed = ...) with it decides the same again. None while the bus has no conditions."},
	}
}

// busMethods is the table of a bus's methods.
func busMethods() []function {
	methods := []function{
		{"conditions", conditionParams, "Sets what happens to frames between the stations of the bus, from now on; what is not given does not happen. The bus must have been given conditions, if only bus(name, delay = 0), or none of its stations, before. " + conditionsDoc, busConditions},
		{"host", "address name? mac? gateway?", "Puts a host on the bus that is no kernel and returns it: it answers ARP, neighbour discovery and ping for its address, or list of addresses, given with their prefix lengths, and sends what it is told. Its name, by which captures know it, is its address if not given.", busHost},
		{"lose", "match count?", "Loses the next frames that match, a filter or a function of a packet: so many, one if not given; None for all from now on. The bus needs conditions, as for bus.conditions.", busLose},
		{"mark", "", "Looks only at what comes from now on: bus.packets and bus.expect begin here. Returns a mark, which has the same methods and a place of its own.", busMark},
		{"replay", "file speed?", "Sends the packets of a pcapng or pcap file, as fast as they were recorded, or so many times faster; 0 does not wait. Returns how many they were.", busReplay},
		{"send", "*frames", "Sends frames as they are: layers, as in eth(dst = mac) / ip(src = a, dst = b) / udp(dst = 53) / \"x\", bytes, or packets that were received. Lengths, checksums and types are filled in where the layers do not say otherwise.", busSend},
	}
	return append(methods, viewMethods(func(v starlark.Value) *Mark { return v.(*Bus).view })...)
}

// String shows the bus to a person.
func (b *Bus) String() string        { return fmt.Sprintf("<bus %s>", b.name) }
func (b *Bus) Type() string          { return "bus" }
func (b *Bus) Freeze()               {}
func (b *Bus) Truth() starlark.Bool  { return true }
func (b *Bus) Hash() (uint32, error) { return starlark.String(b.path).Hash() }

// Attr implements starlark.HasAttrs.
func (b *Bus) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(b.name), nil
	case "path":
		if !b.far {
			// Whoever wants the path is about to use it: what comes is recorded.
			if _, err := b.open(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
				return nil, err
			}
		}
		return starlark.String(b.path), nil
	case "seed":
		if seed := b.chosenSeed(); seed != 0 {
			return starlark.MakeUint64(seed), nil
		}
		return starlark.None, nil
	}
	return method(b, busMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (b *Bus) AttrNames() []string { return attrNames(busMethods(), "name", "path", "seed") }

func newBus(c *call) (starlark.Value, error) {
	var name, path string
	var seed optional[uint64]
	var cond conditions
	if err := c.unpack(append([]any{&name, &path, &seed}, cond.pointers()...)...); err != nil {
		return nil, err
	}
	if name == "" || strings.ContainsAny(name, "/\x00") {
		return nil, fmt.Errorf("bus: %q is no name for a bus: it becomes the name of a file", name)
	}
	if err := cond.check(); err != nil {
		return nil, fmt.Errorf("bus %s: %w", name, err)
	}
	b, err := c.scope.bus(name, path)
	if err != nil {
		return nil, err
	}
	if seed.v != nil {
		b.mu.Lock()
		b.seed = *seed.v
		b.mu.Unlock()
	}
	if cond.given() {
		return b, b.setConditions(c, cond)
	}
	return b, nil
}

// bus returns the scope's bus of a name, which is the same however often it is asked for.
func (sc *scope) bus(name, path string) (*Bus, error) {
	far := false
	switch {
	case path != "":
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		path = abs
	case sc.rt.cfg.Target.Kind == harness.KindURL:
		// The server's files are where the server is.
		path, far = name, true
	default:
		dir, err := sc.folder()
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, name)
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for _, b := range sc.buses {
		if b.name == name {
			if b.path != path {
				return nil, fmt.Errorf("bus %s: is at %s already", name, b.path)
			}
			return b, nil
		}
	}
	b := &Bus{name: name, path: path, sc: sc, far: far}
	b.view = &Mark{b: b}
	sc.buses = append(sc.buses, b)
	return b, nil
}

// closeBuses ends everything of ours that is on the scope's buses.
func (sc *scope) closeBuses() error {
	sc.mu.Lock()
	buses := sc.buses
	sc.buses = nil
	sc.mu.Unlock()
	var errs []error
	for _, b := range buses {
		errs = append(errs, b.close())
	}
	return errors.Join(errs...)
}

// open returns the wire, which is there from the first call on.
func (b *Bus) open() (*wire, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened()
}

func (b *Bus) opened() (*wire, error) {
	switch {
	case b.w != nil:
		return b.w, b.w.failed()
	case b.ended:
		return nil, fmt.Errorf("bus %s: the script it belongs to has ended", b.name)
	case b.far:
		return nil, fmt.Errorf("bus %s: its file is where the server of %s is; to see it give bus() a path which both reach, as in bus(%q, path = %q)", b.name, b.sc.rt.cfg.Target, b.name, filepath.Join(os.TempDir(), b.name))
	}
	w, err := newWire(b)
	if err != nil {
		return nil, fmt.Errorf("bus %s: %w", b.name, err)
	}
	b.w = w
	return w, nil
}

// current returns the wire if it has been needed, or nil.
func (b *Bus) current() *wire {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.w
}

func (b *Bus) close() error {
	b.mu.Lock()
	w := b.w
	b.ended = true
	b.mu.Unlock()
	if w == nil {
		return nil
	}
	if err := w.close(); err != nil {
		return fmt.Errorf("bus %s: %w", b.name, err)
	}
	return nil
}

func busMark(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	b := c.self.(*Bus)
	return waiting(c.scope, func() (starlark.Value, error) {
		m := &Mark{b: b}
		if w := b.current(); w != nil {
			end, err := w.end(c.ctx)
			if err != nil {
				return nil, err
			}
			m.from, m.next = end, end
		}
		b.view.move(m.from)
		return m, nil
	})
}

func busSend(c *call) (starlark.Value, error) {
	if len(c.kwargs) > 0 {
		return nil, errors.New("send: takes frames only")
	}
	var frames [][]byte
	for i, a := range c.args {
		f, err := frameOf(a)
		if err != nil {
			return nil, fmt.Errorf("send: frame %d: %w", i+1, err)
		}
		frames = append(frames, f)
	}
	w, err := c.self.(*Bus).open()
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		_, err := w.bus.Send(frames...)
		return nil, err
	})
}

// frameOf returns the bytes of a frame that a script wants to send.
func frameOf(v starlark.Value) ([]byte, error) {
	switch v := v.(type) {
	case starlark.Bytes:
		return []byte(v), nil
	case *Packet:
		return v.p.Data, nil
	case *Layers:
		layers := slices.Clone(v.layers)
		if e, ok := layers[0].(packet.Eth); ok && e.Src == (packet.MAC{}) {
			e.Src = scriptMAC()
			layers[0] = e
		}
		return packet.Build(layers...)
	}
	return nil, fmt.Errorf("got %s where layers, a packet or bytes are wanted", v.Type())
}

// scriptMAC is the Ethernet address of what a script sends, if it does not say
// another: a locally administered one.
func scriptMAC() packet.MAC { return packet.MAC{0x02, 0, 0, 0, 0, 0x01} }

// linkstr unpacks what an interface can be attached to: a bus or a path.
type linkstr struct {
	bus  *Bus
	path string
}

// Unpack implements starlark.Unpacker.
func (l *linkstr) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case *Bus:
		l.bus = v
	case starlark.String:
		if l.path = string(v); l.path == "" {
			return errors.New("got \"\" where a bus or the path of one is wanted")
		}
	default:
		return fmt.Errorf("got %s where a bus or the path of one is wanted", v.Type())
	}
	return nil
}

// interfaceAttach attaches an interface, and lets captures know whose it is.
func interfaceAttach(c *call) (starlark.Value, error) {
	var l linkstr
	if err := c.unpack(&l); err != nil {
		return nil, err
	}
	i := c.self.(*Interface)
	return waiting(c.scope, func() (starlark.Value, error) { return nil, l.attach(c.ctx, i) })
}

// attach attaches an interface, if there is something to attach it to.
func (l linkstr) attach(ctx context.Context, i *Interface) error {
	switch {
	case l.bus != nil:
		return l.bus.attach(ctx, i)
	case l.path != "":
		return i.rump().SetLinkstr(ctx, l.path)
	}
	return nil
}

func (b *Bus) attach(ctx context.Context, i *Interface) error {
	ifc := i.rump()
	if b.far {
		return ifc.SetLinkstr(ctx, b.path)
	}
	w, err := b.open()
	if errors.Is(err, errors.ErrUnsupported) {
		return ifc.SetLinkstr(ctx, b.path)
	}
	if err != nil {
		return err
	}
	name, path, err := w.join(i.k.in.Kernel.String(), i.k.in)
	if err != nil {
		return fmt.Errorf("bus %s: %w", b.name, err)
	}
	if err := ifc.SetLinkstr(ctx, path); err != nil {
		return err
	}
	info, err := ifc.Info(ctx)
	if err != nil {
		return err
	}
	if mac := info.HardwareAddr(); len(mac) == len(packet.MAC{}) {
		w.names.SetMAC(packet.MAC(mac), name)
	}
	return nil
}
