package netbsd

import (
	"encoding/binary"
	"io/fs"
)

// A Dirent is an entry of a directory, as getdents(2) lists it: system call
// [SYS___GETDENTS30].
//
//	// sys/dirent.h
//	struct dirent {
//		ino_t d_fileno;
//		uint16_t d_reclen;
//		uint16_t d_namlen;
//		uint8_t  d_type;
//		char     d_name[MAXNAMLEN + 1];
//	};
//
// An entry is as long as its reclen says: the name, a NUL and padding to eight
// bytes.
type Dirent struct {
	Fileno uint64
	Type   uint8 // DT_*
	Name   string
}

const direntNameOffset = 13

// Types of a directory entry, from <sys/dirent.h>.
const (
	DT_UNKNOWN = 0
	DT_FIFO    = 1
	DT_CHR     = 2
	DT_DIR     = 4
	DT_BLK     = 6
	DT_REG     = 8
	DT_LNK     = 10
	DT_SOCK    = 12
	DT_WHT     = 14

	MAXNAMLEN = 511
)

// FileMode is the entry's type as Go has it; an unknown one is irregular.
func (d Dirent) FileMode() fs.FileMode {
	if d.Type == DT_UNKNOWN {
		return fs.ModeIrregular
	}
	return FileMode(uint32(d.Type)<<12) & fs.ModeType
}

// Reclen is the length of the entry.
//
//	// #define _DIRENT_RECLEN(dp, namlen) \
//	//     ((_DIRENT_NAMEOFF(dp) + (namlen) + 1 + _DIRENT_ALIGN(dp)) & ~_DIRENT_ALIGN(dp))
func (d Dirent) Reclen() int { return roundUp(direntNameOffset+len(d.Name)+1, 8) }

// Append appends d in C layout to b.
func (d Dirent) Append(b []byte) []byte {
	end := len(b) + d.Reclen()
	b = binary.LittleEndian.AppendUint64(b, d.Fileno)
	b = binary.LittleEndian.AppendUint16(b, uint16(d.Reclen()))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(d.Name)))
	b = append(b, d.Type)
	b = append(b, d.Name...)
	return append(b, make([]byte, end-len(b))...)
}

// ParseDirents reads all entries in b, the answer to a getdents(2). Entries
// without a file, which a file system may leave behind, are left out.
func ParseDirents(b []byte) ([]Dirent, error) {
	var ds []Dirent
	for off := 0; off < len(b); {
		e := b[off:]
		if len(e) < direntNameOffset {
			return ds, &FormatError{"struct dirent", off, "incomplete"}
		}
		reclen, namlen := int(binary.LittleEndian.Uint16(e[8:])), int(binary.LittleEndian.Uint16(e[10:]))
		if reclen < direntNameOffset+namlen || reclen > len(e) {
			return ds, &FormatError{"struct dirent", off, "length of the record does not fit"}
		}
		d := Dirent{Fileno: binary.LittleEndian.Uint64(e), Type: e[12]}
		d.Name = string(e[direntNameOffset : direntNameOffset+namlen])
		if d.Fileno != 0 {
			ds = append(ds, d)
		}
		off += reclen
	}
	return ds, nil
}
