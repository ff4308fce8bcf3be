package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// ifconfig's words for interfaces that stand on others: vlan, agr, carp, tunnels.

// isKind reports whether a name is a kind of interface with a number.
func isKind(name, kind string) bool {
	rest, ok := strings.CutPrefix(name, kind)
	return ok && rest != "" && rest[0] >= '0' && rest[0] <= '9'
}

func (c *ifconfig) vlanKeywords(again ifParser) ifParser {
	return keywords(ifKeyword{}, []ifKeyword{
		{word: "vlan", next: parseInt("vlantag", 10, 0, math.MaxUint16, c.setVLAN, again)},
		{word: "vlanif", after: "vlantag", next: parseIface("vlanif", c.setVLANParent, again)},
		{word: "-vlanif", key: "vlanif", val: "", do: c.setVLANParent},
	})
}

func (c *ifconfig) vlan(ctx context.Context, s ifSettings, what string) (netbsd.Vlanreq, error) {
	if !isKind(s.name(), "vlan") {
		return netbsd.Vlanreq{}, errx(1, "valid only with vlan(4) interfaces")
	}
	r, err := c.iface(s).VLAN(ctx)
	if err != nil {
		return r, errc(1, err, "%s", what)
	}
	return r, nil
}

func (c *ifconfig) setVLAN(ctx context.Context, s ifSettings) error {
	r, err := c.vlan(ctx, s, "setvlan: getvlan")
	if err != nil {
		return err
	}
	if err := c.iface(s).SetVLAN(ctx, uint16(s["vlantag"].(int64)), r.Parent); err != nil {
		return errc(1, err, "SIOCSETVLAN")
	}
	return nil
}

func (c *ifconfig) setVLANParent(ctx context.Context, s ifSettings) error {
	r, err := c.vlan(ctx, s, "setvlanif: getsock")
	if err != nil {
		return err
	}
	parent := s["vlanif"].(string)
	if parent != "" {
		r.Tag = uint16(s["vlantag"].(int64))
	}
	if err := c.iface(s).SetVLAN(ctx, r.Tag, parent); err != nil {
		return errc(1, err, "SIOCSETVLAN")
	}
	return nil
}

func (c *ifconfig) vlanStatus(ctx context.Context, i *rump.Interface) {
	if !isKind(i.Name(), "vlan") {
		return
	}
	r, err := i.VLAN(ctx)
	if err != nil || r.Tag == 0 && r.Parent == "" {
		return
	}
	if r.Parent == "" {
		r.Parent = "<none>"
	}
	c.printf("\tvlan: %d parent: %s\n", r.Tag, r.Parent)
}

func (c *ifconfig) agrKeywords(again ifParser) ifParser {
	port := parseIface("agrport", c.setPort, again)
	return keywords(ifKeyword{key: "agrcmd", next: port}, []ifKeyword{
		{word: "agrport", val: netbsd.AGRCMD_ADDPORT},
		{word: "-agrport", val: netbsd.AGRCMD_REMPORT},
	})
}

func (c *ifconfig) setPort(ctx context.Context, s ifSettings) error {
	if !isKind(s.name(), "agr") {
		return errx(1, "valid only with agr(4) interfaces")
	}
	var err error
	if s["agrcmd"] == netbsd.AGRCMD_ADDPORT {
		err = c.iface(s).AddPort(ctx, s["agrport"].(string))
	} else {
		err = c.iface(s).RemovePort(ctx, s["agrport"].(string))
	}
	if err != nil {
		return errc(1, err, "SIOCSETAGR")
	}
	return nil
}

func (c *ifconfig) agrStatus(ctx context.Context, i *rump.Interface) {
	if !isKind(i.Name(), "agr") {
		return
	}
	ports, err := i.Ports(ctx)
	if err != nil {
		c.warn(err, "SIOCGETAGR")
		return
	}
	for _, p := range ports {
		// The bits have the new format of snprintb(3), which shows no bits as <>.
		flags := snprintb(uint64(uint32(p.Flags)), bitNames{"COLLECTING", "DISTRIBUTING"})
		c.printf("\tagrport: %s, flags=%s\n", p.Ifname, flags)
	}
}

