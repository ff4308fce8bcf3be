package rumpctrl

import (
	"strconv"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// modeBits are the bits that a symbolic mode can change.
const modeBits = netbsd.S_ISUID | netbsd.S_ISGID | netbsd.ACCESSPERMS

// A modeChange is a parsed mode: setmode(3).
type modeChange []modeOp

// modeOp is one step: '+' and '-' set and clear bits, 'X' sets them if there is
// an execute bit, and 'u', 'g' and 'o' copy one class's permissions to others.
type modeOp struct {
	cmd   byte
	bits  uint32
	who   uint32 // which classes a copy goes to, as bits of all classes
	set   bool   // a copy sets
	clear bool   // a copy clears
}

// parseMode parses a mode as chmod(1) takes it: octal, or symbolic as in
// "u+x,go-w". Symbolic modes that do not say whose permissions are meant heed the
// mask of umask(2).
func parseMode(s string, umask uint32) (modeChange, error) {
	if s == "" {
		return nil, netbsd.EINVAL
	}
	if s[0] >= '0' && s[0] <= '9' {
		n, err := strconv.ParseUint(s, 8, 32)
		if err != nil || n&^uint64(modeBits|netbsd.S_ISTXT) != 0 {
			return nil, netbsd.EINVAL
		}
		return modeChange{{cmd: '-', bits: modeBits | netbsd.S_ISTXT}, {cmd: '+', bits: uint32(n)}}, nil
	}
	p := modeParser{s: s, mask: ^umask}
	if !p.parse() {
		return nil, netbsd.EINVAL
	}
	return p.ops, nil
}

type modeParser struct {
	s    string
	mask uint32
	ops  modeChange
}

// peek returns the next character, 0 at the end.
func (p *modeParser) peek() byte {
	if p.s == "" {
		return 0
	}
	return p.s[0]
}

func (p *modeParser) skip() { p.s = p.s[1:] }

func (p *modeParser) parse() bool {
	for {
		var who uint32
		for {
			switch p.peek() {
			case 'a':
				who |= modeBits
			case 'u':
				who |= netbsd.S_ISUID | netbsd.S_IRWXU
			case 'g':
				who |= netbsd.S_ISGID | netbsd.S_IRWXG
			case 'o':
				who |= netbsd.S_IRWXO
			default:
				goto ops
			}
			p.skip()
		}
	ops:
		for {
			if !p.operation(&who) {
				return false
			}
			if p.peek() == 0 {
				return true
			}
			if p.peek() == ',' {
				p.skip()
				break
			}
		}
	}
}

// operation parses an operator and the permissions after it.
func (p *modeParser) operation(who *uint32) bool {
	op := p.peek()
	if op != '+' && op != '-' && op != '=' {
		return false
	}
	p.skip()
	*who &^= netbsd.S_ISTXT
	var perm, execute uint32
	assigned := false // "=" has cleared already
	for ; ; p.skip() {
		switch c := p.peek(); c {
		case 'r':
			perm |= netbsd.S_IRUSR | netbsd.S_IRGRP | netbsd.S_IROTH
		case 'w':
			perm |= netbsd.S_IWUSR | netbsd.S_IWGRP | netbsd.S_IWOTH
		case 'x':
			perm |= netbsd.S_IXUSR | netbsd.S_IXGRP | netbsd.S_IXOTH
		case 'X':
			execute = netbsd.S_IXUSR | netbsd.S_IXGRP | netbsd.S_IXOTH
		case 's':
			if *who == 0 || *who&^netbsd.S_IRWXO != 0 {
				perm |= netbsd.S_ISUID | netbsd.S_ISGID
			}
		case 't':
			if *who == 0 || *who&^netbsd.S_IRWXO != 0 {
				*who |= netbsd.S_ISTXT
				perm |= netbsd.S_ISTXT
			}
		case 'u', 'g', 'o':
			if perm != 0 {
				p.add(op, *who, perm)
				perm = 0
			}
			assigned = true
			if op == '+' && execute != 0 {
				p.add('X', *who, execute)
				execute = 0
			}
			p.addCopy(c, *who, op)
		default:
			if perm != 0 || op == '=' && !assigned {
				p.add(op, *who, perm)
			}
			if execute != 0 {
				p.add('X', *who, execute)
			}
			return true
		}
	}
}

func (p *modeParser) add(op byte, who, perm uint32) {
	scope := who
	if who == 0 {
		scope = p.mask
	}
	if op == '=' {
		clear := who
		if who == 0 {
			clear = modeBits
		}
		p.ops = append(p.ops, modeOp{cmd: '-', bits: clear})
		op = '+'
	}
	p.ops = append(p.ops, modeOp{cmd: op, bits: scope & perm})
}

func (p *modeParser) addCopy(from byte, who uint32, op byte) {
	o := modeOp{cmd: from, set: op != '-', clear: op != '+', who: netbsd.ACCESSPERMS, bits: p.mask}
	if who != 0 {
		o.bits = ^uint32(0)
		o.who = 0
		if who&netbsd.S_IRUSR != 0 {
			o.who |= netbsd.S_IRWXU
		}
		if who&netbsd.S_IRGRP != 0 {
			o.who |= netbsd.S_IRWXG
		}
		if who&netbsd.S_IROTH != 0 {
			o.who |= netbsd.S_IRWXO
		}
	}
	p.ops = append(p.ops, o)
}

// apply returns the mode that the change makes of a mode.
func (c modeChange) apply(old uint32) uint32 {
	mode := old
	for _, o := range c {
		switch o.cmd {
		case '+':
			mode |= o.bits
		case '-':
			mode &^= o.bits
		case 'X':
			if old&(netbsd.S_IFDIR|netbsd.S_IXUSR|netbsd.S_IXGRP|netbsd.S_IXOTH) != 0 {
				mode |= o.bits
			}
		default:
			shift := map[byte]int{'u': 6, 'g': 3, 'o': 0}[o.cmd]
			v := mode >> shift & 7
			all := v<<6 | v<<3 | v
			if o.clear {
				clear := all
				if o.set {
					clear = netbsd.ACCESSPERMS
				}
				mode &^= clear & o.who & o.bits
			}
			if o.set {
				mode |= all & o.who & o.bits
			}
		}
	}
	return mode
}

// modeString is what ls prints of a mode, with its space at the end: strmode(3).
func modeString(mode uint32) string {
	b := []byte("?--------- ")
	switch mode & netbsd.S_IFMT {
	case netbsd.S_IFDIR:
		b[0] = 'd'
	case netbsd.S_IFCHR:
		b[0] = 'c'
	case netbsd.S_IFBLK:
		b[0] = 'b'
	case netbsd.S_IFREG:
		b[0] = '-'
	case netbsd.S_IFLNK:
		b[0] = 'l'
	case netbsd.S_IFSOCK:
		b[0] = 's'
	case netbsd.S_IFIFO:
		b[0] = 'p'
	case netbsd.S_IFWHT:
		b[0] = 'w'
	}
	for i := range 9 {
		if mode&(0o400>>i) != 0 {
			b[1+i] = "rwx"[i%3]
		}
	}
	special := func(at int, bit uint32, both, alone byte) {
		if mode&bit == 0 {
			return
		}
		if b[at] == 'x' {
			b[at] = both
		} else {
			b[at] = alone
		}
	}
	special(3, netbsd.S_ISUID, 's', 'S')
	special(6, netbsd.S_ISGID, 's', 'S')
	special(9, netbsd.S_ISTXT, 't', 'T')
	return string(b)
}
