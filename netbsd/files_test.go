package netbsd

import (
	"bytes"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestStat(t *testing.T) {
	// lstat of the root of a tmpfs.
	b := unhex(t, "1800000000000000ed4100000000000018000000000000000200000000000000"+"0000000000000000ffffffffffffffff"+
		"6b85026b0000000047306432000000006b85026b0000000047306432000000006b85026b0000000047306432000000006b85026b000000004730643200000000"+
		"00020000000000000100000000000000000200000000000000000000000000000000000000000000")
	got, err := ParseStat(b)
	if err != nil {
		t.Fatal(err)
	}
	at := Timespec{0x6b02856b, 0x32643047}
	want := Stat{Dev: 0x18, Mode: S_IFDIR | 0o755, Ino: 0x18, Nlink: 2, Rdev: 1<<64 - 1, Atim: at, Mtim: at, Ctim: at, Birthtim: at,
		Size: 512, Blocks: 1, Blksize: 512}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if c := got.Append(nil); !bytes.Equal(b, c) {
		t.Errorf("encodes as %x", c)
	}
	if got.FileMode() != fs.ModeDir|0o755 {
		t.Errorf("mode is %v", got.FileMode())
	}
}

func TestFileMode(t *testing.T) {
	for mode, want := range map[uint32]fs.FileMode{
		S_IFREG | 0o644:           0o644,
		S_IFLNK | 0o777:           fs.ModeSymlink | 0o777,
		S_IFCHR | 0o600:           fs.ModeDevice | fs.ModeCharDevice | 0o600,
		S_IFBLK | 0o600:           fs.ModeDevice | 0o600,
		S_IFIFO | 0o600:           fs.ModeNamedPipe | 0o600,
		S_IFSOCK | 0o600:          fs.ModeSocket | 0o600,
		S_IFREG | S_ISUID | 0o755: fs.ModeSetuid | 0o755,
		S_IFREG | S_ISGID | 0o755: fs.ModeSetgid | 0o755,
		S_IFDIR | S_ISTXT | 0o777: fs.ModeDir | fs.ModeSticky | 0o777,
		S_IFWHT:                   fs.ModeIrregular,
	} {
		if got := FileMode(mode); got != want {
			t.Errorf("FileMode(%o) = %v, want %v", mode, got, want)
		}
		if got := ModeOf(want); got != mode && mode != S_IFWHT {
			t.Errorf("ModeOf(%v) = %o, want %o", want, got, mode)
		}
	}
}

func TestMakedev(t *testing.T) {
	for _, tt := range []struct {
		major, minor uint32
		dev          uint64
	}{
		{13, 0, 0xd00}, {13, 3, 0xd03}, {0xfff, 0xfffff, 0xffffffff}, {1, 0x12345, 0x12300145},
	} {
		dev := Makedev(tt.major, tt.minor)
		if dev != tt.dev || Major(dev) != tt.major || Minor(dev) != tt.minor {
			t.Errorf("%d,%d: 0x%x is %d,%d", tt.major, tt.minor, dev, Major(dev), Minor(dev))
		}
	}
}

func TestDirents(t *testing.T) {
	for _, tt := range []struct {
		name, hex string
		want      []Dirent
	}{
		{
			"tmpfs", "e1b417f09600000010000100042e0000e1b417f09600000010000200042e2e00e0b417f0960000001000010008610000",
			[]Dirent{{0x96f017b4e1, DT_DIR, "."}, {0x96f017b4e1, DT_DIR, ".."}, {0x96f017b4e0, DT_REG, "a"}},
		},
		{
			"ffs", "020000000000000010000100042e0000020000000000000010000200042e2e00030000000000000018000400" + "0866696c6500000000000000",
			[]Dirent{{2, DT_DIR, "."}, {2, DT_DIR, ".."}, {3, DT_REG, "file"}},
		},
	} {
		b := unhex(t, tt.hex)
		got, err := ParseDirents(b)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
		if c, n := AppendDirents(nil, len(b), tt.want); n != len(tt.want) || tt.name == "tmpfs" && !bytes.Equal(b, c) {
			t.Errorf("%s: encodes as %x, %d entries", tt.name, c, n)
		}
		if c, n := AppendDirents(nil, 40, tt.want); n != 2 || len(c) != 32 {
			t.Errorf("%s: %d entries, %d bytes fit in 40 bytes", tt.name, n, len(c))
		}
		for i := 1; i < len(b); i++ {
			if _, err := ParseDirents(b[:i]); i%16 != 0 && !errors.As(err, new(*FormatError)) {
				t.Errorf("%s: %d of %d bytes: %v", tt.name, i, len(b), err)
			}
		}
	}
	for range Dirents(unhex(t, "020000000000000010000100042e0000020000000000000010000200042e2e00")) {
		break // an iterator must stop when told to
	}
	long := Dirent{1, DT_REG, strings.Repeat("x", MAXNAMLEN+1)}
	if b := long.Append(nil); len(b) != SizeofDirent {
		t.Errorf("the longest entry takes %d bytes, want %d", len(b), SizeofDirent)
	}
	free := Dirent{0, DT_REG, "gone"}.Append(nil)
	if ds, err := ParseDirents(free); err != nil || len(ds) != 0 {
		t.Errorf("an entry without a file: %v, %v", ds, err)
	}
	if DirentType(S_IFDIR|0o755) != DT_DIR || (Dirent{Type: DT_LNK}).FileMode() != fs.ModeSymlink {
		t.Error("types")
	}
}

func FuzzParseDirents(f *testing.F) {
	f.Add(unhex(f, "e1b417f09600000010000100042e0000e1b417f09600000010000200042e2e00e0b417f0960000001000010008610000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ds, err := ParseDirents(b)
		if err != nil {
			return
		}
		c, n := AppendDirents(nil, 1<<30, ds)
		again, err := ParseDirents(c)
		if err != nil || n != len(ds) || !reflect.DeepEqual(ds, again) {
			t.Fatalf("%x became %x and that %v, %v", b, c, again, err)
		}
	})
}

func TestStatvfs(t *testing.T) {
	for _, tt := range []struct {
		file, typ, on, from string
		flag                MountFlags
	}{
		{"statvfs-tmpfs.hex", MOUNT_TMPFS, "/mnt", "tmpfs", MNT_LOCAL},
		{"statvfs-ffs.hex", MOUNT_RUMPFS, "/", "rumpfs", MNT_LOCAL},
	} {
		b := readHex(t, tt.file)
		got, err := ParseStatvfs(b)
		if err != nil {
			t.Fatal(err)
		}
		if got.Fstypename != tt.typ || got.Mntonname != tt.on || got.Mntfromname != tt.from {
			t.Errorf("%s: %+v", tt.file, got)
		}
		if c := got.Append(nil); !bytes.Equal(b, c) {
			t.Errorf("%s: encodes differently", tt.file)
		}
	}
}

func TestMountFlags(t *testing.T) {
	f := MountFlags(MNT_RDONLY | MNT_LOCAL | MNT_NOSUID | MNT_UPDATE)
	if got, want := f.Words(), []string{"nosuid", "read-only", "local"}; !slices.Equal(got, want) {
		t.Errorf("Words() = %q, want %q", got, want)
	}
	for _, tt := range []struct {
		word       string
		set, clear MountFlags
	}{
		{"ro", MNT_RDONLY, 0},
		{"rw", 0, MNT_RDONLY},
		{"noexec", MNT_NOEXEC, 0},
		{"exec", 0, MNT_NOEXEC},
		{"noatime", MNT_NOATIME, 0},
		{"async", MNT_ASYNC, 0},
		{"noasync", 0, MNT_ASYNC},
		{"auto", 0, 0},
	} {
		set, clear, ok := LookupMountOption(tt.word)
		if !ok || set != tt.set || clear != tt.clear {
			t.Errorf("%s sets %x and clears %x, %v", tt.word, set, clear, ok)
		}
	}
	if _, _, ok := LookupMountOption("-s=1"); ok {
		t.Error("-s=1 is known")
	}
}

func TestTmpfsArgs(t *testing.T) {
	// mount_tmpfs -s 65536
	b := unhex(t, "0100000000000000000000000000000000000100000000000000000000000000ed41000000000000")
	got, err := ParseTmpfsArgs(b)
	if want := (TmpfsArgs{Version: TMPFS_ARGS_VERSION, SizeMax: 65536, RootMode: S_IFDIR | 0o755}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if c := got.Append(nil); !bytes.Equal(b, c) {
		t.Errorf("encodes as %x", c)
	}
}

func TestDisklabel(t *testing.T) {
	b := readHex(t, "disklabel.hex")
	got, err := ParseDisklabel(b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Magic != DISKMAGIC || got.Magic2 != DISKMAGIC || got.Typename != "rumpd" || got.Packname != "fictitious" ||
		got.Secsize != 512 || DiskTypeName(got.Type) != "rumpd" {
		t.Errorf("got %+v", got)
	}
	if c := got.Append(nil); !bytes.Equal(b, c) {
		t.Errorf("encodes as\n     %x\nwant %x", c, b)
	}
	got.Checksum = got.Sum()
	var sum uint16
	for i, c := range got.Append(nil)[:148+SizeofPartition*int(got.Npartitions)] {
		sum ^= uint16(c) << (i % 2 * 8)
	}
	if sum != 0 {
		t.Errorf("with its checksum the label's words make 0x%x, want 0", sum)
	}
	if FSTypeName(FS_BSDFFS) != "4.2BSD" || FSTypeName(200) != "200" || DiskTypeName(200) != "200" {
		t.Error("names of types")
	}
}

func TestModstat(t *testing.T) {
	ms, err := ParseModstats(readHex(t, "modstat.hex"))
	if err != nil || len(ms) != 4 {
		t.Fatalf("%v, %v", ms, err)
	}
	if m := ms[0]; m.Name != "suser" || ModuleClass(m.Class) != MODULE_CLASS_SECMODEL || ModuleSource(m.Source).String() != "builtin" {
		t.Errorf("got %+v", m)
	}
	if ModuleClass(9).String() != "9" || ModuleSource(-1).String() != "-1" {
		t.Error("names of unknown classes and sources")
	}
}

func TestRndstatEst(t *testing.T) {
	b := readHex(t, "rndstat_est.hex")
	got, err := ParseRndstatEst(b)
	if err != nil {
		t.Fatal(err)
	}
	s := got.Source[0]
	if got.Count != 4 || s.Rt.Name != "rump_hyperent" || s.Rt.Total != 40960 || s.Rt.Type != RND_TYPE_VM {
		t.Errorf("got %+v", got)
	}
	if c := got.Append(nil); !bytes.Equal(b, c) {
		t.Errorf("encodes as\n     %x\nwant %x", c, b)
	}
}

func TestKtrace(t *testing.T) {
	sys := KtrSyscall{Code: int32(SYS_READ), Argsize: 24}
	data := Args{3, 0x1000, 512}.Append(sys.Append(nil))
	want := []KtrRecord{
		{KtrHeader{Len: 32, Type: KTR_SYSCALL, Version: 2, Pid: 7, Comm: "cat", Lid: 1}, data},
		{KtrHeader{Len: 4, Type: KTR_NAMEI, Version: 2, Pid: 7, Comm: "cat"}, []byte("/mnt")},
	}
	var b []byte
	for _, r := range want {
		b = r.Append(b)
	}
	got, err := ParseKtrRecords(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if a, err := sys.Args(got[0].Data); err != nil || !slices.Equal(a, Args{3, 0x1000, 512}) {
		t.Errorf("arguments: %v, %v", a, err)
	}
	if a, err := sys.Args(data[:16]); err == nil {
		t.Errorf("arguments of a short record: %v", a)
	}
	for n := 1; n < len(b); n++ {
		if _, err := ParseKtrRecords(b[:n]); n != SizeofKtrHeader+32 && !errors.As(err, new(*FormatError)) {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
}

func FuzzParseKtrRecords(f *testing.F) {
	f.Add(KtrRecord{KtrHeader{Type: KTR_NAMEI, Version: 2}, []byte("/mnt")}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		rs, err := ParseKtrRecords(b)
		if err != nil {
			return
		}
		for _, r := range rs {
			if s, err := ParseKtrSyscall(r.Data); err == nil {
				s.Args(r.Data)
			}
		}
	})
}
