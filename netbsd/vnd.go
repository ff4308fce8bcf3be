package netbsd

// A VndIoctl makes a disk of a file: [VNDIOCSET], [VNDIOCCLR]. File is the path,
// Size the size that the kernel found, in bytes.
//
//	// dev/vndvar.h
//	struct vnd_ioctl {
//		char *vnd_file;
//		int vnd_flags;
//		struct vndgeom vnd_geom;
//		unsigned int vnd_osize;
//		uint64_t vnd_size;
//	};
type VndIoctl struct {
	File  uint64
	Flags int32
	Geom  Vndgeom
	Osize uint32
	Size  uint64
}

// SizeofVndIoctl is sizeof(struct vnd_ioctl).
const SizeofVndIoctl = 40

func (s *VndIoctl) layout(v view) {
	v.u64(0, &s.File)
	v.i32(8, &s.Flags)
	s.Geom.layout(v.at(12, SizeofVndgeom))
	v.u32(28, &s.Osize)
	v.u64(32, &s.Size)
}

// Append appends s in C layout to b.
func (s VndIoctl) Append(b []byte) []byte { return appendStruct(b, SizeofVndIoctl, &s) }

// ParseVndIoctl reads a struct vnd_ioctl from the front of b.
func ParseVndIoctl(b []byte) (VndIoctl, error) {
	return parseStruct[VndIoctl](b, "struct vnd_ioctl", SizeofVndIoctl)
}

// A Vndgeom is the geometry of a disk in a file, with VNDIOF_HASGEOM.
//
//	// dev/vndvar.h
//	struct vndgeom {
//		u_int32_t vng_secsize;
//		u_int32_t vng_nsectors;
//		u_int32_t vng_ntracks;
//		u_int32_t vng_ncylinders;
//	};
type Vndgeom struct {
	Secsize    uint32
	Nsectors   uint32
	Ntracks    uint32
	Ncylinders uint32
}

// SizeofVndgeom is sizeof(struct vndgeom).
const SizeofVndgeom = 16

func (s *Vndgeom) layout(v view) {
	v.u32(0, &s.Secsize)
	v.u32(4, &s.Nsectors)
	v.u32(8, &s.Ntracks)
	v.u32(12, &s.Ncylinders)
}

// Append appends s in C layout to b.
func (s Vndgeom) Append(b []byte) []byte { return appendStruct(b, SizeofVndgeom, &s) }

// ParseVndgeom reads a struct vndgeom from the front of b.
func ParseVndgeom(b []byte) (Vndgeom, error) {
	return parseStruct[Vndgeom](b, "struct vndgeom", SizeofVndgeom)
}

// Flags of a VndIoctl, from <dev/vndvar.h>.
const (
	VNDIOF_HASGEOM  = 0x1
	VNDIOF_READONLY = 0x2
	VNDIOF_FORCE    = 0x4
)

// A VndUser is a unit and the file it is made of, if any: [VNDIOCGET]. A unit
// of -1 asks for that of the device.
//
//	// dev/vndvar.h
//	struct vnd_user {
//		int vnu_unit;
//		dev_t vnu_dev;
//		ino_t vnu_ino;
//	};
type VndUser struct {
	Unit int32
	Dev  uint64
	Ino  uint64
}

// SizeofVndUser is sizeof(struct vnd_user).
const SizeofVndUser = 24

func (s *VndUser) layout(v view) {
	v.i32(0, &s.Unit)
	v.u64(8, &s.Dev)
	v.u64(16, &s.Ino)
}

// Append appends s in C layout to b.
func (s VndUser) Append(b []byte) []byte { return appendStruct(b, SizeofVndUser, &s) }

// ParseVndUser reads a struct vnd_user from the front of b.
func ParseVndUser(b []byte) (VndUser, error) {
	return parseStruct[VndUser](b, "struct vnd_user", SizeofVndUser)
}
