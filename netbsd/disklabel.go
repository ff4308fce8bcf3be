package netbsd

import (
	"encoding/binary"
	"strconv"
)

// A Disklabel is the geometry of a disk and its partitions: [DIOCGDINFO],
// [DIOCSDINFO], [DIOCWDINFO]. Sizes and offsets are in sectors.
//
// The header is <sys/disklabel.h>.
type Disklabel struct {
	Magic          uint32        // d_magic
	Type           uint16        // d_type
	Subtype        uint16        // d_subtype
	Typename       string        // d_typename
	Packname       string        // d_un
	Secsize        uint32        // d_secsize
	Nsectors       uint32        // d_nsectors
	Ntracks        uint32        // d_ntracks
	Ncylinders     uint32        // d_ncylinders
	Secpercyl      uint32        // d_secpercyl
	Secperunit     uint32        // d_secperunit
	Sparespertrack uint16        // d_sparespertrack
	Sparespercyl   uint16        // d_sparespercyl
	Acylinders     uint32        // d_acylinders
	Rpm            uint16        // d_rpm
	Interleave     uint16        // d_interleave
	Trackskew      uint16        // d_trackskew
	Cylskew        uint16        // d_cylskew
	Headswitch     uint32        // d_headswitch
	Trkseek        uint32        // d_trkseek
	Flags          uint32        // d_flags
	Drivedata      [5]uint32     // d_drivedata
	Magic2         uint32        // d_magic2
	Checksum       uint16        // d_checksum
	Npartitions    uint16        // d_npartitions
	Bbsize         uint32        // d_bbsize
	Sbsize         uint32        // d_sbsize
	Partitions     [16]Partition // d_partitions
}

// SizeofDisklabel is sizeof(struct disklabel).
const SizeofDisklabel = 408

func (d *Disklabel) layout(v view) {
	v.u32(0, &d.Magic)
	v.u16(4, &d.Type)
	v.u16(6, &d.Subtype)
	v.chars(8, 16, &d.Typename)
	v.chars(24, 16, &d.Packname)
	v.u32(40, &d.Secsize)
	v.u32(44, &d.Nsectors)
	v.u32(48, &d.Ntracks)
	v.u32(52, &d.Ncylinders)
	v.u32(56, &d.Secpercyl)
	v.u32(60, &d.Secperunit)
	v.u16(64, &d.Sparespertrack)
	v.u16(66, &d.Sparespercyl)
	v.u32(68, &d.Acylinders)
	v.u16(72, &d.Rpm)
	v.u16(74, &d.Interleave)
	v.u16(76, &d.Trackskew)
	v.u16(78, &d.Cylskew)
	v.u32(80, &d.Headswitch)
	v.u32(84, &d.Trkseek)
	v.u32(88, &d.Flags)
	for j := range d.Drivedata {
		v.u32(92+4*j, &d.Drivedata[j])
	}
	v.u32(132, &d.Magic2)
	v.u16(136, &d.Checksum)
	v.u16(138, &d.Npartitions)
	v.u32(140, &d.Bbsize)
	v.u32(144, &d.Sbsize)
	for j := range d.Partitions {
		d.Partitions[j].layout(v.at(148+j*SizeofPartition, SizeofPartition))
	}
}

// Append appends d in C layout to b.
func (d Disklabel) Append(b []byte) []byte { return appendStruct(b, SizeofDisklabel, &d) }

// ParseDisklabel reads a struct disklabel from the front of b.
func ParseDisklabel(b []byte) (Disklabel, error) {
	return parseStruct[Disklabel](b, "struct disklabel", SizeofDisklabel)
}

// A Partition is a part of a disk.
//
//	// sys/disklabel.h
//	struct partition {
//		uint32_t p_size;   /* in sectors */
//		uint32_t p_offset; /* in sectors */
//		union { uint32_t fsize; uint32_t cdsession; };
//		uint8_t  p_fstype;
//		uint8_t  p_frag;
//		union { uint16_t cpg; uint16_t sgs; };
//	};
type Partition struct {
	Size   uint32
	Offset uint32
	Fsize  uint32
	Fstype uint8
	Frag   uint8
	Cpg    uint16
}

// SizeofPartition is sizeof(struct partition).
const SizeofPartition = 16

func (p *Partition) layout(v view) {
	v.u32(0, &p.Size)
	v.u32(4, &p.Offset)
	v.u32(8, &p.Fsize)
	v.u8(12, &p.Fstype)
	v.u8(13, &p.Frag)
	v.u16(14, &p.Cpg)
}

// Append appends p in C layout to b.
func (p Partition) Append(b []byte) []byte { return appendStruct(b, SizeofPartition, &p) }

// ParsePartition reads a struct partition from the front of b.
func ParsePartition(b []byte) (Partition, error) {
	return parseStruct[Partition](b, "struct partition", SizeofPartition)
}

// Limits and marks of a Disklabel, from <sys/disklabel.h> and
// <machine/disklabel.h>. On amd64 partition d, number 3, is the whole disk.
const (
	DISKMAGIC     = 0x82564557
	MAXPARTITIONS = 16
	RAW_PART      = 3
)

// Flags of a Disklabel, from <sys/disklabel.h>.
const (
	D_REMOVABLE = 0x1
	D_ECC       = 0x2
	D_BADSECT   = 0x4
	D_RAMDISK   = 0x8
	D_CHAIN     = 0x10
	D_SCSI_MMC  = 0x20
	D_SSE       = 0x1
)

