package netbsd

// A CgdIoctl makes an encrypted disk of another: [CGDIOCSET], [CGDIOCCLR]. Disk,
// Alg, Ivmethod and Key are addresses; Keylen and Blocksize are in bits, and a
// Blocksize of all ones is the cipher's own.
//
//	// dev/cgdvar.h
//	struct cgd_ioctl {
//		const char *ci_disk;
//		int ci_flags;
//		int ci_unit;
//		size_t ci_size;
//		const char *ci_alg;
//		const char *ci_ivmethod;
//		size_t ci_keylen;
//		const char *ci_key;
//		size_t ci_blocksize;
//	};
type CgdIoctl struct {
	Disk      uint64
	Flags     int32
	Unit      int32
	Size      uint64
	Alg       uint64
	Ivmethod  uint64
	Keylen    uint64
	Key       uint64
	Blocksize uint64
}

// SizeofCgdIoctl is sizeof(struct cgd_ioctl).
const SizeofCgdIoctl = 64

func (s *CgdIoctl) layout(v view) {
	v.u64(0, &s.Disk)
	v.i32(8, &s.Flags)
	v.i32(12, &s.Unit)
	v.u64(16, &s.Size)
	v.u64(24, &s.Alg)
	v.u64(32, &s.Ivmethod)
	v.u64(40, &s.Keylen)
	v.u64(48, &s.Key)
	v.u64(56, &s.Blocksize)
}

// Append appends s in C layout to b.
func (s CgdIoctl) Append(b []byte) []byte { return appendStruct(b, SizeofCgdIoctl, &s) }

// ParseCgdIoctl reads a struct cgd_ioctl from the front of b.
func ParseCgdIoctl(b []byte) (CgdIoctl, error) {
	return parseStruct[CgdIoctl](b, "struct cgd_ioctl", SizeofCgdIoctl)
}

// Modes of a CgdUser, from <dev/cgdvar.h>.
const (
	CGD_CIPHER_CBC_ENCBLKNO8 = 1
	CGD_CIPHER_CBC_ENCBLKNO1 = 2
)

// A CgdUser tells of an encrypted disk: [CGDIOCGET]. A unit of -1 asks for that of
// the device. Blocksize is in bytes, Keylen in bits.
//
//	// dev/cgdvar.h
//	struct cgd_user {
//		int cgu_unit;
//		dev_t cgu_dev;
//		char cgu_alg[32];
//		size_t cgu_blocksize;
//		int cgu_mode;
//		int cgu_keylen;
//	};
type CgdUser struct {
	Unit      int32
	Dev       uint64
	Alg       string
	Blocksize uint64
	Mode      int32
	Keylen    int32
}

// SizeofCgdUser is sizeof(struct cgd_user).
const SizeofCgdUser = 64

func (s *CgdUser) layout(v view) {
	v.i32(0, &s.Unit)
	v.u64(8, &s.Dev)
	v.str(16, 32, &s.Alg)
	v.u64(48, &s.Blocksize)
	v.i32(56, &s.Mode)
	v.i32(60, &s.Keylen)
}

// Append appends s in C layout to b.
func (s CgdUser) Append(b []byte) []byte { return appendStruct(b, SizeofCgdUser, &s) }

// ParseCgdUser reads a struct cgd_user from the front of b.
func ParseCgdUser(b []byte) (CgdUser, error) {
	return parseStruct[CgdUser](b, "struct cgd_user", SizeofCgdUser)
}
