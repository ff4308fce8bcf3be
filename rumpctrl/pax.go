package rumpctrl

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/rump"
)

// archiver is one run of pax.
type archiver struct {
	e      *Env
	ctx    context.Context
	k      *rump.Kernel
	out    *printer
	status int

	read, write, verbose, absolute      bool
	onlyDirs, others, keep, first       bool   // -d, -c, -k, -n
	links, nul, oneFS, keepAtime        bool   // -l, -0, -X, -t
	update, updateChanged               bool   // -u, -D: by the name before -s
	fresh, freshChanged                 bool   // -Z, -Y: by the name after it
	appends, total                      bool   // -a, -V
	given                               string // the letters of all options
	head, follow                        bool   // -H, -L
	archive, format                     string // format is empty if -x did not say
	blocking                            int
	noAtime, noMtime, owner, permission bool // -p
	mask                                uint32
	stripped                            bool

	replaces      []paxReplace    // -s
	users, groups map[uint32]bool // -U, -G; nil for all
	ranges        []paxTimes      // -T

	patterns []string
	matched  []bool
	files    int
	chosen   bool // of an argument, any file
}

const paxUsage = `usage: pax [-0cdjnvzVO] [-E limit] [-f archive] [-N dbdir] [-s replstr] ...
           [-U user] ... [-G group] ... [-T [from_date][,to_date]] ...
           [pattern ...]
       pax -r [-cdijknuvzADOVYZ] [-E limit] [-f archive] [-N dbdir]
           [-o options] ... [-p string] ... [-s replstr] ... [-U user] ...
           [-G group] ... [-T [from_date][,to_date]] ... [pattern ...]
       pax -w [-dijtuvzAHLMOPVX] [-b blocksize] [[-a] [-f archive]] [-x format]
           [-B bytes] [-N dbdir] [-o options] ... [-s replstr] ...
           [-U user] ... [-G group] ...
           [-T [from_date][,to_date][/[c][m]]] ... [file ...]
       pax -r -w [-dijklntuvzADHLMOPVXYZ] [-N dbdir] [-p string] ...
           [-s replstr] ... [-U user] ... [-G group] ...
           [-T [from_date][,to_date][/[c][m]]] ... [file ...] directory
`

func runPax(ctx context.Context, e *Env) error {
	a := &archiver{e: e, ctx: ctx, k: e.Kernel, out: e.buffered()}
	defer a.out.Flush()
	args, err := e.getopt(e.Args[1:], "0ab:cdf:HikLlno:Pp:rs:tuvwx:AB:DE:G:OT:U:VXYZjz", a.option)
	if err != nil && err != errBadOption {
		return err
	}
	if err == nil && !a.goTogether() {
		err = errBadOption
	}
	if err != nil || a.read && a.write && len(args) == 0 {
		fmt.Fprint(e.Stderr, paxUsage)
		return silent(1)
	}
	if a.mask, err = e.umask(ctx); err != nil {
		return err
	}
	started := time.Now()
	if err := a.checkBlocking(); err != nil {
		return err
	}
	var name string
	var in, out int64
	switch {
	case a.read && a.write:
		err = a.copy(args[:len(args)-1], args[len(args)-1])
	case a.write:
		name, in, out, err = a.create(args)
	default:
		name, in, err = a.extract(args)
	}
	a.out.Flush()
	if err != nil {
		return err
	}
	if (a.verbose || a.total) && name != "" {
		a.summary(name, in, out, started)
	}
	a.unmatched()
	return silent(a.status)
}

func (a *archiver) option(opt byte, arg string) error {
	a.given += string(opt)
	switch opt {
	case '0':
		a.nul = true
	case 'a':
		a.appends = true
	case 'b':
		n, ok := paxNumber(arg)
		if !ok {
			a.warn("Invalid block size %s", arg)
			return errBadOption
		}
		a.blocking = n
	case 'c':
		a.others = true
	case 'D':
		a.updateChanged = true
	case 'd':
		a.onlyDirs = true
	case 'f':
		a.archive = arg
	case 'G', 'U':
		ids, what := &a.groups, "Cannot determine gid for group name"
		if opt == 'U' {
			ids, what = &a.users, "Unable to find uid for user"
		}
		id, err := a.ownerID(what, arg)
		if err != nil {
			return err
		}
		if *ids == nil {
			*ids = make(map[uint32]bool)
		}
		(*ids)[id] = true
	case 'H':
		a.head, a.follow = true, false
	case 'L':
		a.follow, a.head = true, false
	case 'P':
		a.head, a.follow = false, false
	case 'k':
		a.keep = true
	case 'l':
		a.links = true
	case 'n':
		a.first = true
	case 'p':
		for i := range len(arg) {
			switch arg[i] {
			case 'a':
				a.noAtime = true
			case 'e':
				a.noAtime, a.noMtime, a.owner, a.permission = false, false, true, true
			case 'm':
				a.noMtime = true
			case 'o':
				a.owner = true
			case 'p':
				a.permission = true
			default:
				a.warn("Invalid -p string: %c", arg[i])
				return errBadOption
			}
		}
	case 'r':
		a.read = true
	case 's':
		return a.replacement(arg)
	case 'T':
		return a.times(arg)
	case 'u':
		a.update = true
	case 'v':
		a.verbose = true
	case 'w':
		a.write = true
	case 'x':
		switch arg {
		case "ustar", "cpio", "sv4cpio":
			a.format = arg
		case "bcpio", "sv4crc", "tar":
			return errx(1, "cannot write the format %s", arg)
		default:
			a.warn("Unknown -x format: %s", arg)
			fmt.Fprintf(a.e.Stderr, "pax: Known -x formats are: bcpio cpio sv4cpio sv4crc tar ustar\n\n")
			return errBadOption
		}
	case 'A':
		a.absolute = true
	case 'X':
		a.oneFS = true
	case 'Y':
		a.freshChanged = true
	case 'Z':
		a.fresh = true
	case 'E', 'O':
		// Nothing is read again, and there is but one volume.
	case 'V':
		a.total = true
	case 't':
		a.keepAtime = true
	default:
		return errx(1, "option -%c is not supported", opt)
	}
	return nil
}

