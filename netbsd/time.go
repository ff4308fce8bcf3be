package netbsd

import "time"

// A Timespec is a time, or a length of time, in seconds and nanoseconds.
//
//	// sys/timespec.h
//	struct timespec {
//		time_t tv_sec;
//		long tv_nsec;
//	};
type Timespec struct {
	Sec  int64
	Nsec int64
}

// SizeofTimespec is sizeof(struct timespec).
const SizeofTimespec = 16

func (t *Timespec) layout(v view) {
	v.i64(0, &t.Sec)
	v.i64(8, &t.Nsec)
}

// Append appends t in C layout to b.
func (t Timespec) Append(b []byte) []byte { return appendStruct(b, SizeofTimespec, &t) }

// ParseTimespec reads a struct timespec from the front of b.
func ParseTimespec(b []byte) (Timespec, error) {
	return parseStruct[Timespec](b, "struct timespec", SizeofTimespec)
}

// TimespecOf is the time t since 1970; the zero time is zero.
func TimespecOf(t time.Time) Timespec {
	if t.IsZero() {
		return Timespec{}
	}
	return Timespec{t.Unix(), int64(t.Nanosecond())}
}

// TimespecOfDuration is the length of time d.
func TimespecOfDuration(d time.Duration) Timespec {
	return Timespec{int64(d / time.Second), int64(d % time.Second)}
}

// Time is the time t seconds after the beginning of 1970.
func (t Timespec) Time() time.Time { return time.Unix(t.Sec, t.Nsec) }

// Duration is t as a length of time.
func (t Timespec) Duration() time.Duration {
	return time.Duration(t.Sec)*time.Second + time.Duration(t.Nsec)
}

// A Timeval is a time, or a length of time, in seconds and microseconds.
//
//	// sys/time.h
//	struct timeval {
//		time_t tv_sec;
//		suseconds_t tv_usec;
//	};
type Timeval struct {
	Sec  int64
	Usec int32
}

// SizeofTimeval is sizeof(struct timeval).
const SizeofTimeval = 16

func (t *Timeval) layout(v view) {
	v.i64(0, &t.Sec)
	v.i32(8, &t.Usec)
}

// Append appends t in C layout to b.
func (t Timeval) Append(b []byte) []byte { return appendStruct(b, SizeofTimeval, &t) }

// ParseTimeval reads a struct timeval from the front of b.
func ParseTimeval(b []byte) (Timeval, error) {
	return parseStruct[Timeval](b, "struct timeval", SizeofTimeval)
}

// TimevalOf is the time t since 1970; the zero time is zero.
func TimevalOf(t time.Time) Timeval {
	if t.IsZero() {
		return Timeval{}
	}
	return Timeval{t.Unix(), int32(t.Nanosecond() / 1000)}
}

// TimevalOfDuration is the length of time d, with a positive rest below a
// microsecond rounded up, so that a timeout never becomes none.
func TimevalOfDuration(d time.Duration) Timeval {
	us := int64(d / time.Microsecond)
	if d%time.Microsecond > 0 {
		us++
	}
	return Timeval{us / 1e6, int32(us % 1e6)}
}

// Time is the time t seconds after the beginning of 1970.
func (t Timeval) Time() time.Time { return time.Unix(t.Sec, int64(t.Usec)*1000) }

// Duration is t as a length of time.
func (t Timeval) Duration() time.Duration {
	return time.Duration(t.Sec)*time.Second + time.Duration(t.Usec)*time.Microsecond
}

// An Itimerval is the value of an interval timer.
//
//	// sys/time.h
//	struct itimerval {
//		struct timeval it_interval;
//		struct timeval it_value;
//	};
type Itimerval struct {
	Interval Timeval
	Value    Timeval
}

// SizeofItimerval is sizeof(struct itimerval).
const SizeofItimerval = 32

func (i *Itimerval) layout(v view) {
	i.Interval.layout(v.at(0, SizeofTimeval))
	i.Value.layout(v.at(16, SizeofTimeval))
}

// Append appends i in C layout to b.
func (i Itimerval) Append(b []byte) []byte { return appendStruct(b, SizeofItimerval, &i) }

// ParseItimerval reads a struct itimerval from the front of b.
func ParseItimerval(b []byte) (Itimerval, error) {
	return parseStruct[Itimerval](b, "struct itimerval", SizeofItimerval)
}

// An Itimerspec is the value of a timer of timer_settime(2).
//
//	// sys/timespec.h
//	struct itimerspec {
//		struct timespec it_interval;
//		struct timespec it_value;
//	};
type Itimerspec struct {
	Interval Timespec
	Value    Timespec
}

// SizeofItimerspec is sizeof(struct itimerspec).
const SizeofItimerspec = 32

func (i *Itimerspec) layout(v view) {
	i.Interval.layout(v.at(0, SizeofTimespec))
	i.Value.layout(v.at(16, SizeofTimespec))
}

// Append appends i in C layout to b.
func (i Itimerspec) Append(b []byte) []byte { return appendStruct(b, SizeofItimerspec, &i) }

// ParseItimerspec reads a struct itimerspec from the front of b.
func ParseItimerspec(b []byte) (Itimerspec, error) {
	return parseStruct[Itimerspec](b, "struct itimerspec", SizeofItimerspec)
}

// A Timezone is what gettimeofday(2) still has room for.
//
//	// sys/time.h
//	struct timezone {
//		int tz_minuteswest;
//		int tz_dsttime;
//	};
type Timezone struct {
	Minuteswest int32
	Dsttime     int32
}

// SizeofTimezone is sizeof(struct timezone).
const SizeofTimezone = 8

func (t *Timezone) layout(v view) {
	v.i32(0, &t.Minuteswest)
	v.i32(4, &t.Dsttime)
}

// Append appends t in C layout to b.
func (t Timezone) Append(b []byte) []byte { return appendStruct(b, SizeofTimezone, &t) }

// ParseTimezone reads a struct timezone from the front of b.
func ParseTimezone(b []byte) (Timezone, error) {
	return parseStruct[Timezone](b, "struct timezone", SizeofTimezone)
}

// Clocks of clock_gettime(2) and timers of setitimer(2), from <sys/time.h>.
const (
	ITIMER_REAL              = 0
	ITIMER_VIRTUAL           = 1
	ITIMER_PROF              = 2
	ITIMER_MONOTONIC         = 3
	CLOCK_REALTIME           = 0
	CLOCK_VIRTUAL            = 1
	CLOCK_PROF               = 2
	CLOCK_MONOTONIC          = 3
	CLOCK_THREAD_CPUTIME_ID  = 0x80000000
	CLOCK_PROCESS_CPUTIME_ID = 0x40000000
	TIMER_RELTIME            = 0x0
	TIMER_ABSTIME            = 0x1
)
