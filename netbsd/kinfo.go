package netbsd

// A KinfoProc2 is a process, an element of kern.proc2, whose name goes on with
// one of KERN_PROC_*, its argument, SizeofKinfoProc2 and the number of elements
// that there is room for.
//
// The header is <sys/sysctl.h>.
type KinfoProc2 struct {
	Forw        uint64     // p_forw
	Back        uint64     // p_back
	Paddr       uint64     // p_paddr
	Addr        uint64     // p_addr
	Fd          uint64     // p_fd
	Cwdi        uint64     // p_cwdi
	Stats       uint64     // p_stats
	Limit       uint64     // p_limit
	Vmspace     uint64     // p_vmspace
	Sigacts     uint64     // p_sigacts
	Sess        uint64     // p_sess
	Tsess       uint64     // p_tsess
	Ru          uint64     // p_ru
	Eflag       int32      // p_eflag
	Exitsig     int32      // p_exitsig
	Flag        int32      // p_flag
	Pid         int32      // p_pid
	Ppid        int32      // p_ppid
	Sid         int32      // p_sid
	Pgid        int32      // p__pgid
	Tpgid       int32      // p_tpgid
	Uid         uint32     // p_uid
	Ruid        uint32     // p_ruid
	Gid         uint32     // p_gid
	Rgid        uint32     // p_rgid
	Groups      [16]uint32 // p_groups
	Ngroups     int16      // p_ngroups
	Jobc        int16      // p_jobc
	Tdev        uint32     // p_tdev
	Estcpu      uint32     // p_estcpu
	RtimeSec    uint32     // p_rtime_sec
	RtimeUsec   uint32     // p_rtime_usec
	Cpticks     int32      // p_cpticks
	Pctcpu      uint32     // p_pctcpu
	Swtime      uint32     // p_swtime
	Slptime     uint32     // p_slptime
	Schedflags  int32      // p_schedflags
	Uticks      uint64     // p_uticks
	Sticks      uint64     // p_sticks
	Iticks      uint64     // p_iticks
	Tracep      uint64     // p_tracep
	Traceflag   int32      // p_traceflag
	Holdcnt     int32      // p_holdcnt
	Siglist     [16]byte   // p_siglist
	Sigmask     [16]byte   // p_sigmask
	Sigignore   [16]byte   // p_sigignore
	Sigcatch    [16]byte   // p_sigcatch
	Stat        int8       // p_stat
	Priority    uint8      // p_priority
	Usrpri      uint8      // p_usrpri
	Nice        uint8      // p_nice
	Xstat       uint16     // p_xstat
	Acflag      uint16     // p_acflag
	Comm        string     // p_comm
	Wmesg       string     // p_wmesg
	Wchan       uint64     // p_wchan
	Login       string     // p_login
	VmRssize    int32      // p_vm_rssize
	VmTsize     int32      // p_vm_tsize
	VmDsize     int32      // p_vm_dsize
	VmSsize     int32      // p_vm_ssize
	Uvalid      int64      // p_uvalid
	UstartSec   uint32     // p_ustart_sec
	UstartUsec  uint32     // p_ustart_usec
	UutimeSec   uint32     // p_uutime_sec
	UutimeUsec  uint32     // p_uutime_usec
	UstimeSec   uint32     // p_ustime_sec
	UstimeUsec  uint32     // p_ustime_usec
	UruMaxrss   uint64     // p_uru_maxrss
	UruIxrss    uint64     // p_uru_ixrss
	UruIdrss    uint64     // p_uru_idrss
	UruIsrss    uint64     // p_uru_isrss
	UruMinflt   uint64     // p_uru_minflt
	UruMajflt   uint64     // p_uru_majflt
	UruNswap    uint64     // p_uru_nswap
	UruInblock  uint64     // p_uru_inblock
	UruOublock  uint64     // p_uru_oublock
	UruMsgsnd   uint64     // p_uru_msgsnd
	UruMsgrcv   uint64     // p_uru_msgrcv
	UruNsignals uint64     // p_uru_nsignals
	UruNvcsw    uint64     // p_uru_nvcsw
	UruNivcsw   uint64     // p_uru_nivcsw
	UctimeSec   uint32     // p_uctime_sec
	UctimeUsec  uint32     // p_uctime_usec
	Cpuid       uint64     // p_cpuid
	Realflag    uint64     // p_realflag
	Nlwps       uint64     // p_nlwps
	Nrlwps      uint64     // p_nrlwps
	Realstat    uint64     // p_realstat
	Svuid       uint32     // p_svuid
	Svgid       uint32     // p_svgid
	Ename       string     // p_ename
	VmVsize     int64      // p_vm_vsize
	VmMsize     int64      // p_vm_msize
}

