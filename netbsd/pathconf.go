package netbsd

// LookupPathconf finds a name of pathconf(2), such as PC_NAME_MAX, by what
// getconf(1) calls it without its first underscore: "NAME_MAX".
func LookupPathconf(name string) (int, bool) {
	n, ok := pathconfNames[name]
	return n, ok
}

var pathconfNames = map[string]int{
	"LINK_MAX":         PC_LINK_MAX,
	"MAX_CANON":        PC_MAX_CANON,
	"MAX_INPUT":        PC_MAX_INPUT,
	"NAME_MAX":         PC_NAME_MAX,
	"PATH_MAX":         PC_PATH_MAX,
	"PIPE_BUF":         PC_PIPE_BUF,
	"CHOWN_RESTRICTED": PC_CHOWN_RESTRICTED,
	"NO_TRUNC":         PC_NO_TRUNC,
	"VDISABLE":         PC_VDISABLE,
	"SYNC_IO":          PC_SYNC_IO,
	"FILESIZEBITS":     PC_FILESIZEBITS,
	"SYMLINK_MAX":      PC_SYMLINK_MAX,
	"2_SYMLINKS":       PC_2_SYMLINKS,
	"ACL_EXTENDED":     PC_ACL_EXTENDED,
	"MIN_HOLE_SIZE":    PC_MIN_HOLE_SIZE,
}
