package recording

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

func load(t testing.TB, raw []byte) []Entry {
	t.Helper()
	all, err := Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pipes is a place where clients meet a server without a socket's name.
func pipes(serve func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		serve(theirs)
		return ours, nil
	}
}

// driveAll does again what all recorded clients did, one after the other.
func driveAll(t *testing.T, all []*conversation, dial func(context.Context, string, string) (net.Conn, error), begin func(*driver, *conversation)) {
	forks := make(map[string]*sysproxy.Fork)
	for _, c := range all {
		if len(c.calls) == 0 || c.calls[0].req.Type != sysproxy.TypeHandshake {
			continue
		}
		d := &driver{forks: forks}
		if begin != nil {
			begin(d, c)
		}
		var err error
		if name, ok := c.guest(); ok {
			dialer := sysproxy.Dialer{Program: name, DialContext: dial}
			d.client, err = dialer.Dial(t.Context(), "unix://recorded")
		} else {
			d.client, err = forks[string(c.calls[0].req.Data[:16])].Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		d.drive(t.Context(), t, c)
		d.client.Close()
	}
}

// TestReplayAnswersOurClient lets our client make all recorded calls on a Replay.
func TestReplayAnswersOurClient(t *testing.T) {
	recordings(t, func(t *testing.T, name string, raw []byte) {
		if name == "errors" {
			t.Skip("its clients are no clients")
		}
		r := NewReplay(load(t, raw))
		srv := &sysproxy.Server{Handler: r, Banner: r.Banner()}
		defer srv.Close()
		driveAll(t, converse(load(t, raw)), pipes(srv.ServeConn), nil)
		for _, err := range r.Mismatches() {
			t.Error(err)
		}
		if n := r.Left(); n != 0 {
			t.Errorf("%d recorded calls were not made", n)
		}
	})
}

// TestClientAgainstRecordedServer feeds the client the very frames that the real
// server sent, with nothing changed but request numbers and addresses, and checks
// that the client answers as the C client did.
func TestClientAgainstRecordedServer(t *testing.T) {
	recordings(t, func(t *testing.T, name string, raw []byte) {
		if name == "errors" {
			t.Skip("its clients are no clients")
		}
		var d *driver
		var c *conversation
		errs := make(chan error, 100)
		dial := pipes(func(nc net.Conn) {
			d, c := d, c
			go func() {
				defer nc.Close()
				errs <- (&recordedServer{d: d, c: c, nc: nc, r: bufio.NewReader(nc)}).serve()
			}()
		})
		n := 0
		driveAll(t, converse(load(t, raw)), dial, func(dd *driver, cc *conversation) { d, c = dd, cc; n++ })
		for range n {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}

// recordedServer is a server that says what one said before.
type recordedServer struct {
	d    *driver
	c    *conversation
	nc   net.Conn
	r    *bufio.Reader
	anon []*span
}

func (s *recordedServer) serve() error {
	if _, err := io.WriteString(s.nc, s.c.banner); err != nil {
		return err
	}
	for _, k := range s.c.calls {
		f, err := sysproxy.ReadFrame(s.r, nil)
		if err != nil {
			return err
		}
		if f.Class != sysproxy.ClassRequest || f.Type != k.req.Type || f.Word != k.req.Word {
			return errors.New("the client sends " + f.String() + " instead of " + k.req.String())
		}
		if f.Type == sysproxy.TypeHandshake && !bytes.Equal(f.Data, k.req.Data) {
			return errors.New("the handshake differs")
		}
		for _, st := range k.steps {
			if err := s.step(st); err != nil {
				return err
			}
		}
		answer := *k.answer
		answer.ReqNo = f.ReqNo
		if _, err := s.nc.Write(answer.Append(nil)); err != nil {
			return err
		}
	}
	if f, err := sysproxy.ReadFrame(s.r, nil); err != io.EOF {
		return errors.New("the client goes on with " + f.String())
	}
	return nil
}

func (s *recordedServer) step(st *step) error {
	f := st.req
	f.Data = bytes.Clone(f.Data)
	if f.Type != sysproxy.TypeAnonmmap && f.Type != sysproxy.TypeRaise {
		rec := binary.LittleEndian.Uint64(f.Data[8:])
		act, ok := s.d.actual(rec)
		if !ok {
			act, ok = actual(s.anon, rec)
		}
		if !ok {
			return errors.New("the driver lends nothing for a recorded address")
		}
		binary.LittleEndian.PutUint64(f.Data[8:], act)
		if f.Type == sysproxy.TypeCopyout {
			for _, a := range s.anon {
				translate(f.Data[16:], rec, []translation{{a.lo, a.actual}})
			}
		}
	}
	if _, err := s.nc.Write(f.Append(nil)); err != nil {
		return err
	}
	if st.resp == nil && f.Type != sysproxy.TypeCopyin && f.Type != sysproxy.TypeCopyinstr {
		return nil
	}
	r, err := sysproxy.ReadFrame(s.r, nil)
	if err != nil {
		return err
	}
	want := sysproxy.TypeCopyin
	if f.Type == sysproxy.TypeAnonmmap {
		want = f.Type
		lo := binary.LittleEndian.Uint64(st.resp)
		s.anon = append(s.anon, &span{lo: lo, hi: lo + binary.LittleEndian.Uint64(f.Data), actual: binary.LittleEndian.Uint64(r.Data)})
	}
	if r.Class != sysproxy.ClassResponse || r.Type != want || r.ReqNo != f.ReqNo || len(r.Data) != len(st.resp) {
		return errors.New("the client answers " + f.String() + " with " + r.String())
	}
	now, then := words(r.Data), words(st.resp)
	for i := range now {
		if now[i] != then[i] && !(maybePointer(now[i]) && maybePointer(then[i])) {
			return errors.New("the client answers " + f.String() + " with other bytes than the C client")
		}
	}
	return nil
}

// TestServerSaysWhatTheRealOneSaid sends the very frames of the recorded clients
// to our server and compares what it answers with what the real one answered.
func TestServerSaysWhatTheRealOneSaid(t *testing.T) {
	recordings(t, func(t *testing.T, name string, raw []byte) {
		r := NewReplay(load(t, raw))
		srv := &sysproxy.Server{Handler: r, Banner: r.Banner()}
		defer srv.Close()
		clients := make(map[int]*recordedClient)
		cookies := make(map[string][]byte)
		for _, e := range load(t, raw) {
			c := clients[e.Conn]
			if c == nil {
				ours, theirs := net.Pipe()
				srv.ServeConn(theirs)
				c = &recordedClient{nc: ours, r: bufio.NewReader(ours), cookies: cookies, numbers: make(map[uint64]uint64)}
				clients[e.Conn] = c
				defer ours.Close()
			}
			if err := c.entry(e); err != nil {
				t.Fatalf("connection %d: %v", e.Conn, err)
			}
		}
		for _, err := range r.Mismatches() {
			if name != "errors" { // where some calls could only be made by hand
				t.Error(err)
			}
		}
	})
}

// recordedClient is a client that says what one said before.
type recordedClient struct {
	nc      net.Conn
	r       *bufio.Reader
	cookies map[string][]byte // actual ones by recorded ones
	numbers map[uint64]uint64 // actual numbers of the server's requests by recorded ones
}

func (c *recordedClient) entry(e Entry) error {
	f := e.Frame
	switch {
	case e.Banner != "":
		line, err := sysproxy.ReadBanner(c.r)
		if err == nil && line != e.Banner {
			err = errors.New("greets with " + line)
		}
		return err
	case !e.FromServer:
		if n, ok := c.numbers[f.ReqNo]; ok && f.Class == sysproxy.ClassResponse {
			f.ReqNo = n
		}
		if f.Type == sysproxy.TypeHandshake && sysproxy.Handshake(f.Word) == sysproxy.HandshakeFork && len(f.Data) == 20 {
			if actual := c.cookies[string(f.Data[:16])]; actual != nil {
				f.Data = append(bytes.Clone(actual), f.Data[16:]...)
			}
		}
		_, err := c.nc.Write(f.Append(nil))
		return err
	}
	got, err := sysproxy.ReadFrame(c.r, nil)
	if err != nil {
		return err
	}
	if f.Class == sysproxy.ClassRequest {
		c.numbers[f.ReqNo] = got.ReqNo
		got.ReqNo = f.ReqNo // each side numbers as it wants
	}
	want := f
	switch {
	case f.Class != sysproxy.ClassResponse:
	case f.Type == sysproxy.TypePrefork:
		c.cookies[string(f.Data)] = got.Data
		want.Data = got.Data
	case f.Type == sysproxy.TypeSyscall:
		copy(want.Data[4:8], []byte{0, 0, 0, 0}) // C padding
	}
	if got.Header != want.Header || !bytes.Equal(got.Data, want.Data) {
		return errors.New("got " + got.String() + ", recorded " + want.String())
	}
	return nil
}
