package netbsd

// A Vlanreq is what a vlan(4) interface does: [SIOCSETVLAN], [SIOCGETVLAN]. The
// data of an [Ifreq] point to it. An empty parent detaches the interface.
//
//	// net/if_vlanvar.h
//	struct vlanreq {
//		char vlr_parent[16];
//		u_short vlr_tag;
//	};
type Vlanreq struct {
	Parent string
	Tag    uint16
}

// SizeofVlanreq is sizeof(struct vlanreq).
const SizeofVlanreq = 18

func (s *Vlanreq) layout(v view) {
	v.str(0, 16, &s.Parent)
	v.u16(16, &s.Tag)
}

// Append appends s in C layout to b.
func (s Vlanreq) Append(b []byte) []byte { return appendStruct(b, SizeofVlanreq, &s) }

// ParseVlanreq reads a struct vlanreq from the front of b.
func ParseVlanreq(b []byte) (Vlanreq, error) {
	return parseStruct[Vlanreq](b, "struct vlanreq", SizeofVlanreq)
}