func (c *ifconfig) carpKeywords(again ifParser) ifParser {
	number := func(key string, hi int64, put func(*netbsd.Carpreq, int64)) ifParser {
		return parseInt(key, 10, 0, hi, c.setCARP(func(r *netbsd.Carpreq, s ifSettings) {
			put(r, s[key].(int64))
		}), again)
	}
	device := c.setCARP(func(r *netbsd.Carpreq, s ifSettings) { r.Carpdev = s["carpdev"].(string) })
	state := func(n int32) ifKeyword {
		// What ifconfig(8) makes of a state is always the first.
		return ifKeyword{word: [...]string{"INIT", "BACKUP", "MASTER"}[n], next: again}
	}
	return keywords(ifKeyword{}, []ifKeyword{
		{word: "advbase", next: number("advbase", 255, func(r *netbsd.Carpreq, n int64) { r.Advbase = int32(n) })},
		{word: "advskew", next: number("advskew", 254, func(r *netbsd.Carpreq, n int64) { r.Advskew = int32(n) })},
		{word: "carpdev", next: parseIface("carpdev", device, again)},
		{word: "-carpdev", key: "carpdev", val: "", do: device, next: again},
		{word: "pass", next: c.parseString("pass", true, c.setCARP(func(r *netbsd.Carpreq, s ifSettings) {
			// As strlcpy(3) does it, the last byte is lost.
			p := s["pass"].(string)
			r.Key = [netbsd.CARP_KEY_LEN]byte{}
			copy(r.Key[:], p[:max(0, min(len(p), netbsd.CARP_KEY_LEN)-1)])
		}), again)},
		{word: "state", next: keywords(ifKeyword{do: c.noState}, []ifKeyword{state(0), state(1), state(2)})},
		{word: "vhid", next: number("vhid", 255, func(r *netbsd.Carpreq, n int64) { r.Vhid = int32(n) })},
	})
}

// noState is what ifconfig(8) does with a state: it has no number for it.
func (c *ifconfig) noState(context.Context, ifSettings) error { return netbsd.ENOENT }

func (c *ifconfig) setCARP(change func(*netbsd.Carpreq, ifSettings)) ifDo {
	return c.withSocket(func(ctx context.Context, s ifSettings) error {
		r, err := c.iface(s).CARP(ctx)
		if err != nil {
			return errc(1, err, "SIOCGVH")
		}
		change(&r, s)
		if err := c.iface(s).SetCARP(ctx, r); err != nil {
			return errc(1, err, "SIOCSVH")
		}
		return nil
	})
}

func (c *ifconfig) carpStatus(ctx context.Context, i *rump.Interface) {
	r, err := i.CARP(ctx)
	if err != nil || r.Vhid <= 0 {
		return
	}
	state := "<UNKNOWN>"
	if states := []string{"INIT", "BACKUP", "MASTER"}; r.State >= 0 && int(r.State) < len(states) {
		state = states[r.State]
	}
	dev := r.Carpdev
	if dev == "" {
		dev = "none"
	}
	c.printf("\tcarp: %s carpdev %s vhid %d advbase %d advskew %d\n", state, dev, r.Vhid, r.Advbase, r.Advskew)
}

func (c *ifconfig) pfsyncKeywords(again ifParser) ifParser {
	device := c.setPfsync(func(r *netbsd.Pfsyncreq, s ifSettings) error {
		r.Syncdev = s["syncdev"].(string)
		return nil
	})
	peer := c.setPfsync(func(r *netbsd.Pfsyncreq, s ifSettings) error {
		a, _ := s["syncpeer"].(ifAddr)
		if a.sa == nil {
			r.Syncpeer = [4]byte{}
			return nil
		}
		sin, ok := a.sa.(netbsd.SockaddrIn)
		if !ok {
			return netbsd.ENOENT // pfsync(4) knows no others
		}
		r.Syncpeer = sin.Addr
		return nil
	})
	updates := c.setPfsync(func(r *netbsd.Pfsyncreq, s ifSettings) error {
		r.Maxupdates = int32(s["maxupd"].(int64))
		return nil
	})
	return keywords(ifKeyword{next: again}, []ifKeyword{
		{word: "maxupd", next: parseInt("maxupd", 10, 0, math.MaxUint8, updates, again)},
		{word: "syncdev", next: parseIface("syncdev", device, again)},
		{word: "-syncdev", key: "syncdev", val: "", do: device},
		{word: "syncpeer", next: c.parseAddr("syncpeer", "", "", "", peer, again)},
		{word: "-syncpeer", key: "syncpeer", val: ifAddr{}, do: peer},
	})
}

func (c *ifconfig) setPfsync(change func(*netbsd.Pfsyncreq, ifSettings) error) ifDo {
	return c.withSocket(func(ctx context.Context, s ifSettings) error {
		r, err := c.iface(s).Pfsync(ctx)
		if err != nil {
			return errc(1, err, "SIOCGETPFSYNC")
		}
		if err := change(&r, s); err != nil {
			return err
		}
		if err := c.iface(s).SetPfsync(ctx, r); err != nil {
			return errc(1, err, "SIOCSETPFSYNC")
		}
		return nil
	})
}

func (c *ifconfig) tunnelKeywords(again ifParser) ifParser {
	dst := c.parseAddr("tundst", "", "", "", c.withSocket(c.setTunnel), again)
	return keywords(ifKeyword{}, []ifKeyword{
		{word: "deletetunnel", do: c.withSocket(c.deleteTunnel), next: again},
		{word: "tunnel", next: c.parseAddr("tunsrc", "", "", "", nil, dst)},
	})
}

