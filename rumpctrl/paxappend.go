package rumpctrl

import (
	"bufio"
	"fmt"
	"io"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// paxEnd is where an archive ends, and with -u when the files in it were modified.
type paxEnd struct {
	at    int64
	times map[string]int64
}

// openEnd opens an archive to be added to, at the place where its trailer begins. What
// is wrong with it is said, and there is no file then.
func (a *archiver) openEnd() (*rump.File, *paxEnd, error) {
	f, err := a.k.Open(a.ctx, a.archive, netbsd.O_RDWR, 0)
	if err != nil {
		a.warnErr(err, "Failed open to read/write on %s", a.archive)
		return nil, nil, nil
	}
	end, err := a.findEnd(f)
	if err == nil && end != nil {
		if _, err = f.Seek(end.at, io.SeekStart); err == nil {
			return f, end, nil
		}
	}
	f.Close()
	return nil, nil, err
}

func (a *archiver) findEnd(f *rump.File) (*paxEnd, error) {
	end := &paxEnd{}
	if st, err := f.Fstat(); err != nil || st.Size == 0 {
		return end, err // a new one
	}
	in := &paxInput{r: bufio.NewReaderSize(struct{ io.Reader }{f}, 64<<10)}
	r, err := openPax(in)
	if err != nil {
		a.warn("End of archive volume 1 reached")
		a.warn("Sorry, unable to determine archive format.")
		return nil, nil
	}
	if a.format != "" && a.format != r.format() {
		a.warn("Cannot mix current archive format %s with %s", r.format(), a.format)
		return nil, nil
	}
	if a.format = r.format(); a.format != "ustar" && a.format != "cpio" && a.format != "sv4cpio" {
		a.warn("cannot write the format %s", a.format)
		return nil, nil
	}
	if a.verbose {
		fmt.Fprintf(a.e.Stderr, "pax: Reading archive to position at the end...")
	}
	if a.update {
		end.times = make(map[string]int64)
	}
	for {
		m, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			a.warn("%v", err)
			return nil, nil
		}
		a.files++
		if a.update {
			end.times[m.name] = m.stat.Mtim.Sec
		}
	}
	if a.verbose {
		fmt.Fprintf(a.e.Stderr, "done.\n")
	}
	end.at = r.end()
	return end, nil
}
