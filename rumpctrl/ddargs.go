package rumpctrl

import (
	"math"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ddFlag are the operands of dd that were given and the conversions asked for.
type ddFlag uint32

const (
	ddBs ddFlag = 1 << iota
	ddIbs
	ddObs
	ddCbs
	ddCount
	ddFiles
	ddIf
	ddOf
	ddIflag
	ddOflag
	ddSkip
	ddSeek

	ddASCII
	ddEBCDIC
	ddBlock
	ddUnblock
	ddLower
	ddUpper
	ddNoError
	ddNoTrunc
	ddOsync
	ddSparse
	ddSwab
	ddSync
)

// parse reads the operands. The error is what dd says and ends with.
func (d *copier) parse(args []string) error {
	d.in.size, d.out.size = 512, 512
	d.in.flags, d.out.flags = netbsd.O_RDONLY, netbsd.O_CREAT
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		switch {
		case !ok:
			return errx(1, "unknown operand %s", a)
		case value == "":
			return errx(1, "no value specified for %s", name)
		}
		if err := d.operand(name, value); err != nil {
			return err
		}
	}
	if d.has(ddBs) {
		// A conversion makes bs mean ibs and obs.
		if d.has(ddBlock | ddLower | ddSwab | ddUpper | ddUnblock | ddOsync | ddASCII | ddEBCDIC | ddSparse) {
			d.given = d.given&^ddBs | ddIbs | ddObs
		} else if d.has(ddIbs | ddObs) {
			d.e.warnx("bs supersedes ibs and obs")
		}
	}
	switch {
	case d.has(ddBlock | ddUnblock):
		if !d.has(ddCbs) {
			return errx(1, "record operations require cbs")
		}
	case d.has(ddCbs) && d.has(ddASCII):
		d.given |= ddUnblock
	case d.has(ddCbs) && d.has(ddEBCDIC):
		d.given |= ddBlock
	case d.has(ddCbs):
		return errx(1, "cbs meaningless if not doing record operations")
	}
	return nil
}

func (d *copier) has(f ddFlag) bool { return d.given&f != 0 }

var ddOperands = map[string]struct{ set, exclude ddFlag }{
	"bs":       {ddBs, ddBs | ddIbs | ddObs | ddOsync},
	"cbs":      {ddCbs, ddCbs},
	"conv":     {},
	"count":    {ddCount, ddCount},
	"files":    {ddFiles, ddFiles},
	"ibs":      {ddIbs, ddBs | ddIbs},
	"if":       {ddIf, ddIf},
	"iflag":    {ddIflag, ddIflag},
	"iseek":    {ddSkip, ddSkip},
	"msgfmt":   {},
	"obs":      {ddObs, ddBs | ddObs},
	"of":       {ddOf, ddOf},
	"oflag":    {ddOflag, ddOflag},
	"oseek":    {ddSeek, ddSeek},
	"progress": {},
	"seek":     {ddSeek, ddSeek},
	"skip":     {ddSkip, ddSkip},
}

func (d *copier) operand(name, value string) (err error) {
	op, ok := ddOperands[name]
	if !ok {
		return errx(1, "unknown operand %s", name)
	}
	if d.has(op.exclude) {
		return errx(1, "%s: illegal argument combination or already set", name)
	}
	d.given |= op.set
	number := func(what string, least, most int64) int64 {
		n, perr := parseSuffixed(what, value, least, most)
		if perr != nil {
			err = errx(1, "%s", perr)
		}
		return n
	}
	switch name {
	case "bs":
		d.in.size = int(number("block size", 1, math.MaxUint32))
		d.out.size = d.in.size
	case "ibs":
		d.in.size = int(number("input block size", 1, math.MaxUint32))
	case "obs":
		d.out.size = int(number("output block size", 1, math.MaxUint32))
	case "cbs":
		d.recordSize = int(number("conversion record size", 1, math.MaxUint32))
	case "count":
		if d.count = number("block count", 0, math.MaxInt64); d.count == 0 && err == nil {
			return errNothingToDo
		}
	case "files":
		if d.files = number("file count", 0, math.MaxUint32); d.files == 0 && err == nil {
			return errNothingToDo
		}
	case "if":
		d.in.name = value
	case "of":
		d.out.name = value
	case "iseek", "skip":
		d.in.offset = number("skip blocks", 0, math.MaxInt64)
	case "oseek", "seek":
		d.out.offset = number("seek blocks", 0, math.MaxInt64)
	case "progress":
		d.progress = number("progress blocks", 0, math.MaxInt64)
	case "msgfmt":
		if _, ferr := d.formatSummary(value); ferr != nil {
			return ferr
		}
		d.format = value
	case "conv":
		return d.conversions(value)
	case "iflag":
		d.in.flags, err = d.openFlags("iflag", value)
	case "oflag":
		d.out.flags, err = d.openFlags("oflag", value)
	}
	return err
}