func (c *ifconfig) setTunnel(ctx context.Context, s ifSettings) error {
	src, dst := s["tunsrc"].(ifAddr).sa, s["tundst"].(ifAddr).sa
	if src.Family() != dst.Family() {
		return errx(1, "source and destination address families do not match")
	}
	if src6, ok := src.(netbsd.SockaddrIn6); ok {
		dst6 := dst.(netbsd.SockaddrIn6)
		if src6.ScopeID != dst6.ScopeID {
			return errx(1, "scope mismatch")
		}
		if netip.AddrFrom16(src6.Addr).IsMulticast() || netip.AddrFrom16(dst6.Addr).IsMulticast() {
			return errx(1, "tunnel src/dst is multicast")
		}
		src, dst = embedScope(src6), embedScope(dst6)
	}
	if err := c.iface(s).SetTunnelRaw(ctx, src, dst); err != nil {
		c.warn(err, "SIOCSLIFPHYADDR")
	}
	return nil
}

func (c *ifconfig) deleteTunnel(ctx context.Context, s ifSettings) error {
	if err := c.iface(s).DeleteTunnel(ctx); err != nil {
		return errc(1, err, "SIOCDIFPHYADDR")
	}
	return nil
}

func (c *ifconfig) tunnelStatus(ctx context.Context, i *rump.Interface) {
	src, dst, err := i.Tunnel(ctx)
	if err != nil || src == nil || dst == nil {
		return
	}
	family := "???"
	switch src.Family() {
	case netbsd.AF_INET:
		family = "inet"
	case netbsd.AF_INET6:
		family = "inet6"
	}
	c.printf("\ttunnel %s %s --> %s\n", family, c.endpoint(ctx, src), c.endpoint(ctx, dst))
}

// endpoint returns an end of a tunnel, with its port if that is not 0.
func (c *ifconfig) endpoint(ctx context.Context, sa netbsd.Sockaddr) string {
	port := netbsd.AddrPortOf(sa).Port()
	if sin6, ok := sa.(netbsd.SockaddrIn6); ok {
		sa = extractScope(sin6)
	}
	s := c.host(ctx, sa)
	if port != 0 {
		s += fmt.Sprintf(",%d", port)
	}
	return s
}

func (c *ifconfig) mediaKeywords(again ifParser) ifParser {
	word := func(key string, do ifDo) ifParser { return c.parseString(key, false, do, again) }
	inst := parseInt("mediainst", 10, 0, netbsd.IFM_INST_MAX, c.setMediaInst, again)
	once := func(keys ...string) []string { return keys }
	return keywords(ifKeyword{key: "anymedia"}, []ifKeyword{
		{word: "instance", val: true, after: "media", notAfter: once("mediainst"), next: inst},
		{word: "inst", val: true, after: "media", notAfter: once("mediainst"), next: inst},
		{word: "media", val: true, notAfter: once("anymedia", "media"), next: word("media", c.setMedia)},
		{word: "mediaopt", val: true, notAfter: once("instance", "mediaopt"), next: word("mediaopt", c.setMediaOpt)},
		{word: "-mediaopt", val: true, notAfter: once("media", "unmediaopt"), next: word("unmediaopt", c.unsetMediaOpt)},
		{word: "mode", val: true, notAfter: once("mode"), next: word("mediamode", c.setMediaMode)},
	})
}

// currentMedia asks for the media when a word needs it for the first time.
func (c *ifconfig) currentMedia(ctx context.Context, s ifSettings) error {
	if !s.has("initmedia") {
		if err := c.socket(ctx); err != nil {
			return err
		}
		m, err := c.iface(s).Media(ctx)
		if err != nil && !errors.Is(err, netbsd.E2BIG) {
			return errc(1, err, "SIOCGIFMEDIA")
		}
		c.mediaCurrent = m.Current
		c.learnt["initmedia"] = true
	}
	if c.mediaCurrent.Type() == 0 {
		return errx(1, "%s: no link type?", s.name())
	}
	return nil
}

func mediaError(m netbsd.Media, kind, word string) error {
	return errx(1, "unknown %s media %s: %s", m.TypeName(), kind, word)
}

func (c *ifconfig) setMedia(ctx context.Context, s ifSettings) error {
	if err := c.currentMedia(ctx, s); err != nil {
		return err
	}
	word := s["media"].(string)
	m, ok := netbsd.LookupMediaSubtype(c.mediaCurrent.Type(), word)
	if !ok {
		return mediaError(c.mediaCurrent, "subtype", word)
	}
	c.mediaCurrent = m | c.mediaCurrent&netbsd.IFM_IMASK
	return nil
}

