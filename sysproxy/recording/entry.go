package recording

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Unknown is a class or type of which a recording does not say the number. No
// protocol has it.
const Unknown = 0xffff

// Entry is a banner or a frame of a recording.
type Entry struct {
	Conn       int    // the connection, from 1
	FromServer bool   // the direction
	Banner     string // with its newline; empty for a frame
	Frame      sysproxy.Frame
}

// line is an entry as it is in the file.
type line struct {
	Conn   int    `json:"conn"`
	Dir    string `json:"dir"`
	Banner string `json:"banner,omitempty"`
	Class  string `json:"class,omitempty"`
	Type   string `json:"type,omitempty"`
	ReqNo  uint64 `json:"reqno"`
	Word   uint32 `json:"word"`
	Data   string `json:"data,omitempty"`
}

// MarshalJSON encodes the entry as a line of a recording.
func (e Entry) MarshalJSON() ([]byte, error) {
	l := line{Conn: e.Conn, Dir: "c2s", Banner: e.Banner}
	if e.FromServer {
		l.Dir = "s2c"
	}
	if e.Banner == "" {
		l.Class = number(classes, uint16(e.Frame.Class))
		l.Type = number(types, uint16(e.Frame.Type))
		l.ReqNo, l.Word = e.Frame.ReqNo, e.Frame.Word
		l.Data = hex.EncodeToString(e.Frame.Data)
	}
	return json.Marshal(l)
}

// UnmarshalJSON decodes a line of a recording.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return err
	}
	if l.Conn < 1 {
		return fmt.Errorf("conn %d: connections are numbered from 1", l.Conn)
	}
	if l.Dir != "c2s" && l.Dir != "s2c" {
		return fmt.Errorf("dir %q is neither c2s nor s2c", l.Dir)
	}
	*e = Entry{Conn: l.Conn, FromServer: l.Dir == "s2c", Banner: l.Banner}
	if l.Banner != "" {
		return nil
	}
	class, err := parse("class", classes, l.Class)
	if err != nil {
		return err
	}
	typ, err := parse("type", types, l.Type)
	if err != nil {
		return err
	}
	data, err := hex.DecodeString(l.Data)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if len(data) > sysproxy.MaxFrame-sysproxy.HeaderSize {
		return fmt.Errorf("data: %d bytes are more than a frame has", len(data))
	}
	e.Frame = sysproxy.Frame{
		Header: sysproxy.Header{
			Len:   uint64(sysproxy.HeaderSize + len(data)),
			ReqNo: l.ReqNo,
			Class: sysproxy.Class(class),
			Type:  sysproxy.Type(typ),
			Word:  l.Word,
		},
		Data: data,
	}
	return nil
}

// The names of classes and types, by number.
var (
	classes = []string{"req", "resp", "error"}
	types   = []string{"handshake", "syscall", "copyin", "copyinstr", "copyout", "copyoutstr", "anonmmap", "prefork", "raise"}
)

// number returns the name of n.
func number(names []string, n uint16) string {
	switch {
	case int(n) < len(names):
		return names[n]
	case n == Unknown:
		return ""
	}
	return strconv.Itoa(int(n))
}

// parse returns the number that has a name.
func parse(what string, names []string, s string) (uint16, error) {
	if s == "" {
		return Unknown, nil
	}
	if i := slices.Index(names, s); i >= 0 {
		return uint16(i), nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%s %q is unknown", what, s)
	}
	return uint16(n), nil
}

// Read reads a whole recording. An error names the line.
func Read(r io.Reader) ([]Entry, error) {
	var all []Entry
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		b, err := readLine(in)
		if len(b) > 0 {
			var e Entry
			if err := e.UnmarshalJSON(b); err != nil {
				return all, fmt.Errorf("recording, line %d: %w", n, err)
			}
			all = append(all, e)
		}
		switch {
		case err == io.EOF:
			return all, nil
		case err != nil:
			return all, fmt.Errorf("recording, line %d: %w", n, err)
		}
	}
}

// maxLine is more than the longest frame takes in hexadecimal.
const maxLine = 2*sysproxy.MaxFrame + 4<<10

// readLine returns the next line without its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var b []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(b)+len(part) > maxLine {
			return nil, errors.New("overlong line")
		}
		b = append(b, part...)
		if err != bufio.ErrBufferFull {
			return trimEnd(b), err
		}
	}
}

func trimEnd(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// Write writes entries as Read reads them.
func Write(w io.Writer, entries ...Entry) error {
	for _, e := range entries {
		b, err := e.MarshalJSON()
		if err != nil {
			return err
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}