// SizeofKinfoProc2 is sizeof(struct kinfo_proc2).
const SizeofKinfoProc2 = 680

func (k *KinfoProc2) layout(v view) {
	v.u64(0, &k.Forw)
	v.u64(8, &k.Back)
	v.u64(16, &k.Paddr)
	v.u64(24, &k.Addr)
	v.u64(32, &k.Fd)
	v.u64(40, &k.Cwdi)
	v.u64(48, &k.Stats)
	v.u64(56, &k.Limit)
	v.u64(64, &k.Vmspace)
	v.u64(72, &k.Sigacts)
	v.u64(80, &k.Sess)
	v.u64(88, &k.Tsess)
	v.u64(96, &k.Ru)
	v.i32(104, &k.Eflag)
	v.i32(108, &k.Exitsig)
	v.i32(112, &k.Flag)
	v.i32(116, &k.Pid)
	v.i32(120, &k.Ppid)
	v.i32(124, &k.Sid)
	v.i32(128, &k.Pgid)
	v.i32(132, &k.Tpgid)
	v.u32(136, &k.Uid)
	v.u32(140, &k.Ruid)
	v.u32(144, &k.Gid)
	v.u32(148, &k.Rgid)
	for j := range k.Groups {
		v.u32(152+4*j, &k.Groups[j])
	}
	v.i16(216, &k.Ngroups)
	v.i16(218, &k.Jobc)
	v.u32(220, &k.Tdev)
	v.u32(224, &k.Estcpu)
	v.u32(228, &k.RtimeSec)
	v.u32(232, &k.RtimeUsec)
	v.i32(236, &k.Cpticks)
	v.u32(240, &k.Pctcpu)
	v.u32(244, &k.Swtime)
	v.u32(248, &k.Slptime)
	v.i32(252, &k.Schedflags)
	v.u64(256, &k.Uticks)
	v.u64(264, &k.Sticks)
	v.u64(272, &k.Iticks)
	v.u64(280, &k.Tracep)
	v.i32(288, &k.Traceflag)
	v.i32(292, &k.Holdcnt)
	v.bytes(296, k.Siglist[:])
	v.bytes(312, k.Sigmask[:])
	v.bytes(328, k.Sigignore[:])
	v.bytes(344, k.Sigcatch[:])
	v.i8(360, &k.Stat)
	v.u8(361, &k.Priority)
	v.u8(362, &k.Usrpri)
	v.u8(363, &k.Nice)
	v.u16(364, &k.Xstat)
	v.u16(366, &k.Acflag)
	v.str(368, 24, &k.Comm)
	v.str(392, 8, &k.Wmesg)
	v.u64(400, &k.Wchan)
	v.str(408, 24, &k.Login)
	v.i32(432, &k.VmRssize)
	v.i32(436, &k.VmTsize)
	v.i32(440, &k.VmDsize)
	v.i32(444, &k.VmSsize)
	v.i64(448, &k.Uvalid)
	v.u32(456, &k.UstartSec)
	v.u32(460, &k.UstartUsec)
	v.u32(464, &k.UutimeSec)
	v.u32(468, &k.UutimeUsec)
	v.u32(472, &k.UstimeSec)
	v.u32(476, &k.UstimeUsec)
	v.u64(480, &k.UruMaxrss)
	v.u64(488, &k.UruIxrss)
	v.u64(496, &k.UruIdrss)
	v.u64(504, &k.UruIsrss)
	v.u64(512, &k.UruMinflt)
	v.u64(520, &k.UruMajflt)
	v.u64(528, &k.UruNswap)
	v.u64(536, &k.UruInblock)
	v.u64(544, &k.UruOublock)
	v.u64(552, &k.UruMsgsnd)
	v.u64(560, &k.UruMsgrcv)
	v.u64(568, &k.UruNsignals)
	v.u64(576, &k.UruNvcsw)
	v.u64(584, &k.UruNivcsw)
	v.u32(592, &k.UctimeSec)
	v.u32(596, &k.UctimeUsec)
	v.u64(600, &k.Cpuid)
	v.u64(608, &k.Realflag)
	v.u64(616, &k.Nlwps)
	v.u64(624, &k.Nrlwps)
	v.u64(632, &k.Realstat)
	v.u32(640, &k.Svuid)
	v.u32(644, &k.Svgid)
	v.str(648, 16, &k.Ename)
	v.i64(664, &k.VmVsize)
	v.i64(672, &k.VmMsize)
}

