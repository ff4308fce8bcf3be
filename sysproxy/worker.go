package sysproxy

import "runtime"

// readOn is what a worker gets that is to read from now on.
var readOn = new(Trap)

// admit makes a Trap of a request. It returns it if it may run at once; otherwise
// the call waits or is refused.
func (s *session) admit(h Header, payload []byte) *Trap {
	t := &Trap{Num: h.Word, s: s, reqNo: h.ReqNo, fork: h.Type == TypePrefork}
	t.Args = append(t.args[:0], payload...)
	s.mu.Lock()
	switch {
	case s.ended:
		s.mu.Unlock()
	case s.running < s.maxCalls() && !s.inExec:
		s.running++
		t.ctx = s.ctx
		s.mu.Unlock()
		return t
	case len(s.queue) < orDefault(s.srv.MaxQueued, 4096):
		s.queue = append(s.queue, t)
		s.mu.Unlock()
	default:
		s.mu.Unlock()
		s.sendError(h, CodeTryAgain)
	}
	return nil
}

// hand gives something to do to an idle worker or a new one.
func (s *session) hand(t *Trap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handLocked(t)
}

// handLocked is hand with the lock held.
func (s *session) handLocked(t *Trap) {
	if !s.ended {
		select {
		case s.work <- t:
			return
		default:
		}
	}
	s.wg.Go(func() { s.worker(t) })
}

// prompt reports whether t is to run on the goroutine that reads.
func (s *session) prompt(t *Trap) bool {
	p, ok := s.proc.(Prompter)
	if !ok || t.fork || s.nested || s.srv.sem != nil {
		return false
	}
	s.mu.Lock()
	alone := s.running == 1
	s.mu.Unlock()
	return p.Prompt(t.Num, alone)
}

// runPrompt runs a prompt call. Its answer is sent before the next read.
func (s *session) runPrompt(t *Trap) {
	t.leads = true
	r0, r1, errno := s.proc.Syscall(t.ctx, t)
	t.answer(r0, r1, errno)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	switch {
	case s.drained != nil && s.running == 0:
		close(s.drained)
		s.drained = nil
	case len(s.queue) > 0 && !s.inExec && !s.ended:
		t := s.pop()
		s.running++
		t.ctx = s.ctx
		s.handLocked(t)
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
		if t == readOn {
			t = s.lead()
			continue
		}
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
	if t.fork {
		s.prefork(t)
		return
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
