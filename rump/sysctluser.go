package rump

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// The nodes below "user" are not the kernel's: on NetBSD the C library answers
// for them, with what the standards ask a system to tell. Here this package does.

type userNode struct {
	num  int32
	name string
	text string // the value of the one string
	n    int32  // the value of the others
	desc string
}

func userNodes() []userNode {
	const option = " Utilities Option"
	return []userNode{
		{1, "cs_path", "/usr/bin:/bin:/usr/sbin:/sbin:/usr/pkg/bin:/usr/pkg/sbin:/usr/local/bin:/usr/local/sbin", 0,
			"A value for the PATH environment variable that finds all the standard utilities"},
		{2, "bc_base_max", "", 2147483647, "The maximum ibase/obase values in the bc(1) utility"},
		{3, "bc_dim_max", "", 65535, "The maximum array size in the bc(1) utility"},
		{4, "bc_scale_max", "", 2147483647, "The maximum scale value in the bc(1) utility"},
		{5, "bc_string_max", "", 2147483647, "The maximum string length in the bc(1) utility"},
		{6, "coll_weights_max", "", 2, "The maximum number of weights that can be assigned to any entry of the LC_COLLATE order keyword in the locale definition file"},
		{7, "expr_nest_max", "", 32, "The maximum number of expressions that can be nested within parenthesis by the expr(1) utility"},
		{8, "line_max", "", 2048, "The maximum length in bytes of a text-processing utility's input line"},
		{9, "re_dup_max", "", 255, "The maximum number of repeated occurrences of a regular expression permitted when using interval notation"},
		{10, "posix2_version", "", 200112, "The version of POSIX 1003.2 with which the system attempts to comply"},
		{11, "posix2_c_bind", "", 1, "Whether the system's C-language development facilities support the C-Language Bindings Option"},
		{12, "posix2_c_dev", "", 0, "Whether the system supports the C-Language Development" + option},
		{13, "posix2_char_term", "", 0, "Whether the system supports at least one terminal type capable of all operations described in POSIX 1003.2"},
		{14, "posix2_fort_dev", "", 0, "Whether the system supports the FORTRAN Development" + option},
		{15, "posix2_fort_run", "", 0, "Whether the system supports the FORTRAN Runtime" + option},
		{16, "posix2_localedef", "", 0, "Whether the system supports the creation of locales"},
		{17, "posix2_sw_dev", "", 0, "Whether the system supports the Software Development" + option},
		{18, "posix2_upe", "", 0, "Whether the system supports the User Portability" + option},
		{19, "stream_max", "", 20, "The minimum maximum number of streams that a process may have open at any one time"},
		{20, "tzname_max", "", 511, "The minimum maximum number of types supported for the name of a timezone"},
		{21, "atexit_max", "", -1, "The maximum number of functions that may be registered with atexit(3)"},
	}
}

// node returns the description of a node as a query returns it.
func (u *userNode) node() netbsd.Sysctlnode {
	n := netbsd.Sysctlnode{Flags: netbsd.SYSCTL_VERSION | netbsd.CTLFLAG_PERMANENT, Num: u.num, Name: u.name}
	if u.text != "" {
		n.Flags |= netbsd.CTLTYPE_STRING
		n.Size = uint64(len(u.text) + 1)
	} else {
		n.Flags |= netbsd.CTLTYPE_INT | netbsd.CTLFLAG_IMMEDIATE
		n.Size = 4
		n.SetIdata(u.n)
	}
	return n
}

// userSysctl answers for a name below "user".
func (k *Kernel) userSysctl(mib MIB, set []byte, object string) ([]byte, error) {
	fail := func(errno netbsd.Errno) ([]byte, error) {
		return nil, &Error{k.name, "sysctl", object, errno}
	}
	if len(mib) != 2 {
		return fail(netbsd.EINVAL)
	}
	var out []byte
	switch mib[1] {
	case netbsd.CTL_QUERY:
		for _, u := range userNodes() {
			n := u.node()
			out = n.Append(out)
		}
		return out, nil
	case netbsd.CTL_DESCRIBE:
		want := int32(0)
		if set != nil {
			n, err := netbsd.ParseSysctlnode(set)
			if err != nil {
				return fail(netbsd.EINVAL)
			}
			want = n.Num
		}
		for _, u := range userNodes() {
			if want != 0 && u.num != want {
				continue
			}
			out = binary.LittleEndian.AppendUint32(out, uint32(u.num))
			out = binary.LittleEndian.AppendUint32(out, 0)
			out = binary.LittleEndian.AppendUint32(out, uint32(len(u.desc)+1))
			out = append(netbsd.AppendString(out, u.desc), make([]byte, -(len(u.desc)+1)&3)...)
		}
		if out == nil {
			return fail(netbsd.ENOENT)
		}
		return out, nil
	}
	if set != nil {
		return fail(netbsd.EPERM)
	}
	for _, u := range userNodes() {
		if u.num != mib[1] {
			continue
		}
		if u.text != "" {
			return netbsd.AppendString(nil, u.text), nil
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(u.n)), nil
	}
	return fail(netbsd.EOPNOTSUPP)
}
