package netbsd

// A Clockinfo is how often the clock ticks: kern.clockrate.
//
//	// sys/time.h
//	struct clockinfo {
//		int hz;
//		int tick;
//		int tickadj;
//		int stathz;
//		int profhz;
//	};
type Clockinfo struct {
	Hz      int32
	Tick    int32
	Tickadj int32
	Stathz  int32
	Profhz  int32
}

// SizeofClockinfo is sizeof(struct clockinfo).
const SizeofClockinfo = 20

func (c *Clockinfo) layout(v view) {
	v.i32(0, &c.Hz)
	v.i32(4, &c.Tick)
	v.i32(8, &c.Tickadj)
	v.i32(12, &c.Stathz)
	v.i32(16, &c.Profhz)
}

// Append appends c in C layout to b.
func (c Clockinfo) Append(b []byte) []byte { return appendStruct(b, SizeofClockinfo, &c) }

// ParseClockinfo reads a struct clockinfo from the front of b.
func ParseClockinfo(b []byte) (Clockinfo, error) {
	return parseStruct[Clockinfo](b, "struct clockinfo", SizeofClockinfo)
}

// A Loadavg is the number of processes that want to run, over the last 1, 5 and
// 15 minutes, in units of 1/Fscale: vm.loadavg.
//
//	// sys/resource.h
//	struct loadavg {
//		fixpt_t ldavg[3];
//		long fscale;
//	};
type Loadavg struct {
	Ldavg  [3]uint32
	Fscale int64
}

// SizeofLoadavg is sizeof(struct loadavg).
const SizeofLoadavg = 24

func (l *Loadavg) layout(v view) {
	for j := range l.Ldavg {
		v.u32(0+4*j, &l.Ldavg[j])
	}
	v.i64(16, &l.Fscale)
}

// Append appends l in C layout to b.
func (l Loadavg) Append(b []byte) []byte { return appendStruct(b, SizeofLoadavg, &l) }

// ParseLoadavg reads a struct loadavg from the front of b.
func ParseLoadavg(b []byte) (Loadavg, error) {
	return parseStruct[Loadavg](b, "struct loadavg", SizeofLoadavg)
}

// A Vmtotal counts processes and memory: vm.vmmeter.
//
//	// sys/vmmeter.h
//	struct vmtotal {
//		int16_t t_rq;
//		int16_t t_dw;
//		int16_t t_pw;
//		int16_t t_sl;
//		int16_t _reserved1;
//		int32_t t_vm;
//		int32_t t_avm;
//		int32_t t_rm;
//		int32_t t_arm;
//		int32_t t_vmshr;
//		int32_t t_avmshr;
//		int32_t t_rmshr;
//		int32_t t_armshr;
//		int32_t t_free;
//	};
type Vmtotal struct {
	Rq     int16
	Dw     int16
	Pw     int16
	Sl     int16
	Vm     int32
	Avm    int32
	Rm     int32
	Arm    int32
	Vmshr  int32
	Avmshr int32
	Rmshr  int32
	Armshr int32
	Free   int32
}

// SizeofVmtotal is sizeof(struct vmtotal).
const SizeofVmtotal = 48

func (s *Vmtotal) layout(v view) {
	v.i16(0, &s.Rq)
	v.i16(2, &s.Dw)
	v.i16(4, &s.Pw)
	v.i16(6, &s.Sl)
	v.i32(12, &s.Vm)
	v.i32(16, &s.Avm)
	v.i32(20, &s.Rm)
	v.i32(24, &s.Arm)
	v.i32(28, &s.Vmshr)
	v.i32(32, &s.Avmshr)
	v.i32(36, &s.Rmshr)
	v.i32(40, &s.Armshr)
	v.i32(44, &s.Free)
}

// Append appends s in C layout to b.
func (s Vmtotal) Append(b []byte) []byte { return appendStruct(b, SizeofVmtotal, &s) }

// ParseVmtotal reads a struct vmtotal from the front of b.
func ParseVmtotal(b []byte) (Vmtotal, error) {
	return parseStruct[Vmtotal](b, "struct vmtotal", SizeofVmtotal)
}