// Sum is what Checksum has to be: the exclusive or of the label's 16-bit words,
// up to the last partition that is in use, is 0.
func (d Disklabel) Sum() uint16 {
	d.Checksum = 0
	b := d.Append(nil)
	var sum uint16
	for i := 0; i < 148+SizeofPartition*min(int(d.Npartitions), MAXPARTITIONS); i += 2 {
		sum ^= binary.LittleEndian.Uint16(b[i:])
	}
	return sum
}

// Types of disks, the Type of a Disklabel, from <sys/disklabel.h>.
const (
	DKTYPE_UNKNOWN = 0
	DKTYPE_SMD     = 1
	DKTYPE_MSCP    = 2
	DKTYPE_DEC     = 3
	DKTYPE_SCSI    = 4
	DKTYPE_ESDI    = 5
	DKTYPE_ST506   = 6
	DKTYPE_HPIB    = 7
	DKTYPE_HPFL    = 8
	DKTYPE_TYPE_9  = 9
	DKTYPE_FLOPPY  = 10
	DKTYPE_CCD     = 11
	DKTYPE_VND     = 12
	DKTYPE_ATAPI   = 13
	DKTYPE_RAID    = 14
	DKTYPE_LD      = 15
	DKTYPE_JFS2    = 16
	DKTYPE_CGD     = 17
	DKTYPE_VINUM   = 18
	DKTYPE_FLASH   = 19
	DKTYPE_DM      = 20
	DKTYPE_RUMPD   = 21
	DKTYPE_MD      = 22
)

// DiskTypeName is a type of disk as disklabel(8) says it.
func DiskTypeName(t uint16) string {
	if int(t) < len(diskTypes) {
		return diskTypes[t]
	}
	return strconv.Itoa(int(t))
}

var diskTypes = [...]string{
	DKTYPE_UNKNOWN: "unknown",
	DKTYPE_SMD:     "SMD",
	DKTYPE_MSCP:    "MSCP",
	DKTYPE_DEC:     "old DEC",
	DKTYPE_SCSI:    "SCSI",
	DKTYPE_ESDI:    "ESDI",
	DKTYPE_ST506:   "ST506",
	DKTYPE_HPIB:    "HP-IB",
	DKTYPE_HPFL:    "HP-FL",
	DKTYPE_TYPE_9:  "type 9",
	DKTYPE_FLOPPY:  "floppy",
	DKTYPE_CCD:     "ccd",
	DKTYPE_VND:     "vnd",
	DKTYPE_ATAPI:   "ATAPI",
	DKTYPE_RAID:    "RAID",
	DKTYPE_LD:      "ld",
	DKTYPE_JFS2:    "jfs",
	DKTYPE_CGD:     "cgd",
	DKTYPE_VINUM:   "vinum",
	DKTYPE_FLASH:   "flash",
	DKTYPE_DM:      "dm",
	DKTYPE_RUMPD:   "rumpd",
	DKTYPE_MD:      "md",
}

// Types of file systems, the Fstype of a Partition, from <sys/disklabel.h>.
const (
	FS_UNUSED   = 0
	FS_SWAP     = 1
	FS_V6       = 2
	FS_V7       = 3
	FS_SYSV     = 4
	FS_V71K     = 5
	FS_V8       = 6
	FS_BSDFFS   = 7
	FS_MSDOS    = 8
	FS_BSDLFS   = 9
	FS_OTHER    = 10
	FS_HPFS     = 11
	FS_ISO9660  = 12
	FS_BOOT     = 13
	FS_ADOS     = 14
	FS_HFS      = 15
	FS_FILECORE = 16
	FS_EX2FS    = 17
	FS_NTFS     = 18
	FS_RAID     = 19
	FS_CCD      = 20
	FS_JFS2     = 21
	FS_APPLEUFS = 22
	FS_VINUM    = 23
	FS_UDF      = 24
	FS_SYSVBFS  = 25
	FS_EFS      = 26
	FS_NILFS    = 27
	FS_CGD      = 28
	FS_MINIXFS3 = 29
)

// FSTypeName is a type of file system as disklabel(8) says it.
func FSTypeName(t uint8) string {
	if int(t) < len(fsTypes) {
		return fsTypes[t]
	}
	return strconv.Itoa(int(t))
}

var fsTypes = [...]string{
	FS_UNUSED:   "unused",
	FS_SWAP:     "swap",
	FS_V6:       "Version 6",
	FS_V7:       "Version 7",
	FS_SYSV:     "System V",
	FS_V71K:     "4.1BSD",
	FS_V8:       "Eighth Edition",
	FS_BSDFFS:   "4.2BSD",
	FS_MSDOS:    "MSDOS",
	FS_BSDLFS:   "4.4LFS",
	FS_OTHER:    "unknown",
	FS_HPFS:     "HPFS",
	FS_ISO9660:  "ISO9660",
	FS_BOOT:     "boot",
	FS_ADOS:     "ADOS",
	FS_HFS:      "HFS",
	FS_FILECORE: "FILECORE",
	FS_EX2FS:    "Linux Ext2",
	FS_NTFS:     "NTFS",
	FS_RAID:     "RAID",
	FS_CCD:      "ccd",
	FS_JFS2:     "jfs",
	FS_APPLEUFS: "Apple UFS",
	FS_VINUM:    "vinum",
	FS_UDF:      "UDF",
	FS_SYSVBFS:  "SysVBFS",
	FS_EFS:      "EFS",
	FS_NILFS:    "NiLFS",
	FS_CGD:      "cgd",
	FS_MINIXFS3: "MINIX FSv3",
}
