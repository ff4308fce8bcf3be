package netbsd

import "testing"

func TestMedia(t *testing.T) {
	for _, tt := range []struct {
		m         Media
		typ, text string
	}{
		{IFM_ETHER | IFM_AUTO, "Ethernet", "autoselect"},
		{IFM_ETHER | IFM_100_TX | IFM_FDX, "Ethernet", "100baseTX full-duplex"},
		{IFM_ETHER | IFM_1000_T | IFM_FDX | IFM_ETH_RXPAUSE | IFM_FLOW, "Ethernet", "1000baseT full-duplex,flowcontrol,rxpause"},
		{IFM_IEEE80211 | IFM_IEEE80211_OFDM54 | IFM_IEEE80211_11G | IFM_IEEE80211_HOSTAP, "IEEE802.11", "OFDM54 mode 11g hostap"},
		{IFM_ETHER | IFM_NONE, "Ethernet", "none"},
		{0, "<unknown type>", "autoselect"},
		{IFM_ETHER | 0x1f, "Ethernet", "<unknown subtype>"},
	} {
		if tt.m.TypeName() != tt.typ || tt.m.String() != tt.text {
			t.Errorf("0x%x: %q, %q, want %q, %q", uint32(tt.m), tt.m.TypeName(), tt.m, tt.typ, tt.text)
		}
	}
	if m, ok := LookupMediaSubtype(IFM_ETHER, "100TX"); !ok || m != IFM_ETHER|IFM_100_TX {
		t.Errorf("100TX is 0x%x, %v", uint32(m), ok)
	}
	if m, ok := LookupMediaSubtype(IFM_ETHER, "100baseTX-FDX"); !ok || m != IFM_ETHER|IFM_100_TX|IFM_FDX {
		t.Errorf("100baseTX-FDX is 0x%x, %v", uint32(m), ok)
	}
	if m, ok := LookupMediaSubtype(IFM_ETHER, "OFDM6"); ok {
		t.Errorf("Ethernet has OFDM6: 0x%x", uint32(m))
	}
	if m, ok := LookupMediaOption(IFM_ETHER, "fdx"); !ok || m != IFM_FDX {
		t.Errorf("fdx is 0x%x, %v", uint32(m), ok)
	}
}
