package netbsd

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"iter"
)

// A Dirent is an entry of a directory, as [SYS___GETDENTS30] lists it. On the
// wire an entry is as long as its name needs, rounded up to eight bytes.
//
//	// sys/dirent.h
//	struct dirent {
//		ino_t    d_fileno;
//		uint16_t d_reclen; /* length of this entry */
//		uint16_t d_namlen; /* length of d_name without its NUL */
//		uint8_t  d_type;   /* DT_* */
//		char     d_name[MAXNAMLEN + 1];
//	};
type Dirent struct {
	Fileno uint64
	Type   uint8
	Name   string
}

// MAXNAMLEN is the longest name of a file, from <sys/dirent.h>.
const MAXNAMLEN = 511

// SizeofDirent is sizeof(struct dirent), the size of the longest entry.
const SizeofDirent = 528

// offsetof(struct dirent, d_name)
const offsetDirentName = 13

// Types of a file in a directory entry, from <sys/dirent.h>.
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
)

// Reclen is the length of the entry in bytes.
//
//	// #define _DIRENT_RECLEN(dp, namlen) \
//	//     ((_DIRENT_NAMEOFF(dp) + (namlen) + 1 + _DIRENT_ALIGN(dp)) & ~_DIRENT_ALIGN(dp))
func (d Dirent) Reclen() int {
	return roundUp(offsetDirentName+min(len(d.Name), MAXNAMLEN)+1, 8)
}

// Append appends d to b, Reclen bytes. A name that is too long is cut.
func (d Dirent) Append(b []byte) []byte {
	name := d.Name[:min(len(d.Name), MAXNAMLEN)]
	n := len(b) + d.Reclen()
	b = binary.LittleEndian.AppendUint64(b, d.Fileno)
	b = binary.LittleEndian.AppendUint16(b, uint16(d.Reclen()))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
	b = append(b, d.Type)
	b = append(b, name...)
	return append(b, make([]byte, n-len(b))...)
}

// AppendDirents appends entries to b as long as they fit in size bytes, and
// returns how many did. This is what getdents(2) does with a buffer.
func AppendDirents(b []byte, size int, ds []Dirent) ([]byte, int) {
	for i, d := range ds {
		if size -= d.Reclen(); size < 0 {
			return b, i
		}
		b = d.Append(b)
	}
	return b, len(ds)
}

// Dirents iterates over the entries in b. Entries without a file, which are
// free space, are left out. The error, if any, comes last.
func Dirents(b []byte) iter.Seq2[Dirent, error] {
	return func(yield func(Dirent, error) bool) {
		for off := 0; off < len(b); {
			d, n, err := parseDirent(b[off:], off)
			if err != nil {
				yield(Dirent{}, err)
				return
			}
			if d.Fileno != 0 && !yield(d, nil) {
				return
			}
			off += n
		}
	}
}

// ParseDirents reads all entries in b.
func ParseDirents(b []byte) ([]Dirent, error) {
	var ds []Dirent
	for d, err := range Dirents(b) {
		if err != nil {
			return nil, err
		}
		ds = append(ds, d)
	}
	return ds, nil
}

// parseDirent reads the entry at the front of b and its length.
func parseDirent(b []byte, off int) (Dirent, int, error) {
	bad := func(format string, args ...any) (Dirent, int, error) {
		return Dirent{}, 0, &FormatError{What: "struct dirent", Offset: off, Reason: fmt.Sprintf(format, args...)}
	}
	if len(b) < offsetDirentName {
		return bad("no room for an entry")
	}
	n := int(binary.LittleEndian.Uint16(b[8:]))
	if n < offsetDirentName || n > len(b) {
		return bad("d_reclen %d, %d bytes left", n, len(b))
	}
	namlen := int(binary.LittleEndian.Uint16(b[10:]))
	if offsetDirentName+namlen > n || namlen > MAXNAMLEN {
		return bad("d_namlen %d, d_reclen %d", namlen, n)
	}
	return Dirent{
		Fileno: binary.LittleEndian.Uint64(b),
		Type:   b[12],
		Name:   string(b[offsetDirentName : offsetDirentName+namlen]),
	}, n, nil
}

// DirentType is the type in a directory entry of a file with the mode S_IF*.
//
//	// #define IFTODT(mode) (((mode) & 0170000) >> 12)
func DirentType(mode uint32) uint8 { return uint8(mode & S_IFMT >> 12) }

// FileMode is the type of the file as Go has it. It is irregular when the
// directory does not know it.
func (d Dirent) FileMode() fs.FileMode { return FileMode(uint32(d.Type) << 12) }
