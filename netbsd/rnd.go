package netbsd

// An Rndsource is a source of entropy. Total counts bits.
//
//	// sys/rndio.h
//	typedef struct {
//		char name[16];
//		uint32_t total;
//		uint32_t type;
//		uint32_t flags;
//	} rndsource_t;
type Rndsource struct {
	Name  string
	Total uint32
	Type  uint32
	Flags uint32
}

// SizeofRndsource is sizeof(rndsource_t).
const SizeofRndsource = 28

func (r *Rndsource) layout(v view) {
	v.chars(0, 16, &r.Name)
	v.u32(16, &r.Total)
	v.u32(20, &r.Type)
	v.u32(24, &r.Flags)
}

// Append appends r in C layout to b.
func (r Rndsource) Append(b []byte) []byte { return appendStruct(b, SizeofRndsource, &r) }

// ParseRndsource reads a rndsource_t from the front of b.
func ParseRndsource(b []byte) (Rndsource, error) {
	return parseStruct[Rndsource](b, "rndsource_t", SizeofRndsource)
}

// An RndsourceEst is a source of entropy and how its estimates are made.
//
//	// sys/rndio.h
//	typedef struct {
//		rndsource_t rt;
//		uint32_t    dt_samples; /* time-delta samples input */
//		uint32_t    dt_total;   /* time-delta entropy estimate */
//		uint32_t    dv_samples; /* value-delta samples input */
//		uint32_t    dv_total;   /* value-delta entropy estimate */
//	} rndsource_est_t;
type RndsourceEst struct {
	Rt        Rndsource
	DtSamples uint32
	DtTotal   uint32
	DvSamples uint32
	DvTotal   uint32
}

// SizeofRndsourceEst is sizeof(rndsource_est_t).
const SizeofRndsourceEst = 44

func (r *RndsourceEst) layout(v view) {
	r.Rt.layout(v.at(0, SizeofRndsource))
	v.u32(28, &r.DtSamples)
	v.u32(32, &r.DtTotal)
	v.u32(36, &r.DvSamples)
	v.u32(40, &r.DvTotal)
}

// Append appends r in C layout to b.
func (r RndsourceEst) Append(b []byte) []byte { return appendStruct(b, SizeofRndsourceEst, &r) }

// ParseRndsourceEst reads a rndsource_est_t from the front of b.
func ParseRndsourceEst(b []byte) (RndsourceEst, error) {
	return parseStruct[RndsourceEst](b, "rndsource_est_t", SizeofRndsourceEst)
}

// An Rndctl changes a source of entropy, or all of a type: [RNDCTL]. A type of
// 0xff means none: then the name counts.
//
//	// sys/rndio.h
//	typedef struct {
//		char name[16];
//		uint32_t type;
//		uint32_t flags;
//		uint32_t mask;
//	} rndctl_t;
type Rndctl struct {
	Name  string
	Type  uint32
	Flags uint32
	Mask  uint32
}

// SizeofRndctl is sizeof(rndctl_t).
const SizeofRndctl = 28

func (r *Rndctl) layout(v view) {
	v.chars(0, 16, &r.Name)
	v.u32(16, &r.Type)
	v.u32(20, &r.Flags)
	v.u32(24, &r.Mask)
}

// Append appends r in C layout to b.
func (r Rndctl) Append(b []byte) []byte { return appendStruct(b, SizeofRndctl, &r) }

// ParseRndctl reads a rndctl_t from the front of b.
func ParseRndctl(b []byte) (Rndctl, error) { return parseStruct[Rndctl](b, "rndctl_t", SizeofRndctl) }

// RND_MAXSTATCOUNT is how many sources one request asks for at most.
const RND_MAXSTATCOUNT = 10

// An Rndstat asks for Count sources from Start on: [RNDGETSRCNUM]. In the
// answer Count is how many there are, which is 0 after the last.
//
//	// sys/rndio.h
//	typedef struct {
//		uint32_t    start;
//		uint32_t    count;
//		rndsource_t source[RND_MAXSTATCOUNT];
//	} rndstat_t;
type Rndstat struct {
	Start  uint32
	Count  uint32
	Source [RND_MAXSTATCOUNT]Rndsource
}

// SizeofRndstat is sizeof(rndstat_t).
const SizeofRndstat = 288

func (r *Rndstat) layout(v view) {
	v.u32(0, &r.Start)
	v.u32(4, &r.Count)
	for i := range r.Source {
		r.Source[i].layout(v.at(8+i*SizeofRndsource, SizeofRndsource))
	}
}

// Append appends r in C layout to b.
func (r Rndstat) Append(b []byte) []byte { return appendStruct(b, SizeofRndstat, &r) }

// ParseRndstat reads a rndstat_t from the front of b.
func ParseRndstat(b []byte) (Rndstat, error) {
	return parseStruct[Rndstat](b, "rndstat_t", SizeofRndstat)
}

// An RndstatEst is an Rndstat with estimates: [RNDGETESTNUM].
//
//	// sys/rndio.h
//	typedef struct {
//		uint32_t        start;
//		uint32_t        count;
//		rndsource_est_t source[RND_MAXSTATCOUNT];
//	} rndstat_est_t;
type RndstatEst struct {
	Start  uint32
	Count  uint32
	Source [RND_MAXSTATCOUNT]RndsourceEst
}

// SizeofRndstatEst is sizeof(rndstat_est_t).
const SizeofRndstatEst = 448

