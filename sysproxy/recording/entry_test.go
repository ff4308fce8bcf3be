package recording

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestRoundTrip reads each recording and writes it again, to the same bytes, and
// does the same with each frame on the wire.
func TestRoundTrip(t *testing.T) {
	recordings(t, func(t *testing.T, name string, raw []byte) {
		all, err := Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Write(&out, all...); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), raw) {
			t.Error("a recording that was read and written differs")
		}
		var wire []byte
		for _, e := range all {
			if e.Banner == "" {
				wire = e.Frame.Append(wire)
			}
		}
		var again []byte
		for r := bytes.NewReader(wire); ; {
			f, err := sysproxy.ReadFrame(r, nil)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			again = f.Append(again)
		}
		if !bytes.Equal(again, wire) {
			t.Error("frames that were decoded and encoded differ")
		}
	})
}

func TestUnknownNumbersAreKept(t *testing.T) {
	e := Entry{Conn: 3, Frame: sysproxy.Frame{Header: sysproxy.Header{Len: 25, ReqNo: 1 << 60, Class: 7, Type: 99, Word: 1 << 31}, Data: []byte{1}}}
	var b bytes.Buffer
	if err := Write(&b, e); err != nil {
		t.Fatal(err)
	}
	want := `{"conn":3,"dir":"c2s","class":"7","type":"99","reqno":1152921504606846976,"word":2147483648,"data":"01"}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
	all, err := Read(&b)
	if err != nil || len(all) != 1 || all[0].Frame.Header != e.Frame.Header {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestReadNamesTheLine(t *testing.T) {
	good := `{"conn":1,"dir":"s2c","banner":"x\n","reqno":0,"word":0}` + "\n"
	for _, bad := range []string{
		`{`, `{"conn":0,"dir":"c2s"}`, `{"conn":1,"dir":"up"}`, `{"conn":1,"dir":"c2s","class":"ask"}`,
		`{"conn":1,"dir":"c2s","class":"req","type":"99999"}`, `{"conn":1,"dir":"c2s","data":"0"}`, `[]`,
	} {
		all, err := Read(strings.NewReader(good + bad + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "recording, line 2: ") || len(all) != 1 {
			t.Errorf("%s: %d entries, error %v", bad, len(all), err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"conn":1,"dir":"s2c","banner":"RUMPSP-0.4-NetBSD-7.99.34/amd64\n","reqno":0,"word":0}`))
	f.Add([]byte(`{"conn":1,"dir":"c2s","class":"req","type":"handshake","reqno":1,"word":0,"data":"61626300"}`))
	f.Add([]byte(`{"conn":2,"dir":"c2s","type":"98","reqno":1,"word":0}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, all...); err != nil {
			t.Fatal(err)
		}
		again, err := Read(&out)
		if err != nil || len(again) != len(all) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		converse(all)
	})
}
