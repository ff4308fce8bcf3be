package inet

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// peerID is who made a local connection: struct unpcbid.
type peerID struct {
	pid      int
	uid, gid uint32
}

func peerOf(c *kern.Call) *peerID {
	return &peerID{pid: c.Proc.PID, uid: c.Cred().EUID, gid: c.Cred().EGID}
}

func (p *peerID) append(b []byte) []byte {
	for _, v := range [...]uint32{uint32(p.pid), p.uid, p.gid} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// credMessage tells a receiver who has sent something: a struct sockcred
// (LOCAL_CREDS, unp_addsockcred).
func credMessage(c *kern.Call) netbsd.ControlMessage {
	cr := c.Cred()
	ids := []uint32{uint32(c.Proc.PID), cr.UID, cr.EUID, cr.GID, cr.EGID, uint32(len(cr.Groups))}
	if ids = append(ids, cr.Groups...); len(cr.Groups) == 0 {
		ids = append(ids, 0) // sc_groups has one element at least
	}
	var b []byte
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	return netbsd.ControlMessage{Level: netbsd.SOL_SOCKET, Type: netbsd.SCM_CREDS, Data: b}
}
