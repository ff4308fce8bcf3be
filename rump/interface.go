package rump

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// InterfaceFlags are flags of an interface: netbsd.IFF_UP and the others.
type InterfaceFlags uint16

var interfaceFlagNames = [16]string{
	"UP", "BROADCAST", "DEBUG", "LOOPBACK", "POINTOPOINT", "NOTRAILERS", "RUNNING", "NOARP",
	"PROMISC", "ALLMULTI", "OACTIVE", "SIMPLEX", "LINK0", "LINK1", "LINK2", "MULTICAST",
}

// Names returns the names of the flags that are set, without IFF_.
func (f InterfaceFlags) Names() []string {
	var names []string
	for i, n := range interfaceFlagNames {
		if f&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// String returns, for example, "UP,BROADCAST,RUNNING".
func (f InterfaceFlags) String() string { return strings.Join(f.Names(), ",") }

// Interface is a name for a network interface of a kernel, which need not exist.
type Interface struct {
	k    *Kernel
	name string
}

// Interface returns the interface of a name. It asks the kernel for nothing.
func (k *Kernel) Interface(name string) *Interface { return &Interface{k, name} }

// Name returns the interface's name, such as "shmif0".
func (i *Interface) Name() string { return i.name }

// CreateInterface makes an interface, such as "shmif0" or "bridge0". The kernel
// must have a cloner of that kind: see Cloners.
func (k *Kernel) CreateInterface(ctx context.Context, name string) error {
	return k.Interface(name).Create(ctx)
}

// Create makes the interface.
func (i *Interface) Create(ctx context.Context) error {
	return doing("create interface", i.set(ctx, netbsd.SIOCIFCREATE, netbsd.Ifreq{}))
}

// Destroy ends the interface.
func (i *Interface) Destroy(ctx context.Context) error {
	return doing("destroy interface", i.set(ctx, netbsd.SIOCIFDESTROY, netbsd.Ifreq{}))
}

// Cloners returns the kinds of interfaces that can be created, such as "shmif".
func (k *Kernel) Cloners(ctx context.Context) ([]string, error) {
	var names []byte
	for {
		var arg []byte
		err := k.netIoctlWith(ctx, netbsd.AF_UNSPEC, netbsd.SIOCIFGCLONERS, "", func(c *sysproxy.Call) []byte {
			r := netbsd.IfClonereq{Count: int32(len(names) / netbsd.IFNAMSIZ)}
			if len(names) > 0 {
				r.Buffer = c.Lend(names, sysproxy.Write)
			}
			arg = r.Append(nil)
			return arg
		})
		if err != nil {
			return nil, err
		}
		r, err := netbsd.ParseIfClonereq(arg)
		if err != nil {
			return nil, err
		}
		have := len(names) / netbsd.IFNAMSIZ
		if int(r.Total) > have && r.Total < 1<<16 {
			names = make([]byte, int(r.Total)*netbsd.IFNAMSIZ)
			continue
		}
		list := make([]string, 0, have)
		for n := 0; n < min(int(r.Count), have); n++ {
			s := string(names[n*netbsd.IFNAMSIZ:][:netbsd.IFNAMSIZ])
			s, _, _ = strings.Cut(s, "\x00")
			list = append(list, s)
		}
		return list, nil
	}
}

// Ioctl performs an ioctl(2) on the interface by a socket of a family, for
// requests that this package does not know. The first 16 bytes of arg are set to
// the interface's name.
func (i *Interface) Ioctl(ctx context.Context, family int, req netbsd.Ioctl, arg []byte) error {
	i.putName(arg)
	return i.k.NetIoctl(ctx, family, req, arg, i.name)
}

// IoctlData is Ioctl for a struct ifreq whose ifr_data points to data.
func (i *Interface) IoctlData(ctx context.Context, req netbsd.Ioctl, data []byte) error {
	return i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, req, i.name, func(c *sysproxy.Call) []byte {
		r := netbsd.Ifreq{Name: i.name}
		if data != nil {
			r.SetData(c.Lend(data, sysproxy.Read|sysproxy.Write))
		}
		return r.Append(nil)
	})
}

func (i *Interface) putName(arg []byte) {
	b := arg[:min(len(arg), netbsd.IFNAMSIZ)]
	clear(b)
	if len(b) > 0 {
		copy(b[:len(b)-1], i.name)
	}
}

// set performs an ioctl with a struct ifreq that the kernel only reads.
func (i *Interface) set(ctx context.Context, req netbsd.Ioctl, r netbsd.Ifreq) error {
	_, err := i.ifreq(ctx, netbsd.AF_UNSPEC, req, r)
	return err
}

// ifreq performs an ioctl with a struct ifreq and returns what became of it.
func (i *Interface) ifreq(ctx context.Context, family int, req netbsd.Ioctl, r netbsd.Ifreq) (netbsd.Ifreq, error) {
	r.Name = i.name
	b := r.Append(nil)
	if err := i.k.NetIoctl(ctx, family, req, b, i.name); err != nil {
		return netbsd.Ifreq{}, err
	}
	return netbsd.ParseIfreq(b)
}

// Flags returns the interface's flags. The kernel's error is ENXIO if there is
// no such interface.
func (i *Interface) Flags(ctx context.Context) (InterfaceFlags, error) {
	r, err := i.ifreq(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGIFFLAGS, netbsd.Ifreq{})
	return InterfaceFlags(r.Flags()), err
}

// ChangeFlags sets some flags and clears others.
func (i *Interface) ChangeFlags(ctx context.Context, set, clear InterfaceFlags) error {
	f, err := i.Flags(ctx)
	if err != nil {
		return err
	}
	var r netbsd.Ifreq
	r.SetFlags(uint16(f&^clear | set))
	return i.set(ctx, netbsd.SIOCSIFFLAGS, r)
}

// Up marks the interface up.
func (i *Interface) Up(ctx context.Context) error { return i.ChangeFlags(ctx, netbsd.IFF_UP, 0) }

// Down marks the interface down.
func (i *Interface) Down(ctx context.Context) error { return i.ChangeFlags(ctx, 0, netbsd.IFF_UP) }

// MTU returns the greatest packet that the interface takes.
func (i *Interface) MTU(ctx context.Context) (int, error) {
	r, err := i.ifreq(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGIFMTU, netbsd.Ifreq{})
	return int(r.Int()), err
}

// SetMTU sets the greatest packet that the interface takes.
func (i *Interface) SetMTU(ctx context.Context, mtu int) error {
	var r netbsd.Ifreq
	r.SetInt(int32(mtu))
	return doing("set the MTU of", i.set(ctx, netbsd.SIOCSIFMTU, r))
}

// Metric returns the interface's routing metric.
func (i *Interface) Metric(ctx context.Context) (int, error) {
	r, err := i.ifreq(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGIFMETRIC, netbsd.Ifreq{})
	return int(r.Int()), err
}

// SetMetric sets the interface's routing metric.
func (i *Interface) SetMetric(ctx context.Context, metric int) error {
	var r netbsd.Ifreq
	r.SetInt(int32(metric))
	return i.set(ctx, netbsd.SIOCSIFMETRIC, r)
}

// Index returns the interface's number.
func (i *Interface) Index(ctx context.Context) (int, error) {
	if strings.Trim(i.name, "0123456789") == "" {
		// The kernel would take the name for a number, and some panic then.
		return 0, &Error{i.k.name, netbsd.SIOCGIFINDEX.String(), i.name, netbsd.ENXIO}
	}
	r, err := i.ifreq(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGIFINDEX, netbsd.Ifreq{})
	return int(r.Value()), err
}

// Info returns what the list of interfaces has about this one.
func (i *Interface) Info(ctx context.Context) (InterfaceInfo, error) {
	ifs, err := i.k.Interfaces(ctx)
	if err != nil {
		return InterfaceInfo{}, err
	}
	for _, info := range ifs {
		if info.Name == i.name {
			return info, nil
		}
	}
	return InterfaceInfo{}, &Error{i.k.name, "interface", i.name, netbsd.ENXIO}
}

// Stats returns the interface's counters, and clears them if so asked.
func (i *Interface) Stats(ctx context.Context, clear bool) (netbsd.IfData, error) {
	req := netbsd.SIOCGIFDATA
	if clear {
		req = netbsd.SIOCZIFDATA
	}
	b := netbsd.Ifdatareq{}.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_UNSPEC, req, b); err != nil {
		return netbsd.IfData{}, err
	}
	r, err := netbsd.ParseIfdatareq(b)
	return r.Data, err
}