// A Uvmexp counts what the virtual memory does: vm.uvmexp2. Memory is in pages.
//
// The header is <uvm/uvm_extern.h>.
type Uvmexp struct {
	Pagesize          int64 // pagesize
	Pagemask          int64 // pagemask
	Pageshift         int64 // pageshift
	Npages            int64 // npages
	Free              int64 // free
	Active            int64 // active
	Inactive          int64 // inactive
	Paging            int64 // paging
	Wired             int64 // wired
	Zeropages         int64 // zeropages
	ReservePagedaemon int64 // reserve_pagedaemon
	ReserveKernel     int64 // reserve_kernel
	Freemin           int64 // freemin
	Freetarg          int64 // freetarg
	Inactarg          int64 // inactarg
	Wiredmax          int64 // wiredmax
	Nswapdev          int64 // nswapdev
	Swpages           int64 // swpages
	Swpginuse         int64 // swpginuse
	Swpgonly          int64 // swpgonly
	Nswget            int64 // nswget
	Cpuhit            int64 // cpuhit
	Cpumiss           int64 // cpumiss
	Faults            int64 // faults
	Traps             int64 // traps
	Intrs             int64 // intrs
	Swtch             int64 // swtch
	Softs             int64 // softs
	Syscalls          int64 // syscalls
	Pageins           int64 // pageins
	Swapins           int64 // swapins
	Swapouts          int64 // swapouts
	Pgswapin          int64 // pgswapin
	Pgswapout         int64 // pgswapout
	Forks             int64 // forks
	ForksPpwait       int64 // forks_ppwait
	ForksSharevm      int64 // forks_sharevm
	PgaZerohit        int64 // pga_zerohit
	PgaZeromiss       int64 // pga_zeromiss
	Zeroaborts        int64 // zeroaborts
	Fltnoram          int64 // fltnoram
	Fltnoanon         int64 // fltnoanon
	Fltpgwait         int64 // fltpgwait
	Fltpgrele         int64 // fltpgrele
	Fltrelck          int64 // fltrelck
	Fltrelckok        int64 // fltrelckok
	Fltanget          int64 // fltanget
	Fltanretry        int64 // fltanretry
	Fltamcopy         int64 // fltamcopy
	Fltnamap          int64 // fltnamap
	Fltnomap          int64 // fltnomap
	Fltlget           int64 // fltlget
	Fltget            int64 // fltget
	FltAnon           int64 // flt_anon
	FltAcow           int64 // flt_acow
	FltObj            int64 // flt_obj
	FltPrcopy         int64 // flt_prcopy
	FltPrzero         int64 // flt_przero
	Pdwoke            int64 // pdwoke
	Pdrevs            int64 // pdrevs
	Pdfreed           int64 // pdfreed
	Pdscans           int64 // pdscans
	Pdanscan          int64 // pdanscan
	Pdobscan          int64 // pdobscan
	Pdreact           int64 // pdreact
	Pdbusy            int64 // pdbusy
	Pdpageouts        int64 // pdpageouts
	Pdpending         int64 // pdpending
	Pddeact           int64 // pddeact
	Anonpages         int64 // anonpages
	Filepages         int64 // filepages
	Execpages         int64 // execpages
	Colorhit          int64 // colorhit
	Colormiss         int64 // colormiss
	Ncolors           int64 // ncolors
}

// SizeofUvmexp is sizeof(struct uvmexp_sysctl).
const SizeofUvmexp = 616

