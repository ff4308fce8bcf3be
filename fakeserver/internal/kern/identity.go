package kern

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Hostname returns kern.hostname.
func (k *Kernel) Hostname() string {
	s, err := netbsd.ParseString(k.Sysctl.Bytes("kern.hostname"))
	if err != nil {
		return ""
	}
	return s
}

// SetHostname sets kern.hostname.
func (k *Kernel) SetHostname(s string) { k.Sysctl.SetString("kern.hostname", s) }

// bufferSize is the size of the message buffer (kern.msgbufsize).
const bufferSize = 16352

// MessageBuffer returns what the kernel has said, at the end of its buffer.
func (k *Kernel) MessageBuffer() string {
	b := make([]byte, bufferSize)
	said := k.console.messages()
	if len(said) > len(b) {
		said = said[len(said)-len(b):]
	}
	copy(b[len(b)-len(said):], said)
	return string(b)
}

// sysctlMessages is kern.msgbuf: what the kernel has said, the newest last. How much has
// been given is not told.
func (k *Kernel) sysctlMessages(r *sysctl.Request) netbsd.Errno {
	if r.New != 0 {
		return netbsd.EPERM
	}
	b := []byte(k.MessageBuffer())
	if r.Old == 0 {
		r.OldLen = uint64(len(b))
		return 0
	}
	return r.Copyout(r.Old, b[:min(uint64(len(b)), r.OldLen)])
}