// Capabilities returns which capabilities (netbsd.IFCAP_*) the hardware has and
// which of them are enabled.
func (i *Interface) Capabilities(ctx context.Context) (have, enabled uint64, err error) {
	b := netbsd.Ifcapreq{}.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGIFCAP, b); err != nil {
		return 0, 0, err
	}
	r, err := netbsd.ParseIfcapreq(b)
	return r.Capabilities, r.Capenable, err
}

// EnableCapabilities sets which capabilities are enabled.
func (i *Interface) EnableCapabilities(ctx context.Context, enabled uint64) error {
	b := netbsd.Ifcapreq{Capenable: enabled}.Append(nil)
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCSIFCAP, b)
}

// EtherCapabilities returns which capabilities (netbsd.ETHERCAP_*) an Ethernet
// interface has and which of them are enabled.
func (i *Interface) EtherCapabilities(ctx context.Context) (have, enabled uint32, err error) {
	b := netbsd.Eccapreq{}.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGETHERCAP, b); err != nil {
		return 0, 0, err
	}
	r, err := netbsd.ParseEccapreq(b)
	return uint32(r.Capabilities), uint32(r.Capenable), err
}

// Linkstr returns the interface's link string: what ties it to the world, such
// as the file of a shmif. An interface without one gives an error.
func (i *Interface) Linkstr(ctx context.Context) (string, error) {
	r, err := i.linkstr(ctx, netbsd.SIOCGLINKSTR, netbsd.IFLINKSTR_QUERYLEN, nil)
	if err != nil {
		return "", err
	}
	if r.Len > 1<<16 {
		return "", &netbsd.FormatError{What: "struct ifdrv", Reason: "absurd ifd_len"}
	}
	b := make([]byte, r.Len)
	if r, err = i.linkstr(ctx, netbsd.SIOCGLINKSTR, 0, b); err != nil {
		return "", err
	}
	s, _, _ := strings.Cut(string(b), "\x00")
	return s, nil
}

