package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// mounter is one run of mount.
type mounter struct {
	e         *Env
	ctx       context.Context
	pretend   bool // -d
	verbose   int
	flags     int
	options   string
	hasOption bool
	types     *typeList
	typ       string
}

func runMount(ctx context.Context, e *Env) error {
	m := &mounter{e: e, ctx: ctx, typ: "ffs"}
	all, forceAll := false, false
	args, err := e.getopt(e.Args[1:], "Aadfo:rwt:uv", func(opt byte, arg string) error {
		switch opt {
		case 'A':
			all, forceAll = true, true
		case 'a':
			all = true
		case 'd':
			m.pretend = true
		case 'f':
			m.flags |= netbsd.MNT_FORCE
		case 'o':
			if arg != "" {
				m.options = join(m.options, arg)
				m.hasOption = true
			}
		case 'r':
			m.flags |= netbsd.MNT_RDONLY
		case 't':
			if m.types != nil {
				return errx(1, "Only one -t option may be specified.")
			}
			m.types, m.typ = parseTypeList(arg), arg
		case 'u':
			m.flags |= netbsd.MNT_UPDATE
		case 'v':
			m.verbose++
		case 'w':
			m.flags &^= netbsd.MNT_RDONLY
		}
		return nil
	})
	switch {
	case err != nil && err != errBadOption:
		return err
	case err != nil || len(args) > 2 || len(args) == 1 && m.types != nil:
		fmt.Fprintf(e.Stderr, "Usage: mount [-Aadfruvw] [-t type]\n"+
			"\tmount [-dfruvw] special | node\n"+
			"\tmount [-dfruvw] [-o options] [-t type] special node\n")
		return silent(1)
	case len(args) == 0 && all:
		return m.mountAll(!forceAll)
	case len(args) == 0:
		return m.list()
	case len(args) == 1:
		return m.mountKnown(args[0])
	}
	if m.types == nil && strings.ContainsAny(args[0], ":@") {
		fmt.Fprintf(e.Stderr, "WARNING: autoselecting nfs based on : or @ in the device name is deprecated!\n"+
			"WARNING: This behaviour will be removed in a future release\n")
		m.typ = "nfs"
	} else if m.types == nil {
		if m.typ, err = m.labelType(args[0]); err != nil {
			return err
		}
	}
	return silent(m.mount(m.typ, args[0], args[1], "", false))
}

// join adds to a list with commas.
func join(list, more string) string {
	if list == "" {
		return more
	}
	return list + "," + more
}

// list prints what is mounted.
func (m *mounter) list() error {
	mounts, err := m.e.Kernel.Mounts(m.ctx, netbsd.MNT_NOWAIT)
	if err != nil {
		return errc(1, err, "getmntinfo")
	}
	for _, s := range mounts {
		if !m.types.excludes(s.Fstypename) {
			m.print(s)
		}
	}
	return nil
}

// quietFlags are printed with -v only.
var quietFlags = []struct {
	flag uint64
	word string
}{
	{netbsd.MNT_EXRDONLY, "exported read-only"}, {netbsd.MNT_DEFEXPORTED, "exported to the world"},
	{netbsd.MNT_EXPORTANON, "anon uid mapping"}, {netbsd.MNT_EXKERB, "kerberos uid mapping"},
	{netbsd.MNT_ROOTFS, "root file system"},
}

// print prints one mount.
func (m *mounter) print(s netbsd.Statvfs) {
	words := netbsd.MountFlags(s.Flag & netbsd.MNT_VISFLAGMASK).Words()
	if m.verbose > 0 {
		for _, q := range quietFlags {
			if s.Flag&q.flag != 0 {
				words = append(words, q.word)
			}
		}
	}
	if s.Owner != 0 {
		words = append(words, fmt.Sprintf("mounted by %d", s.Owner))
	}
	if m.verbose > 0 {
		words = append(words,
			fmt.Sprintf("fsid: %#x/%#x", uint32(s.Fsidx.Val[0]), uint32(s.Fsidx.Val[1])),
			fmt.Sprintf("reads: sync %d async %d", s.Syncreads, s.Asyncreads),
			fmt.Sprintf("writes: sync %d async %d", s.Syncwrites, s.Asyncwrites))
		if m.verbose > 1 {
			if a := m.arguments(s); a != "" {
				words = append(words, fmt.Sprintf("[%s: %s]", s.Fstypename, a))
			}
		}
	}
	m.e.printf("%s on %s type %s", s.Mntfromname, s.Mntonname, s.Fstypename)
	if len(words) > 0 {
		m.e.printf(" (%s)", strings.Join(words, ", "))
	}
	m.e.printf("\n")
}