func (c *ifconfig) mediaOptions(word string) (netbsd.Media, error) {
	var opts netbsd.Media
	for _, w := range strings.FieldsFunc(word, func(r rune) bool { return r == ',' }) {
		o, ok := netbsd.LookupMediaOption(c.mediaCurrent, w)
		if !ok {
			return 0, mediaError(c.mediaCurrent, "option", w)
		}
		opts |= o
	}
	return opts, nil
}

func (c *ifconfig) setMediaOpt(ctx context.Context, s ifSettings) error {
	err := c.currentMedia(ctx, s)
	if err == nil {
		c.mediaSet, err = c.mediaOptions(s["mediaopt"].(string))
	}
	return err
}

func (c *ifconfig) unsetMediaOpt(ctx context.Context, s ifSettings) error {
	err := c.currentMedia(ctx, s)
	if err == nil {
		c.mediaClear, err = c.mediaOptions(s["unmediaopt"].(string))
	}
	return err
}

func (c *ifconfig) setMediaInst(ctx context.Context, s ifSettings) error {
	if err := c.currentMedia(ctx, s); err != nil {
		return err
	}
	c.mediaCurrent = c.mediaCurrent&^netbsd.IFM_IMASK | netbsd.Media(s["mediainst"].(int64))<<netbsd.IFM_ISHIFT
	return nil
}

func (c *ifconfig) setMediaMode(ctx context.Context, s ifSettings) error {
	if err := c.currentMedia(ctx, s); err != nil {
		return err
	}
	word := s["mediamode"].(string)
	m, ok := netbsd.LookupMediaMode(c.mediaCurrent, word)
	if !ok {
		return mediaError(c.mediaCurrent, "mode", word)
	}
	c.mediaCurrent = c.mediaCurrent&^netbsd.IFM_MMASK | m
	return nil
}

// commitMedia selects the media that the words have put together.
func (c *ifconfig) commitMedia(ctx context.Context, s ifSettings) error {
	if !s.has("media") && !s.has("mediaopt") && !s.has("unmediaopt") && !s.has("mediamode") {
		return nil
	}
	if err := c.iface(s).SetMedia(ctx, (c.mediaCurrent|c.mediaSet)&^c.mediaClear); err != nil {
		return errc(1, err, "SIOCSIFMEDIA")
	}
	return nil
}

// mediaWord returns a media word with its options after opt.
func mediaWord(m netbsd.Media, opt string) string {
	s := m.SubtypeName()
	if mode := m.ModeName(); mode != "" {
		s += " mode " + mode
	}
	if names := m.OptionNames(); len(names) > 0 {
		s += opt + strings.Join(names, ",")
	}
	if n := m.Inst(); n != 0 {
		s += fmt.Sprintf(" instance %d", n)
	}
	return s
}

func (c *ifconfig) mediaStatus(ctx context.Context, i *rump.Interface) error {
	m, err := i.Media(ctx)
	if err != nil {
		return nil // an interface that knows nothing of media
	}
	if len(m.Supported) == 0 {
		c.warnx("%s: no media types?", i.Name())
		return nil
	}
	c.printf("\tmedia: %s %s", m.Current.TypeName(), mediaWord(m.Current, " "))
	if m.Active != m.Current {
		c.printf(" (%s)", mediaWord(m.Active, " "))
	}
	c.printf("\n")
	if m.Status&netbsd.IFM_STATUS_VALID != 0 {
		c.printf("\tstatus: %s\n", mediaState(m))
	}
	if !c.flags['m'] {
		return nil
	}
	for typ := netbsd.Media(netbsd.IFM_ETHER); typ <= netbsd.IFM_NMASK; typ += netbsd.IFM_ETHER {
		said := false
		for _, w := range m.Supported {
			if w.Type() != typ {
				continue
			}
			if !said {
				c.printf("\tsupported %s media:\n", typ.TypeName())
				said = true
			}
			c.printf("\t\tmedia %s\n", mediaWord(w, " mediaopt "))
		}
	}
	return nil
}

// mediaState says whether the interface is connected, in the words of its type.
func mediaState(m rump.Media) string {
	var words [2]string
	switch m.Current.Type() {
	case netbsd.IFM_ETHER, netbsd.IFM_IEEE80211:
		words = [2]string{"no carrier", "active"}
		if m.Current.Type() == netbsd.IFM_IEEE80211 {
			words[0] = "no network"
		}
	case netbsd.IFM_TOKEN, netbsd.IFM_FDDI:
		words = [2]string{"no ring", "inserted"}
	case netbsd.IFM_CARP:
		words = [2]string{"backup", "master"}
	default:
		return "unknown"
	}
	if m.Status&netbsd.IFM_ACTIVE != 0 {
		return words[1]
	}
	return words[0]
}
