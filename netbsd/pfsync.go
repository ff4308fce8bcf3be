package netbsd

// A Pfsyncreq is what a pfsync(4) interface does: [SIOCSETPFSYNC],
// [SIOCGETPFSYNC]. The data of an [Ifreq] point to it.
//
//	// net/if_pfsync.h
//	struct pfsyncreq {
//		char pfsyncr_syncdev[16];
//		struct in_addr pfsyncr_syncpeer;
//		int pfsyncr_maxupdates;
//		int pfsyncr_authlevel;
//	};
type Pfsyncreq struct {
	Syncdev    string
	Syncpeer   [4]byte
	Maxupdates int32
	Authlevel  int32
}

// SizeofPfsyncreq is sizeof(struct pfsyncreq).
const SizeofPfsyncreq = 28

func (p *Pfsyncreq) layout(v view) {
	v.str(0, 16, &p.Syncdev)
	v.bytes(16, p.Syncpeer[:])
	v.i32(20, &p.Maxupdates)
	v.i32(24, &p.Authlevel)
}

// Append appends p in C layout to b.
func (p Pfsyncreq) Append(b []byte) []byte { return appendStruct(b, SizeofPfsyncreq, &p) }

// ParsePfsyncreq reads a struct pfsyncreq from the front of b.
func ParsePfsyncreq(b []byte) (Pfsyncreq, error) {
	return parseStruct[Pfsyncreq](b, "struct pfsyncreq", SizeofPfsyncreq)
}