// errNothingToDo is count=0.
var errNothingToDo = silent(127)

func (d *copier) conversions(list string) error {
	for _, name := range strings.Split(list, ",") {
		var set, exclude ddFlag
		switch name {
		case "ascii", "oldascii":
			set, exclude = ddASCII, ddEBCDIC
		case "ebcdic", "ibm", "oldebcdic", "oldibm":
			set, exclude = ddEBCDIC, ddASCII
		case "block":
			set, exclude = ddBlock, ddUnblock
		case "unblock":
			set, exclude = ddUnblock, ddBlock
		case "lcase":
			set, exclude = ddLower, ddUpper
		case "ucase":
			set, exclude = ddUpper, ddLower
		case "noerror":
			set = ddNoError
		case "notrunc":
			set = ddNoTrunc
		case "osync":
			set, exclude = ddOsync, ddBs
		case "sparse":
			set = ddSparse
		case "swab":
			set = ddSwab
		case "sync":
			set = ddSync
		default:
			return errx(1, "unknown conversion %s", name)
		}
		if d.has(exclude) {
			return errx(1, "%s: illegal conversion combination", name)
		}
		d.given |= set
		if t := conversionTables[name]; t != nil {
			d.table = t
		}
	}
	return nil
}

var conversionTables = map[string]*[256]byte{
	"ascii": &ebcdicToASCII, "ebcdic": &asciiToEBCDIC, "ibm": &asciiToIBM,
	"oldascii": &ebcdicToASCII32V, "oldebcdic": &asciiToEBCDIC32V, "oldibm": &asciiToIBM32V,
}

var ddOpenFlags = map[string]struct {
	flag    int
	allowed ddFlag
}{
	"alt_io":    {netbsd.O_ALT_IO, ddIflag | ddOflag},
	"append":    {netbsd.O_APPEND, ddOflag},
	"async":     {netbsd.O_ASYNC, ddIflag | ddOflag},
	"cloexec":   {netbsd.O_CLOEXEC, ddIflag | ddOflag},
	"creat":     {netbsd.O_CREAT, ddOflag},
	"direct":    {netbsd.O_DIRECT, ddIflag | ddOflag},
	"directory": {netbsd.O_DIRECTORY, 0},
	"dsync":     {netbsd.O_DSYNC, ddOflag},
	"excl":      {netbsd.O_EXCL, ddIflag | ddOflag},
	"exlock":    {netbsd.O_EXLOCK, ddIflag | ddOflag},
	"noctty":    {netbsd.O_NOCTTY, ddIflag | ddOflag},
	"nofollow":  {netbsd.O_NOFOLLOW, ddIflag | ddOflag},
	"nonblock":  {netbsd.O_NONBLOCK, ddIflag | ddOflag},
	"nosigpipe": {netbsd.O_NOSIGPIPE, ddIflag | ddOflag},
	"rdonly":    {netbsd.O_RDONLY, ddIflag},
	"rdwr":      {netbsd.O_RDWR, ddIflag},
	"rsync":     {netbsd.O_RSYNC, ddIflag},
	"search":    {netbsd.O_SEARCH, ddIflag | ddOflag},
	"shlock":    {netbsd.O_SHLOCK, ddIflag | ddOflag},
	"sync":      {netbsd.O_SYNC, ddIflag | ddOflag},
	"trunc":     {netbsd.O_TRUNC, ddIflag | ddOflag},
	"wronly":    {netbsd.O_WRONLY, 0},
}

func (d *copier) openFlags(operand, list string) (int, error) {
	side := ddIflag
	if operand == "oflag" {
		side = ddOflag
	}
	flags := 0
	for _, name := range strings.Split(list, ",") {
		f, ok := ddOpenFlags[name]
		if !ok {
			return 0, errx(1, "unknown %s %s", operand, name)
		}
		if f.flag&netbsd.O_ACCMODE != 0 && side == ddOflag {
			d.e.warnx("rdonly, rdwr and wronly are ignored for oflag")
			continue
		}
		if f.allowed&side == 0 {
			d.e.warnx("%s set for %s but makes no sense", name, operand)
		}
		flags |= f.flag
	}
	return flags, nil
}
