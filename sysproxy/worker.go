package sysproxy

import "runtime"

// dispatch runs a system call, now or when it is its turn.
func (s *session) dispatch(h Header, payload []byte) {
	t := &Trap{Num: h.Word, s: s, reqNo: h.ReqNo}
	t.Args = append(t.args[:0], payload...)
	s.mu.Lock()
	switch {
	case s.ended:
		s.mu.Unlock()
	case s.running < s.maxCalls() && !s.inExec:
		s.launch(t)
		s.mu.Unlock()
	case len(s.queue) < orDefault(s.srv.MaxQueued, 4096):
		s.queue = append(s.queue, t)
		s.mu.Unlock()
	default:
		s.mu.Unlock()
		s.sendError(h, CodeTryAgain)
	}
}

// launch gives t to an idle worker or a new one. The lock is held.
func (s *session) launch(t *Trap) {
	s.running++
	t.ctx = s.ctx
	select {
	case s.work <- t:
	default:
		s.wg.Go(func() { s.worker(t) })
	}
}

// pop takes the first system call out of the queue. The lock is held.
func (s *session) pop() *Trap {
	t := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	return t
}

// worker runs system calls: t, those that wait, and those that come later unless
// enough others are idle.
func (s *session) worker(t *Trap) {
	for t != nil {
		s.run(t)
		s.mu.Lock()
		s.running--
		switch {
		case s.drained != nil:
			if s.running == 0 {
				close(s.drained)
				s.drained = nil
			}
			s.mu.Unlock()
			return
		case s.ended:
			s.mu.Unlock()
			return
		case len(s.queue) > 0 && !s.inExec:
			t = s.pop()
			s.running++
			t.ctx = s.ctx
			s.mu.Unlock()
		case s.idle >= idleWorkers:
			s.mu.Unlock()
			return
		default:
			s.idle++
			s.mu.Unlock()
			t = <-s.work // nil when the session ends
			s.mu.Lock()
			s.idle--
			s.mu.Unlock()
		}
	}
}

func (s *session) run(t *Trap) {
	if s.srv.sem != nil {
		select {
		case s.srv.sem <- struct{}{}:
			defer func() { <-s.srv.sem }()
		case <-t.ctx.Done():
			// The connection is lost, or the process executes another program.
			s.sendError(Header{ReqNo: t.reqNo}, CodeInExec)
			return
		}
	}
	r0, r1, errno := s.proc.Syscall(t.ctx, t)
	t.answer(r0, r1, errno)
	s.mu.Lock()
	crowd := s.running > 1
	s.mu.Unlock()
	if crowd {
		runtime.Gosched() // others may have an answer too
	}
	s.out.flush()
}
