package netbsd

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	at := time.Unix(1795331135, 123456789)
	if got := TimespecOf(at); got != (Timespec{1795331135, 123456789}) || !got.Time().Equal(at) {
		t.Errorf("%+v", got)
	}
	if got := TimevalOf(at); got != (Timeval{1795331135, 123456}) || !got.Time().Equal(at.Truncate(time.Microsecond)) {
		t.Errorf("%+v", got)
	}
	if TimespecOf(time.Time{}) != (Timespec{}) || TimevalOf(time.Time{}) != (Timeval{}) {
		t.Error("the zero time is not zero")
	}
	for d, want := range map[time.Duration]Timeval{
		0: {}, 1: {0, 1}, time.Second: {1, 0}, 1500 * time.Millisecond: {1, 500000}, time.Second - 1: {1, 0},
	} {
		if got := TimevalOfDuration(d); got != want {
			t.Errorf("%v is %+v, want %+v", d, got, want)
		}
	}
	if d := 90*time.Second + 7; TimespecOfDuration(d).Duration() != d {
		t.Errorf("%v", TimespecOfDuration(d))
	}
	if got := (Timeval{2, 5}).Duration(); got != 2*time.Second+5*time.Microsecond {
		t.Error(got)
	}
}