func (u *Uvmexp) layout(v view) {
	v.i64(0, &u.Pagesize)
	v.i64(8, &u.Pagemask)
	v.i64(16, &u.Pageshift)
	v.i64(24, &u.Npages)
	v.i64(32, &u.Free)
	v.i64(40, &u.Active)
	v.i64(48, &u.Inactive)
	v.i64(56, &u.Paging)
	v.i64(64, &u.Wired)
	v.i64(72, &u.Zeropages)
	v.i64(80, &u.ReservePagedaemon)
	v.i64(88, &u.ReserveKernel)
	v.i64(96, &u.Freemin)
	v.i64(104, &u.Freetarg)
	v.i64(112, &u.Inactarg)
	v.i64(120, &u.Wiredmax)
	v.i64(128, &u.Nswapdev)
	v.i64(136, &u.Swpages)
	v.i64(144, &u.Swpginuse)
	v.i64(152, &u.Swpgonly)
	v.i64(160, &u.Nswget)
	v.i64(176, &u.Cpuhit)
	v.i64(184, &u.Cpumiss)
	v.i64(192, &u.Faults)
	v.i64(200, &u.Traps)
	v.i64(208, &u.Intrs)
	v.i64(216, &u.Swtch)
	v.i64(224, &u.Softs)
	v.i64(232, &u.Syscalls)
	v.i64(240, &u.Pageins)
	v.i64(248, &u.Swapins)
	v.i64(256, &u.Swapouts)
	v.i64(264, &u.Pgswapin)
	v.i64(272, &u.Pgswapout)
	v.i64(280, &u.Forks)
	v.i64(288, &u.ForksPpwait)
	v.i64(296, &u.ForksSharevm)
	v.i64(304, &u.PgaZerohit)
	v.i64(312, &u.PgaZeromiss)
	v.i64(320, &u.Zeroaborts)
	v.i64(328, &u.Fltnoram)
	v.i64(336, &u.Fltnoanon)
	v.i64(344, &u.Fltpgwait)
	v.i64(352, &u.Fltpgrele)
	v.i64(360, &u.Fltrelck)
	v.i64(368, &u.Fltrelckok)
	v.i64(376, &u.Fltanget)
	v.i64(384, &u.Fltanretry)
	v.i64(392, &u.Fltamcopy)
	v.i64(400, &u.Fltnamap)
	v.i64(408, &u.Fltnomap)
	v.i64(416, &u.Fltlget)
	v.i64(424, &u.Fltget)
	v.i64(432, &u.FltAnon)
	v.i64(440, &u.FltAcow)
	v.i64(448, &u.FltObj)
	v.i64(456, &u.FltPrcopy)
	v.i64(464, &u.FltPrzero)
	v.i64(472, &u.Pdwoke)
	v.i64(480, &u.Pdrevs)
	v.i64(496, &u.Pdfreed)
	v.i64(504, &u.Pdscans)
	v.i64(512, &u.Pdanscan)
	v.i64(520, &u.Pdobscan)
	v.i64(528, &u.Pdreact)
	v.i64(536, &u.Pdbusy)
	v.i64(544, &u.Pdpageouts)
	v.i64(552, &u.Pdpending)
	v.i64(560, &u.Pddeact)
	v.i64(568, &u.Anonpages)
	v.i64(576, &u.Filepages)
	v.i64(584, &u.Execpages)
	v.i64(592, &u.Colorhit)
	v.i64(600, &u.Colormiss)
	v.i64(608, &u.Ncolors)
}

// Append appends u in C layout to b.
func (u Uvmexp) Append(b []byte) []byte { return appendStruct(b, SizeofUvmexp, &u) }

// ParseUvmexp reads a struct uvmexp_sysctl from the front of b.
func ParseUvmexp(b []byte) (Uvmexp, error) {
	return parseStruct[Uvmexp](b, "struct uvmexp_sysctl", SizeofUvmexp)
}

// A KinfoDriver is a device driver and its numbers, an element of kern.drivers.
// A number that it does not have is -1.
//
//	// sys/sysctl.h
//	struct kinfo_drivers {
//		devmajor_t d_cmajor;
//		devmajor_t d_bmajor;
//		char d_name[24];
//	};
type KinfoDriver struct {
	Cmajor int32
	Bmajor int32
	Name   string
}

// SizeofKinfoDriver is sizeof(struct kinfo_drivers).
const SizeofKinfoDriver = 32

func (k *KinfoDriver) layout(v view) {
	v.i32(0, &k.Cmajor)
	v.i32(4, &k.Bmajor)
	v.str(8, 24, &k.Name)
}

// Append appends k in C layout to b.
func (k KinfoDriver) Append(b []byte) []byte { return appendStruct(b, SizeofKinfoDriver, &k) }

// ParseKinfoDriver reads a struct kinfo_drivers from the front of b.
func ParseKinfoDriver(b []byte) (KinfoDriver, error) {
	return parseStruct[KinfoDriver](b, "struct kinfo_drivers", SizeofKinfoDriver)
}