// Append appends k in C layout to b.
func (k KinfoProc2) Append(b []byte) []byte { return appendStruct(b, SizeofKinfoProc2, &k) }

// ParseKinfoProc2 reads a struct kinfo_proc2 from the front of b.
func ParseKinfoProc2(b []byte) (KinfoProc2, error) {
	return parseStruct[KinfoProc2](b, "struct kinfo_proc2", SizeofKinfoProc2)
}

// ParseKinfoProc2s reads all processes in b.
func ParseKinfoProc2s(b []byte) ([]KinfoProc2, error) {
	return parseArray[KinfoProc2](b, "struct kinfo_proc2", SizeofKinfoProc2)
}

// A KinfoLwp is a thread, an element of kern.lwp, whose name goes on with the
// process, SizeofKinfoLwp and the number of elements that there is room for.
//
// The header is <sys/sysctl.h>.
type KinfoLwp struct {
	Forw       uint64 // l_forw
	Back       uint64 // l_back
	Laddr      uint64 // l_laddr
	Addr       uint64 // l_addr
	Lid        int32  // l_lid
	Flag       int32  // l_flag
	Swtime     uint32 // l_swtime
	Slptime    uint32 // l_slptime
	Schedflags int32  // l_schedflags
	Holdcnt    int32  // l_holdcnt
	Priority   uint8  // l_priority
	Usrpri     uint8  // l_usrpri
	Stat       int8   // l_stat
	Wmesg      string // l_wmesg
	Wchan      uint64 // l_wchan
	Cpuid      uint64 // l_cpuid
	RtimeSec   uint32 // l_rtime_sec
	RtimeUsec  uint32 // l_rtime_usec
	Cpticks    uint32 // l_cpticks
	Pctcpu     uint32 // l_pctcpu
	Pid        uint32 // l_pid
	Name       string // l_name
}

// SizeofKinfoLwp is sizeof(struct kinfo_lwp).
const SizeofKinfoLwp = 128

func (k *KinfoLwp) layout(v view) {
	v.u64(0, &k.Forw)
	v.u64(8, &k.Back)
	v.u64(16, &k.Laddr)
	v.u64(24, &k.Addr)
	v.i32(32, &k.Lid)
	v.i32(36, &k.Flag)
	v.u32(40, &k.Swtime)
	v.u32(44, &k.Slptime)
	v.i32(48, &k.Schedflags)
	v.i32(52, &k.Holdcnt)
	v.u8(56, &k.Priority)
	v.u8(57, &k.Usrpri)
	v.i8(58, &k.Stat)
	v.str(64, 8, &k.Wmesg)
	v.u64(72, &k.Wchan)
	v.u64(80, &k.Cpuid)
	v.u32(88, &k.RtimeSec)
	v.u32(92, &k.RtimeUsec)
	v.u32(96, &k.Cpticks)
	v.u32(100, &k.Pctcpu)
	v.u32(104, &k.Pid)
	v.str(108, 20, &k.Name)
}

// Append appends k in C layout to b.
func (k KinfoLwp) Append(b []byte) []byte { return appendStruct(b, SizeofKinfoLwp, &k) }

// ParseKinfoLwp reads a struct kinfo_lwp from the front of b.
func ParseKinfoLwp(b []byte) (KinfoLwp, error) {
	return parseStruct[KinfoLwp](b, "struct kinfo_lwp", SizeofKinfoLwp)
}

// ParseKinfoLwps reads all threads in b.
func ParseKinfoLwps(b []byte) ([]KinfoLwp, error) {
	return parseArray[KinfoLwp](b, "struct kinfo_lwp", SizeofKinfoLwp)
}

// States of a thread, from <sys/lwp.h>.
const (
	LSIDL       = 1
	LSRUN       = 2
	LSSLEEP     = 3
	LSSTOP      = 4
	LSZOMB      = 5
	LSDEAD      = 6
	LSONPROC    = 7
	LSSUSPENDED = 8
)

