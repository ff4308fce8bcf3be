package rump

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// What wireless interfaces are told: ieee80211(9). Others refuse with ENOTTY.

// SetWireless sets a setting of a type, such as
// [netbsd.IEEE80211_IOC_HIDESSID], to a number.
func (i *Interface) SetWireless(ctx context.Context, typ uint16, val int16) error {
	r := netbsd.Ieee80211req{Type: typ, Val: val}
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCS80211, r.Append(nil))
}

// SetSSID sets the name of the network.
func (i *Interface) SetSSID(ctx context.Context, name string) error {
	n := netbsd.Ieee80211Nwid{Len: uint8(min(len(name), netbsd.IEEE80211_NWID_LEN))}
	copy(n.Nwid[:], name)
	return i.IoctlData(ctx, netbsd.SIOCS80211NWID, n.Append(nil))
}

// SetBSSID sets the only station to speak with; one of zeros means any.
func (i *Interface) SetBSSID(ctx context.Context, bssid [6]byte) error {
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCS80211BSSID, netbsd.Ieee80211Bssid{Bssid: bssid}.Append(nil))
}

// SetChannel sets the channel, or [netbsd.IEEE80211_CHAN_ANY].
func (i *Interface) SetChannel(ctx context.Context, channel uint16) error {
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCS80211CHANNEL, netbsd.Ieee80211chanreq{Channel: channel}.Append(nil))
}

// SetWEP sets the WEP keys as r says. The keys take the place of r's pointers; the
// length of one that r has already as negative stays so, which leaves that key alone.
func (i *Interface) SetWEP(ctx context.Context, r netbsd.Ieee80211Nwkey, keys [netbsd.IEEE80211_WEP_NKID][]byte) error {
	return i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, netbsd.SIOCS80211NWKEY, i.name, func(c *sysproxy.Call) []byte {
		r.Name = i.name
		for n, key := range keys {
			if r.Keylen[n] >= 0 && len(key) > 0 {
				r.Keylen[n], r.Keydat[n] = int32(len(key)), c.Lend(key, sysproxy.Read)
			}
		}
		return r.Append(nil)
	})
}

// PowerSave returns how the interface saves power.
func (i *Interface) PowerSave(ctx context.Context) (netbsd.Ieee80211Power, error) {
	b := netbsd.Ieee80211Power{}.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCG80211POWER, b); err != nil {
		return netbsd.Ieee80211Power{}, err
	}
	return netbsd.ParseIeee80211Power(b)
}

// SetPowerSave sets how the interface saves power.
func (i *Interface) SetPowerSave(ctx context.Context, p netbsd.Ieee80211Power) error {
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCS80211POWER, p.Append(nil))
}