// arguments asks the mount_* program for the arguments of what it has mounted.
func (m *mounter) arguments(s netbsd.Statvfs) string {
	var out strings.Builder
	e := *m.e
	e.Stdout = &out
	quiet := &mounter{e: &e, ctx: m.ctx, options: "getargs", hasOption: true}
	if quiet.mount(s.Fstypename, s.Mntfromname, s.Mntonname, "", false) != 0 {
		return ""
	}
	line, _, _ := strings.Cut(out.String(), "\n")
	return line
}

// mountAll mounts what /etc/fstab lists.
func (m *mounter) mountAll(skipMounted bool) error {
	status := 0
	for _, f := range m.e.fstab(m.ctx) {
		if !f.usable() || m.types.excludes(f.typ) || f.has("noauto") {
			continue
		}
		spec, err := m.device(f)
		if err != nil {
			return err
		}
		if m.mount(f.typ, spec, f.file, f.options, skipMounted) != 0 {
			status = 1
		}
	}
	return silent(status)
}

// device is what an entry of /etc/fstab mounts.
func (m *mounter) device(f fstabEntry) (string, error) {
	if f.spec != "from_mount" {
		return f.spec, nil
	}
	s := m.find(f.file)
	if s == nil {
		return "", errx(1, "Unknown file system %s", f.file)
	}
	return s.Mntfromname, nil
}

// find returns what is mounted on or from a name.
func (m *mounter) find(name string) *netbsd.Statvfs {
	mounts, _ := m.e.Kernel.Mounts(m.ctx, netbsd.MNT_NOWAIT)
	for _, s := range mounts {
		if s.Mntfromname == name || s.Mntonname == name {
			return &s
		}
	}
	return nil
}

// mountKnown mounts or updates what a folder or a device alone names.
func (m *mounter) mountKnown(name string) error {
	unknown := errx(1, "Unknown special file or file system `%s'", name)
	names := []string{name}
	if real, err := m.e.Kernel.Realpath(m.ctx, name); err == nil {
		names = []string{real, name}
	}
	if m.flags&netbsd.MNT_UPDATE != 0 {
		for _, n := range names {
			s := m.find(n)
			if s == nil {
				continue
			}
			from := s.Mntfromname
			for _, f := range m.e.fstab(m.ctx) {
				if f.file == s.Mntonname && f.spec != "from_mount" {
					from = f.spec
				}
			}
			return silent(m.mount(s.Fstypename, from, s.Mntonname, "", false))
		}
		return unknown
	}
	for _, n := range names {
		for _, match := range []func(fstabEntry) bool{
			func(f fstabEntry) bool { return f.file == n },
			func(f fstabEntry) bool { return f.spec == n },
		} {
			entries := m.e.fstab(m.ctx)
			i := slices.IndexFunc(entries, match)
			if i < 0 {
				continue
			}
			f := entries[i]
			if !f.usable() {
				return errx(1, "Unknown file system type for `%s'", name)
			}
			spec, err := m.device(f)
			if err != nil {
				return unknown
			}
			return silent(m.mount(f.typ, spec, f.file, f.options, false))
		}
	}
	return unknown
}