// warn says what is wrong and makes the exit status 1.
func (a *archiver) warn(format string, args ...any) {
	a.out.Flush()
	fmt.Fprintf(a.e.Stderr, "pax: %s\n", fmt.Sprintf(format, args...))
	a.status = 1
}

// warnErr is warn with the reason in parentheses.
func (a *archiver) warnErr(err error, format string, args ...any) {
	a.warn("%s (%s)", fmt.Sprintf(format, args...), reason(err))
}

// summary says how much was read and written.
func (a *archiver) summary(name string, in, out int64, started time.Time) {
	secs := max(int64(time.Since(started).Round(time.Second)/time.Second), 1)
	w := a.e.Stderr
	if !a.read && !a.write { // a list
		w = a.e.Stdout
	}
	fmt.Fprintf(w, "pax: %s vol 1, %d files, %d bytes read, %d bytes written in %d secs (%d bytes/sec)\n",
		name, a.files, in, out, secs, (in+out)/secs)
}

// strip takes the leading slash of a name away.
func (a *archiver) strip(name string, say bool) string {
	if a.absolute || !strings.HasPrefix(name, "/") {
		return name
	}
	if say && !a.stripped {
		a.stripped = true
		a.out.Flush()
		fmt.Fprintf(a.e.Stderr, "pax: Removing leading / from absolute path names in the archive\n")
	}
	if name = strings.TrimLeft(name, "/"); name == "" {
		name = "."
	}
	return name
}

// paxLetters are the options in the order in which they are complained of.
const paxLetters = "abcdfiklnoprstuvwxABDEGHLMPTUVXYZ"

// goTogether reports whether the options go with what is to be done, and says so if
// they do not.
func (a *archiver) goTogether() bool {
	bad := ""
	switch {
	case a.read && a.write:
		bad = "abfoxABE"
	case a.read:
		bad = "abltwxBHLMPX"
	case a.write:
		bad = "cklnprDEYZ"
	default:
		bad = "abikloprtuwxBDHLMPXYZ"
	}
	if !strings.ContainsAny(a.given, bad) {
		return true
	}
	var said strings.Builder
	for _, l := range paxLetters {
		if strings.ContainsRune(a.given, l) {
			fmt.Fprintf(&said, " -%c", l)
		}
	}
	a.warn("Invalid combination of options:%s", said.String())
	return false
}

// paxNumber parses a number of bytes: with a suffix b, k, m or w, and times another.
func paxNumber(s string) (int, bool) {
	total := 1
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == 'x' || r == '*' }) {
		unit := 1
		if f[len(f)-1] > '9' {
			if unit = map[byte]int{'b': 512, 'k': 1 << 10, 'm': 1 << 20, 'w': 4}[f[len(f)-1]]; unit == 0 {
				return 0, false
			}
			f = f[:len(f)-1]
		}
		n, err := strconv.ParseInt(f, 0, 32)
		if err != nil || n <= 0 || int64(total) > 1<<40/(n*int64(unit)) {
			return 0, false
		}
		total *= int(n) * unit
	}
	return total, s != ""
}

// checkBlocking checks the blocks of -b.
func (a *archiver) checkBlocking() error {
	const unit, most = 512, 32256
	switch {
	case a.blocking > most:
		return errx(1, "Write block size of %d too large, maximum is: %d", a.blocking, most)
	case a.blocking%unit != 0:
		return errx(1, "Write block size of %d is not a %d byte multiple", a.blocking, unit)
	}
	return nil
}

// unmatched says which patterns no member of the archive has matched.
func (a *archiver) unmatched() {
	names := ""
	for i, p := range a.patterns {
		if !a.matched[i] {
			names += p + "\n"
		}
	}
	if names != "" {
		a.warn("WARNING! These patterns were not matched:\n%s", strings.TrimSuffix(names, "\n"))
	}
}
