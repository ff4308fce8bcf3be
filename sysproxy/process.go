package sysproxy

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// request handles a request, or a frame of a class that is none. It returns what
// is to be run in answer to it now.
func (s *session) request(h Header, payload []byte) (*Trap, error) {
	if h.Class != ClassRequest {
		s.sendError(h, CodeMalformed)
		return nil, nil
	}
	switch {
	case s.proc == nil && h.Type != TypeHandshake:
		return nil, s.refuse(h, CodeAuth)
	case s.proc == nil:
		return nil, s.handshake(h, payload)
	}
	switch h.Type {
	case TypeSyscall:
		return s.admit(h, payload), nil
	case TypePrefork:
		s.mu.Lock()
		inExec := s.inExec
		s.mu.Unlock()
		if inExec {
			return nil, s.refuse(h, CodeInExec)
		}
		return s.admit(h, nil), nil
	case TypeHandshake:
		if Handshake(h.Word) != HandshakeExec {
			return nil, s.refuse(h, CodeMalformed)
		}
		return nil, s.exec(h, programName(payload))
	default:
		s.sendError(h, CodeMalformed)
		return nil, nil
	}
}

// programName decodes the name in a handshake, with or without its NUL.
func programName(payload []byte) string {
	name, _, _ := bytes.Cut(payload, []byte{0})
	return string(name)
}

// handshake makes the connection's process.
func (s *session) handshake(h Header, payload []byte) error {
	switch Handshake(h.Word) {
	case HandshakeGuest:
		proc, err := s.srv.Handler.Guest(s.ctx, programName(payload))
		if err != nil {
			return fmt.Errorf("guest handshake: %w", err)
		}
		s.proc = proc
	case HandshakeFork:
		if len(payload) != forkHandshakeSize {
			return s.refuse(h, CodeMalformed)
		}
		proc := s.srv.claim([cookieSize]byte(payload))
		if proc == nil {
			return s.refuse(h, CodeInvalidPrefork)
		}
		if cancel := binary.LittleEndian.Uint32(payload[cookieSize:]); cancel != 0 {
			proc.Exit()
			return io.EOF // no answer but the end of the connection
		}
		s.proc = proc
	default:
		return s.refuse(h, CodeAuth)
	}
	s.welcome(h)
	return nil
}

// welcome answers a handshake that has succeeded.
func (s *session) welcome(h Header) {
	var zero [4]byte
	s.send(Header{ReqNo: h.ReqNo, Class: ClassResponse, Type: TypeHandshake}, zero[:])
}

// prefork makes a child and answers with its cookie.
func (s *session) prefork(t *Trap) {
	h := Header{ReqNo: t.reqNo, Class: ClassResponse, Type: TypePrefork}
	proc, err := s.proc.Fork(t.ctx)
	if err != nil {
		s.sendError(h, CodeRforkFailed)
		return
	}
	cookie, ok := s.srv.keep(proc, s)
	if !ok {
		proc.Exit()
		s.sendError(h, CodeNoMemory)
		return
	}
	s.send(h, cookie[:])
}

// exec ends the running system calls and then executes.
func (s *session) exec(h Header, program string) error {
	s.mu.Lock()
	if s.inExec {
		s.mu.Unlock()
		return s.refuse(h, CodeInExec)
	}
	s.inExec = true
	s.cancel()
	drained := make(chan struct{})
	if s.running == 0 {
		close(drained)
	} else {
		s.drained = drained
	}
	s.mu.Unlock()
	s.wg.Go(func() {
		<-drained
		s.mu.Lock()
		if s.ended {
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		s.proc.Exec(program)
		s.mu.Lock()
		s.inExec = false // before the answer, after which a fork may come at once
		if !s.ended {
			s.ctx, s.cancel = context.WithCancel(s.srv.ctx)
		}
		s.mu.Unlock()
		s.welcome(h)
		s.mu.Lock()
		defer s.mu.Unlock()
		for len(s.queue) > 0 && s.running < s.maxCalls() && !s.inExec && !s.ended {
			t := s.pop()
			s.running++
			t.ctx = s.ctx
			s.handLocked(t)
		}
	})
	return nil
}

// errHangUp ends a connection after an error has been sent.
type errHangUp struct{ ErrorCode }

// refuse answers with an error frame and ends the connection once that is written.
func (s *session) refuse(h Header, code ErrorCode) error {
	s.sendError(h, code)
	s.out.drain()
	return errHangUp{code}
}
