// Package netbsd holds the ABI of a NetBSD 7.99.34/amd64 kernel as facts:
// the numbers of system calls, errors, signals and ioctls, and the layouts of
// the structs that cross the system call boundary.
//
// The package is used from both sides of that boundary, by a client that asks
// a kernel and by a server that stands in for one. So everything here encodes
// and decodes. Nothing here performs input or output.
//
// # Names
//
// Constants keep NetBSD's names: [ENOENT], [SIGPIPE], [SIOCGIFFLAGS], [IFF_UP].
// System calls are called SYS_ and the name in <sys/syscall.h> in upper case;
// see [Sysno]. Types are the C struct's name in Go's spelling: struct
// sockaddr_in6 is [SockaddrIn6], struct if_msghdr is [IfMsghdr]. Fields lose
// the prefix which C gives them: tv_sec is Sec. Padding and spare fields are
// left out, and a field of characters which holds a name is a string.
//
// # Layouts
//
// The layout is that of amd64: LP64, little-endian. Fields are in host byte
// order unless their comment says "network byte order".
//
// A struct Foo of fixed size has four parts:
//
//	const SizeofFoo = 24
//	type Foo struct{ ... }
//	func (f Foo) Append(b []byte) []byte
//	func ParseFoo(b []byte) (Foo, error)
//
// Append adds exactly SizeofFoo bytes, with zeros where C has padding. A string
// that does not fit its field is cut, and always leaves room for a NUL where
// C expects one. ParseFoo reads the front of b, which may be longer; when b is
// too short it returns a [*ShortError]. What has a variable length, such as a
// list of directory entries or a routing message, is parsed as a whole, and a
// length inside which cannot be right is a [*FormatError]. No function of this
// package panics on any input.
//
// A pointer inside a struct is a uint64: it points into the memory of whoever
// made the system call.
package netbsd