// ParseKinfoDrivers reads all drivers in b.
func ParseKinfoDrivers(b []byte) ([]KinfoDriver, error) {
	return parseArray[KinfoDriver](b, "struct kinfo_drivers", SizeofKinfoDriver)
}

// An IoSysctl counts the transfers of a disk, an element of hw.iostats.
//
//	// sys/iostat.h
//	struct io_sysctl {
//		char name[16];
//		int32_t busy;
//		int32_t type;
//		u_int64_t xfer;
//		u_int64_t seek;
//		u_int64_t bytes;
//		u_int32_t attachtime_sec;
//		u_int32_t attachtime_usec;
//		u_int32_t timestamp_sec;
//		u_int32_t timestamp_usec;
//		u_int32_t time_sec;
//		u_int32_t time_usec;
//		u_int64_t rxfer;
//		u_int64_t rbytes;
//		u_int64_t wxfer;
//		u_int64_t wbytes;
//	};
type IoSysctl struct {
	Name           string
	Busy           int32
	Type           int32
	Xfer           uint64
	Seek           uint64
	Bytes          uint64
	AttachtimeSec  uint32
	AttachtimeUsec uint32
	TimestampSec   uint32
	TimestampUsec  uint32
	TimeSec        uint32
	TimeUsec       uint32
	Rxfer          uint64
	Rbytes         uint64
	Wxfer          uint64
	Wbytes         uint64
}

// SizeofIoSysctl is sizeof(struct io_sysctl).
const SizeofIoSysctl = 104

func (i *IoSysctl) layout(v view) {
	v.str(0, 16, &i.Name)
	v.i32(16, &i.Busy)
	v.i32(20, &i.Type)
	v.u64(24, &i.Xfer)
	v.u64(32, &i.Seek)
	v.u64(40, &i.Bytes)
	v.u32(48, &i.AttachtimeSec)
	v.u32(52, &i.AttachtimeUsec)
	v.u32(56, &i.TimestampSec)
	v.u32(60, &i.TimestampUsec)
	v.u32(64, &i.TimeSec)
	v.u32(68, &i.TimeUsec)
	v.u64(72, &i.Rxfer)
	v.u64(80, &i.Rbytes)
	v.u64(88, &i.Wxfer)
	v.u64(96, &i.Wbytes)
}

// Append appends i in C layout to b.
func (i IoSysctl) Append(b []byte) []byte { return appendStruct(b, SizeofIoSysctl, &i) }

// ParseIoSysctl reads a struct io_sysctl from the front of b.
func ParseIoSysctl(b []byte) (IoSysctl, error) {
	return parseStruct[IoSysctl](b, "struct io_sysctl", SizeofIoSysctl)
}

// ParseIoSysctls reads all disks in b.
func ParseIoSysctls(b []byte) ([]IoSysctl, error) {
	return parseArray[IoSysctl](b, "struct io_sysctl", SizeofIoSysctl)
}

// A Ntptimeval is what the clock thinks of itself: kern.ntptime.
//
//	// sys/timex.h
//	struct ntptimeval {
//		struct timespec time;
//		long maxerror;
//		long esterror;
//		long tai;
//		int time_state;
//	};
type Ntptimeval struct {
	Time      Timespec
	Maxerror  int64
	Esterror  int64
	Tai       int64
	TimeState int32
}

// SizeofNtptimeval is sizeof(struct ntptimeval).
const SizeofNtptimeval = 48

func (n *Ntptimeval) layout(v view) {
	n.Time.layout(v.at(0, SizeofTimespec))
	v.i64(16, &n.Maxerror)
	v.i64(24, &n.Esterror)
	v.i64(32, &n.Tai)
	v.i32(40, &n.TimeState)
}

// Append appends n in C layout to b.
func (n Ntptimeval) Append(b []byte) []byte { return appendStruct(b, SizeofNtptimeval, &n) }

// ParseNtptimeval reads a struct ntptimeval from the front of b.
func ParseNtptimeval(b []byte) (Ntptimeval, error) {
	return parseStruct[Ntptimeval](b, "struct ntptimeval", SizeofNtptimeval)
}
