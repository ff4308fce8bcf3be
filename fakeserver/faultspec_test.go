package fakeserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/shmif"
)

func TestParseFault(t *testing.T) {
	type (
		calls = []fakeserver.CallFault
		conns = []fakeserver.ConnFault
	)
	for _, tt := range []struct {
		arg  string
		want fakeserver.Faults
		err  string
	}{
		{arg: "call=mkdir,errno=ENOSPC,skip=1,count=2", want: fakeserver.Faults{Calls: calls{{Call: netbsd.SYS_MKDIR, Errno: netbsd.ENOSPC, Skip: 1, Count: 2}}}},
		{arg: "call=20,panic=why not", want: fakeserver.Faults{Calls: calls{{Call: netbsd.SYS_GETPID, Panic: "why not"}}}},
		{arg: "call=any,halt,delay=20ms", want: fakeserver.Faults{Calls: calls{{Any: true, Halt: true, Delay: 20 * time.Millisecond}}}},
		{arg: "conn=2,frame=3,after=10,cut", want: fakeserver.Faults{Conns: conns{{Conn: 2, Frame: 3, After: 10, Cut: true}}}},
		{arg: "conn=any,after=1k,drop", want: fakeserver.Faults{Conns: conns{{After: 1024, Drop: true}}}},
		{arg: "conn=any,delay=1s", want: fakeserver.Faults{Conns: conns{{Delay: time.Second}}}},

		{arg: "bus,loss=0.5,duplicate=1,seed=7", want: fakeserver.Faults{Bus: &fakeserver.BusFault{Conditions: shmif.Conditions{Loss: 0.5, Duplicate: 1}, Seed: 7}}},
		{arg: "bus,reorder=0.1,corrupt=0.2,delay=1ms,jitter=2ms", want: fakeserver.Faults{Bus: &fakeserver.BusFault{
			Conditions: shmif.Conditions{Reorder: 0.1, Corrupt: 0.2, Delay: time.Millisecond, Jitter: 2 * time.Millisecond},
		}}},

		{arg: "", err: "begins with"},
		{arg: "bus,seed=7", err: "not what happens"},
		{arg: "bus=wire,loss=1", err: "all of them"},
		{arg: "bus,loss=1.5", err: "not between 0 and 1"},
		{arg: "bus,cut", err: "unknown name"},
		{arg: "call=mkdirs,errno=EIO", err: `no system call is named "mkdirs"`},
		{arg: "call=mkdir", err: "not what happens"},
		{arg: "call=mkdir,errno=EWHY", err: `no errno is named "EWHY"`},
		{arg: "call=mkdir,errno=EIO,halt", err: "more than one"},
		{arg: "call=mkdir,errno=EIO,errno=EIO", err: "given twice"},
		{arg: "call=mkdir,errno=EIO,skip=-1", err: "negative"},
		{arg: "call=mkdir,cut", err: "unknown name"},
		{arg: "conn=0,cut", err: "count from 1"},
		{arg: "conn=any,cut,drop", err: "both"},
		{arg: "conn=any,frame=3", err: "not what happens"},
		{arg: "conn=any,delay=soon", err: "soon"},
	} {
		got, err := fakeserver.ParseFault(tt.arg)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: got error %v, want one with %q", tt.arg, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", tt.arg, err, diff)
		}
	}
}

func TestParseLimits(t *testing.T) {
	got, err := fakeserver.ParseLimits("descriptors=10,files=0,memory=1m,space=64k,mbufs=7")
	want := fakeserver.Limits{Descriptors: 10, Files: -1, Memory: 1 << 20, Space: 64 << 10, Mbufs: 7}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, arg := range []string{"space=-1", "space", "patience=1", "files=1,files=2"} {
		if l, err := fakeserver.ParseLimits(arg); err == nil {
			t.Errorf("%q: got %+v", arg, l)
		}
	}
}