func (r *RndstatEst) layout(v view) {
	v.u32(0, &r.Start)
	v.u32(4, &r.Count)
	for i := range r.Source {
		r.Source[i].layout(v.at(8+i*SizeofRndsourceEst, SizeofRndsourceEst))
	}
}

// Append appends r in C layout to b.
func (r RndstatEst) Append(b []byte) []byte { return appendStruct(b, SizeofRndstatEst, &r) }

// ParseRndstatEst reads a rndstat_est_t from the front of b.
func ParseRndstatEst(b []byte) (RndstatEst, error) {
	return parseStruct[RndstatEst](b, "rndstat_est_t", SizeofRndstatEst)
}

// An Rndpoolstat is the state of the pool: [RNDGETPOOLSTAT]. Entropy is in bits,
// the size of the pool in words of 32 bits.
//
//	// sys/rndio.h
//	typedef struct {
//		uint32_t poolsize;
//		uint32_t threshold;
//		uint32_t maxentropy;
//		uint32_t added;
//		uint32_t curentropy;
//		uint32_t removed;
//		uint32_t discarded;
//		uint32_t generated;
//	} rndpoolstat_t;
type Rndpoolstat struct {
	Poolsize   uint32
	Threshold  uint32
	Maxentropy uint32
	Added      uint32
	Curentropy uint32
	Removed    uint32
	Discarded  uint32
	Generated  uint32
}

// SizeofRndpoolstat is sizeof(rndpoolstat_t).
const SizeofRndpoolstat = 32

func (r *Rndpoolstat) layout(v view) {
	v.u32(0, &r.Poolsize)
	v.u32(4, &r.Threshold)
	v.u32(8, &r.Maxentropy)
	v.u32(12, &r.Added)
	v.u32(16, &r.Curentropy)
	v.u32(20, &r.Removed)
	v.u32(24, &r.Discarded)
	v.u32(28, &r.Generated)
}

// Append appends r in C layout to b.
func (r Rndpoolstat) Append(b []byte) []byte { return appendStruct(b, SizeofRndpoolstat, &r) }

// ParseRndpoolstat reads a rndpoolstat_t from the front of b.
func ParseRndpoolstat(b []byte) (Rndpoolstat, error) {
	return parseStruct[Rndpoolstat](b, "rndpoolstat_t", SizeofRndpoolstat)
}

// An Rnddata adds to the pool: [RNDADDDATA].
//
//	// sys/rndio.h
//	typedef struct {
//		uint32_t len;
//		uint32_t entropy;
//		u_char data[512];
//	} rnddata_t;
type Rnddata struct {
	Len     uint32
	Entropy uint32
	Data    [512]byte
}

// SizeofRnddata is sizeof(rnddata_t).
const SizeofRnddata = 520

func (r *Rnddata) layout(v view) {
	v.u32(0, &r.Len)
	v.u32(4, &r.Entropy)
	v.bytes(8, r.Data[:])
}

// Append appends r in C layout to b.
func (r Rnddata) Append(b []byte) []byte { return appendStruct(b, SizeofRnddata, &r) }

// ParseRnddata reads a rnddata_t from the front of b.
func ParseRnddata(b []byte) (Rnddata, error) {
	return parseStruct[Rnddata](b, "rnddata_t", SizeofRnddata)
}

// Types of sources, from <sys/rndio.h>.
const (
	RND_TYPE_UNKNOWN = 0
	RND_TYPE_DISK    = 1
	RND_TYPE_NET     = 2
	RND_TYPE_TAPE    = 3
	RND_TYPE_TTY     = 4
	RND_TYPE_RNG     = 5
	RND_TYPE_SKEW    = 6
	RND_TYPE_ENV     = 7
	RND_TYPE_VM      = 8
	RND_TYPE_POWER   = 9
	RND_TYPE_MAX     = 9
)

// RndTypeName is a type of source as rndctl(8) says it: "???" for an unknown one,
// and false for a number that is no type.
func RndTypeName(t uint32) (string, bool) {
	if int(t) >= len(rndTypes) {
		return rndTypes[RND_TYPE_UNKNOWN], false
	}
	return rndTypes[t], true
}

// LookupRndType finds a type of source by its name.
func LookupRndType(name string) (uint32, bool) {
	for t, n := range rndTypes {
		if n == name {
			return uint32(t), true
		}
	}
	return 0, false
}

var rndTypes = [...]string{
	RND_TYPE_UNKNOWN: "???",
	RND_TYPE_DISK:    "disk",
	RND_TYPE_NET:     "net",
	RND_TYPE_TAPE:    "tape",
	RND_TYPE_TTY:     "tty",
	RND_TYPE_RNG:     "rng",
	RND_TYPE_SKEW:    "skew",
	RND_TYPE_ENV:     "env",
	RND_TYPE_VM:      "vm",
	RND_TYPE_POWER:   "power",
}

// Flags of sources, from <sys/rndio.h>.
const (
	RND_FLAG_NO_ESTIMATE    = 0x100
	RND_FLAG_NO_COLLECT     = 0x200
	RND_FLAG_FAST           = 0x400
	RND_FLAG_HASCB          = 0x800
	RND_FLAG_COLLECT_TIME   = 0x1000
	RND_FLAG_COLLECT_VALUE  = 0x2000
	RND_FLAG_ESTIMATE_TIME  = 0x4000
	RND_FLAG_ESTIMATE_VALUE = 0x8000
	RND_FLAG_HASENABLE      = 0x10000
	RND_FLAG_DEFAULT        = 28672
)
