package netbsd

// How reboot(2) ends the kernel, from <sys/reboot.h>.
const (
	RB_AUTOBOOT  = 0x0
	RB_ASKNAME   = 0x1
	RB_SINGLE    = 0x2
	RB_NOSYNC    = 0x4
	RB_HALT      = 0x8
	RB_INITNAME  = 0x10
	RB_KDB       = 0x40
	RB_RDONLY    = 0x80
	RB_DUMP      = 0x100
	RB_MINIROOT  = 0x200
	RB_STRING    = 0x400
	RB_POWERDOWN = 0x808
	RB_USERCONF  = 0x1000
)
