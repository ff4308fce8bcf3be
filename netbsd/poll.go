package netbsd

// A Pollfd is a file to wait for with poll(2).
//
//	// sys/poll.h
//	struct pollfd {
//		int fd;
//		short events;
//		short revents;
//	};
type Pollfd struct {
	Fd      int32
	Events  int16
	Revents int16
}

// SizeofPollfd is sizeof(struct pollfd).
const SizeofPollfd = 8

func (p *Pollfd) layout(v view) {
	v.i32(0, &p.Fd)
	v.i16(4, &p.Events)
	v.i16(6, &p.Revents)
}

// Append appends p in C layout to b.
func (p Pollfd) Append(b []byte) []byte { return appendStruct(b, SizeofPollfd, &p) }

// ParsePollfd reads a struct pollfd from the front of b.
func ParsePollfd(b []byte) (Pollfd, error) {
	return parseStruct[Pollfd](b, "struct pollfd", SizeofPollfd)
}

// ParsePollfds reads all files in b.
func ParsePollfds(b []byte) ([]Pollfd, error) {
	return parseArray[Pollfd](b, "struct pollfd", SizeofPollfd)
}

// Events of a Pollfd, and a timeout of poll(2) that never comes, from
// <sys/poll.h>.
const (
	POLLIN     = 1
	POLLPRI    = 2
	POLLOUT    = 4
	POLLRDNORM = 64
	POLLWRNORM = 4
	POLLRDBAND = 128
	POLLWRBAND = 256
	POLLERR    = 8
	POLLHUP    = 16
	POLLNVAL   = 32
	INFTIM     = -1
)
