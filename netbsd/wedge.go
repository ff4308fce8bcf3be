package netbsd

// A DkwedgeInfo is a wedge, a disk that is a part of another: [DIOCAWEDGE],
// [DIOCGWEDGEINFO], [DIOCDWEDGE]. Offset and size are in sectors of the parent.
//
//	// sys/disk.h
//	struct dkwedge_info {
//		char dkw_devname[16];
//		uint8_t dkw_wname[128];
//		char dkw_parent[16];
//		daddr_t dkw_offset;
//		uint64_t dkw_size;
//		char dkw_ptype[32];
//	};
type DkwedgeInfo struct {
	Devname string
	Wname   string
	Parent  string
	Offset  int64
	Size    uint64
	Ptype   string
}

// SizeofDkwedgeInfo is sizeof(struct dkwedge_info).
const SizeofDkwedgeInfo = 208

func (d *DkwedgeInfo) layout(v view) {
	v.str(0, 16, &d.Devname)
	v.str(16, 128, &d.Wname)
	v.str(144, 16, &d.Parent)
	v.i64(160, &d.Offset)
	v.u64(168, &d.Size)
	v.str(176, 32, &d.Ptype)
}

// Append appends d in C layout to b.
func (d DkwedgeInfo) Append(b []byte) []byte { return appendStruct(b, SizeofDkwedgeInfo, &d) }

// ParseDkwedgeInfo reads a struct dkwedge_info from the front of b.
func ParseDkwedgeInfo(b []byte) (DkwedgeInfo, error) {
	return parseStruct[DkwedgeInfo](b, "struct dkwedge_info", SizeofDkwedgeInfo)
}

// ParseDkwedgeInfos reads all wedges in b, the answer to a [DIOCLWEDGES].
func ParseDkwedgeInfos(b []byte) ([]DkwedgeInfo, error) {
	return parseArray[DkwedgeInfo](b, "struct dkwedge_info", SizeofDkwedgeInfo)
}

// A DkwedgeList asks for the wedges of a disk: [DIOCLWEDGES].
//
//	// sys/disk.h
//	struct dkwedge_list {
//		void *dkwl_buf;
//		size_t dkwl_bufsize;
//		u_int dkwl_nwedges;
//		u_int dkwl_ncopied;
//	};
type DkwedgeList struct {
	Buf     uint64
	Bufsize uint64
	Nwedges uint32
	Ncopied uint32
}

// SizeofDkwedgeList is sizeof(struct dkwedge_list).
const SizeofDkwedgeList = 24

func (d *DkwedgeList) layout(v view) {
	v.u64(0, &d.Buf)
	v.u64(8, &d.Bufsize)
	v.u32(16, &d.Nwedges)
	v.u32(20, &d.Ncopied)
}

// Append appends d in C layout to b.
func (d DkwedgeList) Append(b []byte) []byte { return appendStruct(b, SizeofDkwedgeList, &d) }

// ParseDkwedgeList reads a struct dkwedge_list from the front of b.
func ParseDkwedgeList(b []byte) (DkwedgeList, error) {
	return parseStruct[DkwedgeList](b, "struct dkwedge_list", SizeofDkwedgeList)
}

// A Plistref is a property list, in XML with its NUL: [DIOCGDISKINFO],
// [IOC_NPF_LOAD] and others.
//
//	// prop/plistref.h
//	struct plistref {
//		void *pref_plist;
//		size_t pref_len;
//	};
type Plistref struct {
	Plist uint64
	Len   uint64
}

// SizeofPlistref is sizeof(struct plistref).
const SizeofPlistref = 16

func (p *Plistref) layout(v view) {
	v.u64(0, &p.Plist)
	v.u64(8, &p.Len)
}

// Append appends p in C layout to b.
func (p Plistref) Append(b []byte) []byte { return appendStruct(b, SizeofPlistref, &p) }

// ParsePlistref reads a struct plistref from the front of b.
func ParsePlistref(b []byte) (Plistref, error) {
	return parseStruct[Plistref](b, "struct plistref", SizeofPlistref)
}
