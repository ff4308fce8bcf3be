package netbsd

import "strconv"

// Operations of modctl(2), from <sys/module.h>. The argument of MODCTL_LOAD is a
// [ModctlLoad], of MODCTL_UNLOAD a string, of MODCTL_STAT an [Iovec] with room for
// [Modstat], whose length the kernel sets to what all of them need.
const (
	MODCTL_LOAD   = 0
	MODCTL_UNLOAD = 1
	MODCTL_STAT   = 2
	MODCTL_EXISTS = 3
)

// A Modstat is a module of the kernel.
//
//	// sys/module.h
//	typedef struct {
//		char ms_name[32];
//		char ms_required[320];
//		uint64_t ms_addr;
//		modsrc_t ms_source;
//		modclass_t ms_class;
//		u_int ms_size;
//		u_int ms_refcnt;
//		u_int ms_flags;
//		u_int ms_reserved[3];
//	} modstat_t;
type Modstat struct {
	Name     string
	Required string
	Addr     uint64
	Source   int32
	Class    int32
	Size     uint32
	Refcnt   uint32
	Flags    uint32
}

// SizeofModstat is sizeof(modstat_t).
const SizeofModstat = 392

func (m *Modstat) layout(v view) {
	v.str(0, 32, &m.Name)
	v.str(32, 320, &m.Required)
	v.u64(352, &m.Addr)
	v.i32(360, &m.Source)
	v.i32(364, &m.Class)
	v.u32(368, &m.Size)
	v.u32(372, &m.Refcnt)
	v.u32(376, &m.Flags)
}

// Append appends m in C layout to b.
func (m Modstat) Append(b []byte) []byte { return appendStruct(b, SizeofModstat, &m) }

// ParseModstat reads a modstat_t from the front of b.
func ParseModstat(b []byte) (Modstat, error) {
	return parseStruct[Modstat](b, "modstat_t", SizeofModstat)
}

// ParseModstats reads all modules in b.
func ParseModstats(b []byte) ([]Modstat, error) {
	return parseArray[Modstat](b, "modstat_t", SizeofModstat)
}

// A ModctlLoad loads a module. Props are a property list.
//
//	// sys/module.h
//	typedef struct {
//		const char *ml_filename;
//		int ml_flags;
//		const char *ml_props;
//		size_t ml_propslen;
//	} modctl_load_t;
type ModctlLoad struct {
	Filename uint64
	Flags    int32
	Props    uint64
	Propslen uint64
}

// SizeofModctlLoad is sizeof(modctl_load_t).
const SizeofModctlLoad = 32

func (m *ModctlLoad) layout(v view) {
	v.u64(0, &m.Filename)
	v.i32(8, &m.Flags)
	v.u64(16, &m.Props)
	v.u64(24, &m.Propslen)
}

// Append appends m in C layout to b.
func (m ModctlLoad) Append(b []byte) []byte { return appendStruct(b, SizeofModctlLoad, &m) }

// ParseModctlLoad reads a modctl_load_t from the front of b.
func ParseModctlLoad(b []byte) (ModctlLoad, error) {
	return parseStruct[ModctlLoad](b, "modctl_load_t", SizeofModctlLoad)
}

// Flags of a ModctlLoad, from <sys/module.h>.
const (
	MODCTL_NO_PROP    = 0x2
	MODCTL_LOAD_FORCE = 0x1
)

// A ModuleClass is the kind of a module.
type ModuleClass int32

// Classes of modules, from <sys/module.h>.
const (
	MODULE_CLASS_ANY ModuleClass = iota
	MODULE_CLASS_MISC
	MODULE_CLASS_VFS
	MODULE_CLASS_DRIVER
	MODULE_CLASS_EXEC
	MODULE_CLASS_SECMODEL
)

// String is the class as modstat(8) says it.
func (c ModuleClass) String() string {
	names := [...]string{"any", "misc", "vfs", "driver", "exec", "secmodel"}
	if c >= 0 && int(c) < len(names) {
		return names[c]
	}
	return strconv.Itoa(int(c))
}

// A ModuleSource is where a module comes from.
type ModuleSource int32

// Sources of modules, from <sys/module.h>.
const (
	MODULE_SOURCE_KERNEL ModuleSource = iota
	MODULE_SOURCE_BOOT
	MODULE_SOURCE_FILESYS
)

// String is the source as modstat(8) says it.
func (s ModuleSource) String() string {
	names := [...]string{"builtin", "boot", "filesys"}
	if s >= 0 && int(s) < len(names) {
		return names[s]
	}
	return strconv.Itoa(int(s))
}
