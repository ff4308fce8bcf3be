package rumpctrl

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ifconfig's words for wireless interfaces. A rump kernel has none: it says so, of
// each interface, in its own words.

func (c *ifconfig) wirelessKeywords(again ifParser) ifParser {
	number := func(key string, lo, hi int64, do ifDo) ifParser { return parseInt(key, 10, lo, hi, do, again) }
	chanDo := c.withSocket(func(ctx context.Context, s ifSettings) error {
		if err := c.iface(s).SetChannel(ctx, uint16(s["chan"].(int64))); err != nil {
			return errc(1, err, "SIOCS80211CHANNEL")
		}
		return nil
	})
	rts := c.setThreshold("rts", netbsd.IEEE80211_IOC_RTSTHRESHOLD, "IEEE80211_IOC_RTSTHRESHOLD")
	frag := c.setThreshold("frag", netbsd.IEEE80211_IOC_FRAGTHRESHOLD, "IEEE80211_IOC_FRAGTHRESHOLD")
	ssid := c.parseString("ssid", true, c.withSocket(c.setSSID), again)
	return keywords(ifKeyword{next: again}, []ifKeyword{
		{word: "hidessid", neg: true, key: "hidessid", val: int64(1), negVal: int64(0), do: c.setWireless("hidessid", netbsd.IEEE80211_IOC_HIDESSID)},
		{word: "apbridge", neg: true, key: "apbridge", val: int64(1), negVal: int64(0), do: c.setWireless("apbridge", netbsd.IEEE80211_IOC_APBRIDGE)},
		{word: "powersave", neg: true, key: "powersave", val: int64(1), negVal: int64(0), do: c.withSocket(c.setPowerSave)},
		{word: "powersavesleep", next: number("powersavesleep", 0, math.MaxInt32, c.withSocket(c.setPowerSave))},
		{word: "bssid", next: c.parseString("bssid", false, c.withSocket(c.setBSSID), again)},
		{word: "-bssid", key: "bssid", val: "00:00:00:00:00:00", do: c.withSocket(c.setBSSID)},
		{word: "chan", next: number("chan", 0, math.MaxUint16, chanDo)},
		{word: "-chan", key: "chan", val: int64(netbsd.IEEE80211_CHAN_ANY), do: chanDo},
		{word: "frag", next: number("frag", netbsd.IEEE80211_FRAG_MIN, netbsd.IEEE80211_FRAG_MAX, frag)},
		{word: "-frag", key: "frag", val: int64(netbsd.IEEE80211_FRAG_MAX), do: frag},
		{word: "rts", next: number("rts", netbsd.IEEE80211_RTS_MIN, netbsd.IEEE80211_RTS_MAX, rts)},
		{word: "-rts", key: "rts", val: int64(netbsd.IEEE80211_RTS_MAX), do: rts},
		{word: "list", next: keywords(ifKeyword{next: again}, []ifKeyword{{word: "scan", do: c.withSocket(c.listScan)}})},
		{word: "nwid", next: ssid},
		{word: "ssid", next: ssid},
		{word: "nwkey", next: c.parseString("nwkey", false, c.withSocket(c.setNwkey), again)},
		{word: "-nwkey", do: c.withSocket(c.clearNwkey)},
	})
}

// setWireless is what a word does whose number the kernel knows by a type.
func (c *ifconfig) setWireless(key string, typ uint16) ifDo {
	return c.withSocket(func(ctx context.Context, s ifSettings) error {
		err := c.iface(s).SetWireless(ctx, typ, int16(s[key].(int64)))
		if err != nil {
			c.warn(err, "SIOCS80211")
		}
		return err
	})
}

// setThreshold is setWireless for a word that gives up itself.
func (c *ifconfig) setThreshold(key string, typ uint16, name string) ifDo {
	set := c.setWireless(key, typ)
	return func(ctx context.Context, s ifSettings) error {
		var x *exit
		if err := set(ctx, s); err != nil && !errors.As(err, &x) {
			return errc(1, err, "%s", name)
		} else if err != nil {
			return err
		}
		return nil
	}
}

func (c *ifconfig) setSSID(ctx context.Context, s ifSettings) error {
	name := s["ssid"].(string)
	if len(name) > netbsd.IEEE80211_NWID_LEN {
		return errx(1, "setifssid: SSID too long")
	}
	if err := c.iface(s).SetSSID(ctx, name); err != nil {
		return errc(1, err, "SIOCS80211NWID")
	}
	return nil
}