// SetLinkstr sets the link string.
func (i *Interface) SetLinkstr(ctx context.Context, s string) error {
	_, err := i.linkstr(ctx, netbsd.SIOCSLINKSTR, 0, netbsd.AppendString(nil, s))
	return doing("set the linkstr of", err)
}

// ClearLinkstr takes the link string away.
func (i *Interface) ClearLinkstr(ctx context.Context) error {
	_, err := i.linkstr(ctx, netbsd.SIOCSLINKSTR, netbsd.IFLINKSTR_UNSET, nil)
	return doing("clear the linkstr of", err)
}

func (i *Interface) linkstr(ctx context.Context, req netbsd.Ioctl, cmd uint64, data []byte) (netbsd.Ifdrv, error) {
	return i.ifdrv(ctx, req, cmd, data)
}

// ifdrv performs an ioctl with a struct ifdrv.
func (i *Interface) ifdrv(ctx context.Context, req netbsd.Ioctl, cmd uint64, data []byte) (netbsd.Ifdrv, error) {
	var arg []byte
	err := i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, req, i.name, func(c *sysproxy.Call) []byte {
		r := netbsd.Ifdrv{Name: i.name, Cmd: cmd, Len: uint64(len(data))}
		if len(data) > 0 {
			r.Data = c.Lend(data, sysproxy.Read|sysproxy.Write)
		}
		arg = r.Append(nil)
		return arg
	})
	if err != nil {
		return netbsd.Ifdrv{}, err
	}
	return netbsd.ParseIfdrv(arg)
}

// Media returns what the interface can be connected to, and how it is; see
// netbsd.IFM_*. An interface that knows nothing of media gives an error.
func (i *Interface) Media(ctx context.Context) (Media, error) {
	var arg, words []byte
	for {
		err := i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGIFMEDIA, i.name, func(c *sysproxy.Call) []byte {
			r := netbsd.Ifmediareq{Name: i.name, Count: int32(len(words) / 4)}
			if len(words) > 0 {
				r.Ulist = c.Lend(words, sysproxy.Write)
			}
			arg = r.Append(nil)
			return arg
		})
		if errno, ok := Errno(err); err != nil && !(ok && errno == netbsd.E2BIG && len(words) == 0) {
			return Media{}, err
		}
		r, err := netbsd.ParseIfmediareq(arg)
		if err != nil {
			return Media{}, err
		}
		if len(words) == 0 && r.Count > 0 && r.Count < 1<<12 {
			words = make([]byte, 4*r.Count)
			continue
		}
		m := Media{
			Current: netbsd.Media(r.Current),
			Active:  netbsd.Media(r.Active),
			Mask:    netbsd.Media(r.Mask),
			Status:  r.Status,
		}
		for n := 0; n+4 <= len(words); n += 4 {
			m.Supported = append(m.Supported, netbsd.Media(binary.LittleEndian.Uint32(words[n:])))
		}
		return m, nil
	}
}

// Media describes what an interface is connected to.
type Media struct {
	Current   netbsd.Media // as selected
	Active    netbsd.Media // as found
	Mask      netbsd.Media
	Status    int32 // netbsd.IFM_AVALID, netbsd.IFM_ACTIVE
	Supported []netbsd.Media
}

// SetMedia selects the media.
func (i *Interface) SetMedia(ctx context.Context, m netbsd.Media) error {
	var r netbsd.Ifreq
	r.SetInt(int32(m))
	return i.set(ctx, netbsd.SIOCSIFMEDIA, r)
}
