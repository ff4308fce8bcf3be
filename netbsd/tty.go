package netbsd

// A Winsize is the size of a terminal: [TIOCGWINSZ], [TIOCSWINSZ].
//
//	// sys/ttycom.h
//	struct winsize {
//		unsigned short ws_row;
//		unsigned short ws_col;
//		unsigned short ws_xpixel;
//		unsigned short ws_ypixel;
//	};
type Winsize struct {
	Row    uint16
	Col    uint16
	Xpixel uint16
	Ypixel uint16
}

// SizeofWinsize is sizeof(struct winsize).
const SizeofWinsize = 8

func (w *Winsize) layout(v view) {
	v.u16(0, &w.Row)
	v.u16(2, &w.Col)
	v.u16(4, &w.Xpixel)
	v.u16(6, &w.Ypixel)
}

// Append appends w in C layout to b.
func (w Winsize) Append(b []byte) []byte { return appendStruct(b, SizeofWinsize, &w) }

// ParseWinsize reads a struct winsize from the front of b.
func ParseWinsize(b []byte) (Winsize, error) {
	return parseStruct[Winsize](b, "struct winsize", SizeofWinsize)
}

// A Termios is the state of a terminal: [TIOCGETA], [TIOCSETA].
//
//	// sys/termios.h
//	struct termios {
//		tcflag_t c_iflag;
//		tcflag_t c_oflag;
//		tcflag_t c_cflag;
//		tcflag_t c_lflag;
//		cc_t c_cc[20];
//		int c_ispeed;
//		int c_ospeed;
//	};
type Termios struct {
	Iflag  uint32
	Oflag  uint32
	Cflag  uint32
	Lflag  uint32
	Cc     [20]byte
	Ispeed int32
	Ospeed int32
}

// SizeofTermios is sizeof(struct termios).
const SizeofTermios = 44

func (t *Termios) layout(v view) {
	v.u32(0, &t.Iflag)
	v.u32(4, &t.Oflag)
	v.u32(8, &t.Cflag)
	v.u32(12, &t.Lflag)
	v.bytes(16, t.Cc[:])
	v.i32(36, &t.Ispeed)
	v.i32(40, &t.Ospeed)
}

// Append appends t in C layout to b.
func (t Termios) Append(b []byte) []byte { return appendStruct(b, SizeofTermios, &t) }

// ParseTermios reads a struct termios from the front of b.
func ParseTermios(b []byte) (Termios, error) {
	return parseStruct[Termios](b, "struct termios", SizeofTermios)
}