func (c *ifconfig) setBSSID(ctx context.Context, s ifSettings) error {
	const room = 24
	word := s["bssid"].(string)
	if len(word) >= room {
		return errx(1, "setifbssid: BSSID too long")
	}
	mac, ok := etherAton(word)
	if !ok {
		return errx(1, "malformed BSSID: %s", word)
	}
	if err := c.iface(s).SetBSSID(ctx, [6]byte(mac)); err != nil {
		return errc(1, err, "SIOCS80211BSSID")
	}
	return nil
}

// setPowerSave changes what the word is about and leaves the rest as it is.
func (c *ifconfig) setPowerSave(ctx context.Context, s ifSettings) error {
	p, err := c.iface(s).PowerSave(ctx)
	if err != nil {
		return errc(1, err, "SIOCG80211POWER")
	}
	if on, ok := s["powersave"].(int64); ok {
		p.Enabled = int32(on)
	}
	if ms, ok := s["powersavesleep"].(int64); ok {
		p.Maxsleep = int32(ms)
	}
	if err := c.iface(s).SetPowerSave(ctx, p); err != nil {
		return errc(1, err, "SIOCS80211POWER")
	}
	return nil
}

func (c *ifconfig) clearNwkey(ctx context.Context, s ifSettings) error {
	return c.sendNwkey(ctx, s, netbsd.Ieee80211Nwkey{Defkid: 1}, nil)
}

// wepKeyRoom is how long a WEP key can be.
const wepKeyRoom = 16

// setNwkey sets WEP keys: one, "N:" and four of which the Nth is used, either of
// them after "persist:" to be kept by the card, or "persist" for those it has kept.
func (c *ifconfig) setNwkey(ctx context.Context, s ifSettings) error {
	word := s["nwkey"].(string)
	r := netbsd.Ieee80211Nwkey{Wepon: netbsd.IEEE80211_NWKEY_WEP, Defkid: 1}
	if strings.EqualFold(word, "persist") {
		r.Wepon |= netbsd.IEEE80211_NWKEY_PERSIST
		r.Defkid = 0
		for i := range r.Keylen {
			r.Keylen[i] = -1
		}
		return c.sendNwkey(ctx, s, r, nil)
	}
	const persist = "persist:"
	if len(word) >= len(persist) && strings.EqualFold(word[:len(persist)], persist) {
		word = word[len(persist):]
		r.Wepon |= netbsd.IEEE80211_NWKEY_PERSIST
	}
	words := []string{word}
	if len(word) > 1 && word[0] >= '0' && word[0] <= '9' && word[1] == ':' {
		r.Defkid = int32(word[0] - '0')
		words = strings.SplitN(word[2:], ",", netbsd.IEEE80211_WEP_NKID+1)
	}
	var keys [][]byte
	for _, w := range words[:min(len(words), netbsd.IEEE80211_WEP_NKID)] {
		key, ok := c.getString(w, true, wepKeyRoom)
		if !ok {
			return netbsd.EINVAL
		}
		keys = append(keys, []byte(key))
	}
	if len(words) > netbsd.IEEE80211_WEP_NKID && words[len(words)-1] != "" {
		return errx(1, "SIOCS80211NWKEY: too many keys.")
	}
	return c.sendNwkey(ctx, s, r, keys)
}

func (c *ifconfig) sendNwkey(ctx context.Context, s ifSettings, r netbsd.Ieee80211Nwkey, keys [][]byte) error {
	var four [netbsd.IEEE80211_WEP_NKID][]byte
	copy(four[:], keys)
	if err := c.iface(s).SetWEP(ctx, r, four); err != nil {
		return errc(1, err, "SIOCS80211NWKEY")
	}
	return nil
}

// listScan asks for a scan, and for what it has found.
func (c *ifconfig) listScan(ctx context.Context, s ifSettings) error {
	f, err := c.iface(s).Flags(ctx)
	if err != nil {
		c.warn(err, "ioctl(SIOCGIFFLAGS)")
		return err
	}
	if f&netbsd.IFF_UP == 0 {
		return errx(1, "The interface must be up before scanning.")
	}
	if err := c.iface(s).SetWireless(ctx, netbsd.IEEE80211_IOC_SCAN_REQ, 0); err != nil {
		c.warn(err, "SIOCS80211")
	}
	return errx(1, "unable to get scan results")
}