// Flags of a process in a KinfoProc2, from <sys/sysctl.h>.
const (
	P_ADVLOCK       = 0x1
	P_CONTROLT      = 0x2
	P_INMEM         = 0x4
	P_NOCLDSTOP     = 0x8
	P_PPWAIT        = 0x10
	P_PROFIL        = 0x20
	P_SELECT        = 0x40
	P_SINTR         = 0x80
	P_SUGID         = 0x100
	P_SYSTEM        = 0x200
	P_SA            = 0x400
	P_TRACED        = 0x800
	P_WAITED        = 0x1000
	P_WEXIT         = 0x2000
	P_EXEC          = 0x4000
	P_OWEUPC        = 0x8000
	P_FSTRACE       = 0x10000
	P_NOCLDWAIT     = 0x20000
	P_32            = 0x40000
	P_CLDSIGIGN     = 0x80000
	P_SYSTRACE      = 0x200000
	P_CHTRACED      = 0x400000
	P_STOPFORK      = 0x800000
	P_STOPEXEC      = 0x1000000
	P_STOPEXIT      = 0x2000000
	P_SYSCALL       = 0x4000000
	P_PAXMPROTECT   = 0x8000000
	P_PAXNOMPROTECT = 0x10000000
)

// A KinfoFile is an open file, an element of kern.file2, whose name goes on
// with one of KERN_FILE_*, its argument, SizeofKinfoFile and the number of
// elements that there is room for.
//
// The header is <sys/sysctl.h>.
type KinfoFile struct {
	Fileaddr   uint64 // ki_fileaddr
	Flag       uint32 // ki_flag
	Iflags     uint32 // ki_iflags
	Ftype      uint32 // ki_ftype
	Count      uint32 // ki_count
	Msgcount   uint32 // ki_msgcount
	Usecount   uint32 // ki_usecount
	Fucred     uint64 // ki_fucred
	Fuid       uint32 // ki_fuid
	Fgid       uint32 // ki_fgid
	Fops       uint64 // ki_fops
	Foffset    uint64 // ki_foffset
	Fdata      uint64 // ki_fdata
	Vun        uint64 // ki_vun
	Vsize      uint64 // ki_vsize
	Vtype      uint32 // ki_vtype
	Vtag       uint32 // ki_vtag
	Vdata      uint64 // ki_vdata
	Pid        uint32 // ki_pid
	Fd         int32  // ki_fd
	Ofileflags uint32 // ki_ofileflags
}

// SizeofKinfoFile is sizeof(struct kinfo_file).
const SizeofKinfoFile = 120

func (k *KinfoFile) layout(v view) {
	v.u64(0, &k.Fileaddr)
	v.u32(8, &k.Flag)
	v.u32(12, &k.Iflags)
	v.u32(16, &k.Ftype)
	v.u32(20, &k.Count)
	v.u32(24, &k.Msgcount)
	v.u32(28, &k.Usecount)
	v.u64(32, &k.Fucred)
	v.u32(40, &k.Fuid)
	v.u32(44, &k.Fgid)
	v.u64(48, &k.Fops)
	v.u64(56, &k.Foffset)
	v.u64(64, &k.Fdata)
	v.u64(72, &k.Vun)
	v.u64(80, &k.Vsize)
	v.u32(88, &k.Vtype)
	v.u32(92, &k.Vtag)
	v.u64(96, &k.Vdata)
	v.u32(104, &k.Pid)
	v.i32(108, &k.Fd)
	v.u32(112, &k.Ofileflags)
}

// Append appends k in C layout to b.
func (k KinfoFile) Append(b []byte) []byte { return appendStruct(b, SizeofKinfoFile, &k) }

// ParseKinfoFile reads a struct kinfo_file from the front of b.
func ParseKinfoFile(b []byte) (KinfoFile, error) {
	return parseStruct[KinfoFile](b, "struct kinfo_file", SizeofKinfoFile)
}

// ParseKinfoFiles reads all files in b.
func ParseKinfoFiles(b []byte) ([]KinfoFile, error) {
	return parseArray[KinfoFile](b, "struct kinfo_file", SizeofKinfoFile)
}

// Types of an open file, from <sys/file.h>.
const (
	DTYPE_VNODE  = 1
	DTYPE_SOCKET = 2
	DTYPE_PIPE   = 3
	DTYPE_KQUEUE = 4
	DTYPE_MISC   = 5
	DTYPE_CRYPTO = 6
	DTYPE_MQUEUE = 7
	DTYPE_SEM    = 8
)

// FileTypeName is a DTYPE_* as kdump(1) says it, and "" if there is no such type.
func FileTypeName(t uint32) string {
	names := [...]string{
		DTYPE_VNODE: "file", DTYPE_SOCKET: "socket", DTYPE_PIPE: "pipe", DTYPE_KQUEUE: "kqueue",
		DTYPE_MISC: "misc", DTYPE_CRYPTO: "crypto", DTYPE_MQUEUE: "mqueue", DTYPE_SEM: "semaphore",
	}
	if int(t) >= len(names) {
		return ""
	}
	return names[t]
}
