package netbsd

// An NpfIoctlTable changes a table of the packet filter or looks into it:
// [IOC_NPF_TABLE]. Data is the union: an entry or a buffer.
//
//	// net/npf/npf.h
//	struct npf_ioctl_table {
//		int nct_cmd;
//		const char *nct_name;
//		union {...} nct_data;
//	};
type NpfIoctlTable struct {
	Cmd  int32
	Name uint64
	Data [24]byte
}

// SizeofNpfIoctlTable is sizeof(struct npf_ioctl_table).
const SizeofNpfIoctlTable = 40

func (n *NpfIoctlTable) layout(v view) {
	v.i32(0, &n.Cmd)
	v.u64(8, &n.Name)
	v.bytes(16, n.Data[:])
}

// Append appends n in C layout to b.
func (n NpfIoctlTable) Append(b []byte) []byte { return appendStruct(b, SizeofNpfIoctlTable, &n) }

// ParseNpfIoctlTable reads a struct npf_ioctl_table from the front of b.
func ParseNpfIoctlTable(b []byte) (NpfIoctlTable, error) {
	return parseStruct[NpfIoctlTable](b, "struct npf_ioctl_table", SizeofNpfIoctlTable)
}

// NPF_VERSION is what [IOC_NPF_VERSION] answers, from <net/npf/npf.h>.
const (
	NPF_VERSION    = 17
	NPF_STATS_SIZE = 168
)