// labelType is the type of file system that a disk's label says is on it.
func (m *mounter) labelType(dev string) (string, error) {
	f, err := m.e.Kernel.Open(m.ctx, dev, netbsd.O_RDONLY, 0)
	if errors.Is(err, netbsd.EBUSY) {
		// It is mounted. What is wrong with the raw one, mount(2) will say.
		i := strings.LastIndexByte(dev, '/') + 1
		if f, err = m.e.Kernel.Open(m.ctx, dev[:i]+"r"+dev[i:], netbsd.O_RDONLY, 0); err != nil {
			return "ffs", nil
		}
	}
	if err != nil {
		return "", errc(1, err, "cannot open `%s'", dev)
	}
	defer f.Close()
	label, err := f.Disklabel()
	if err != nil {
		return "ffs", nil
	}
	part := int(dev[len(dev)-1]) - 'a'
	if part < 0 || part >= int(label.Npartitions) || part >= len(label.Partitions) {
		return "ffs", nil
	}
	switch label.Partitions[part].Fstype {
	case netbsd.FS_BSDLFS:
		return "lfs", nil
	case netbsd.FS_MSDOS:
		return "msdos", nil
	case netbsd.FS_EX2FS:
		return "ext2fs", nil
	case netbsd.FS_ISO9660:
		return "cd9660", nil
	}
	return "ffs", nil
}

// mountPrograms are the types whose program mount finds, which are those that
// rumpctrl has. The program of any other type is run by its name.
var mountPrograms = []string{"cd9660", "ext2fs", "ffs", "msdos", "tmpfs"}

// option reports what a list of options says of one: the last word counts.
func option(list, name string) bool {
	has := false
	for _, o := range strings.Split(list, ",") {
		switch {
		case strings.EqualFold(o, name):
			has = true
		case strings.EqualFold(o, "no"+name):
			has = false
		}
	}
	return has
}

// mount runs the program for a type of file system and returns its status.
func (m *mounter) mount(typ, spec, dir, fstabOptions string, skipMounted bool) int {
	real, err := m.e.Kernel.Realpath(m.ctx, dir)
	if err != nil {
		m.e.warn(err, "realpath `%s'", dir)
		return 1
	}
	dir = real
	options := fstabOptions
	if m.hasOption {
		options = join(options, m.options)
	}
	if options == "" {
		options = "rw"
	}
	flags := m.flags
	if !strings.Contains(m.options, "getargs") && dir == "/" && !option(options, "union") {
		flags |= netbsd.MNT_UPDATE
	} else if skipMounted {
		if s := m.find(dir); s != nil && s.Mntonname == dir && s.Fstypename == typ {
			if m.verbose > 0 {
				m.e.printf("%s on %s type %s: already mounted\n", s.Mntfromname, s.Mntonname, s.Fstypename)
			}
			return 0
		}
	}
	if flags&netbsd.MNT_FORCE != 0 {
		options = join(options, "force")
	}
	if flags&netbsd.MNT_RDONLY != 0 {
		options = join(options, "ro")
	}
	if flags&netbsd.MNT_UPDATE != 0 {
		options = join(options, "update")
		if m.types == nil && typ == "ffs" {
			if s, err := m.e.Kernel.Statvfs(m.ctx, dir); err == nil {
				typ = s.Fstypename
			}
		}
	}
	args := []string{"mount_" + typ}
	for _, o := range strings.Split(options, ",") {
		switch {
		case o == "" || o == "rw":
		case o[0] == '-':
			opt, value, has := strings.Cut(o, "=")
			if args = append(args, opt); has {
				args = append(args, value)
			}
		default:
			args = append(args, "-o", o)
		}
	}
	args = append(args, spec, dir)
	if m.verbose > 0 || m.pretend {
		m.e.printf("exec: %s\n", strings.Join(args, " "))
	}
	if m.pretend {
		return 0
	}
	if !slices.Contains(mountPrograms, typ) {
		m.e.warnx("%s not found for %s", args[0], dir)
		return 0
	}
	status, err := m.e.spawn(m.ctx, args)
	if err != nil {
		m.e.warn(err, "fork")
		return 1
	}
	if status == 0 && m.verbose > 0 {
		s, err := m.e.Kernel.Statvfs(m.ctx, dir)
		if err != nil {
			m.e.warn(err, "statvfs %s", dir)
			return 1
		}
		m.print(s)
	}
	return status
}
