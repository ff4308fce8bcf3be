package netbsd

import "fmt"

// An Ioctl is the command of an ioctl(2). It says in which direction the
// parameter is copied and how long it is, so that a kernel knows what to copy
// before any driver has looked at the command.
//
//	// sys/ioccom.h
//	 31 29 28                     16 15            8 7             0
//	+------+------------------------+---------------+---------------+
//	| dir  | length of parameter    | group         | number        |
//	+------+------------------------+---------------+---------------+
//
// As an argument of a system call it is an unsigned long whose upper half is
// zero; [Args.Uint] reads it.
type Ioctl uint32

// Parts of an ioctl command.
//
//	// #define IOCPARM_MASK 0x1fff
//	// #define IOC_VOID (unsigned long)0x20000000
const (
	IOCPARM_MASK   = 0x1fff
	IOCPARM_SHIFT  = 16
	IOCGROUP_SHIFT = 8

	IOC_VOID    = 0x20000000
	IOC_OUT     = 0x40000000
	IOC_IN      = 0x80000000
	IOC_INOUT   = IOC_IN | IOC_OUT
	IOC_DIRMASK = 0xe0000000
)

// IOC composes a command from its parts. dir is one of IOC_VOID, IOC_OUT,
// IOC_IN and IOC_INOUT.
//
//	// #define _IOC(inout, group, num, len) \
//	//     ((inout) | (((len) & IOCPARM_MASK) << IOCPARM_SHIFT) | \
//	//     ((group) << IOCGROUP_SHIFT) | (num))
func IOC(dir uint32, group byte, num uint8, size int) Ioctl {
	return Ioctl(dir | uint32(size)&IOCPARM_MASK<<IOCPARM_SHIFT | uint32(group)<<IOCGROUP_SHIFT | uint32(num))
}

// IO is a command without a parameter.
//
//	// #define _IO(g,n) _IOC(IOC_VOID, (g), (n), 0)
func IO(group byte, num uint8) Ioctl { return IOC(IOC_VOID, group, num, 0) }

// IOR is a command whose parameter the kernel writes and the caller reads.
//
//	// #define _IOR(g,n,t) _IOC(IOC_OUT, (g), (n), sizeof(t))
func IOR(group byte, num uint8, size int) Ioctl { return IOC(IOC_OUT, group, num, size) }

// IOW is a command whose parameter the caller writes and the kernel reads.
//
//	// #define _IOW(g,n,t) _IOC(IOC_IN, (g), (n), sizeof(t))
func IOW(group byte, num uint8, size int) Ioctl { return IOC(IOC_IN, group, num, size) }

// IOWR is a command whose parameter goes both ways.
//
//	// #define _IOWR(g,n,t) _IOC(IOC_INOUT, (g), (n), sizeof(t))
func IOWR(group byte, num uint8, size int) Ioctl { return IOC(IOC_INOUT, group, num, size) }

// Len is the length in bytes of the command's parameter.
//
//	// #define IOCPARM_LEN(x) (((x) >> IOCPARM_SHIFT) & IOCPARM_MASK)
func (c Ioctl) Len() int { return int(c >> IOCPARM_SHIFT & IOCPARM_MASK) }

// Group is the letter that stands for a kind of device.
//
//	// #define IOCGROUP(x) (((x) >> IOCGROUP_SHIFT) & 0xff)
func (c Ioctl) Group() byte { return byte(c >> IOCGROUP_SHIFT) }

// Num is the number of the command within its group.
func (c Ioctl) Num() uint8 { return uint8(c) }

// In reports whether the kernel copies the parameter in from the caller.
func (c Ioctl) In() bool { return c&IOC_IN != 0 }

// Out reports whether the kernel copies the parameter out to the caller.
func (c Ioctl) Out() bool { return c&IOC_OUT != 0 }

// Known reports whether the command has a name here.
func (c Ioctl) Known() bool { _, ok := ioctlNames()[c]; return ok }

// LookupIoctl finds a command by its name.
func LookupIoctl(name string) (Ioctl, bool) {
	for c, n := range ioctlNames() {
		if n == name {
			return c, true
		}
	}
	return 0, false
}

// String is the command's name, such as "SIOCGIFFLAGS", or for an unknown one
// its parts in the manner of C, such as "_IOWR('i', 17, 144)".
func (c Ioctl) String() string {
	if s, ok := ioctlNames()[c]; ok {
		return s
	}
	var macro string
	switch c & IOC_DIRMASK {
	case IOC_VOID:
		if c.Len() == 0 {
			return fmt.Sprintf("_IO(%q, %d)", c.Group(), c.Num())
		}
		return fmt.Sprintf("_IOC(IOC_VOID, %q, %d, %d)", c.Group(), c.Num(), c.Len())
	case IOC_OUT:
		macro = "_IOR"
	case IOC_IN:
		macro = "_IOW"
	case IOC_INOUT:
		macro = "_IOWR"
	default:
		return fmt.Sprintf("ioctl 0x%08x", uint32(c))
	}
	return fmt.Sprintf("%s(%q, %d, %d)", macro, c.Group(), c.Num(), c.Len())
}
