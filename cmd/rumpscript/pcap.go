package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// pcapFlags are the flags of rumpscript pcap.
type pcapFlags struct {
	write  string
	follow bool
	count  int
	ladder bool
	svg    string
	replay string
	speed  float64
}

func (a *app) pcapCommand() *cobra.Command {
	var f pcapFlags
	cmd := &cobra.Command{
		Use:   "pcap BUS|FILE [FILTER...]",
		Short: "Print, record or replay the packets of a shmif bus or a capture",
		Long: `pcap prints a line for each packet on a shmif bus, or in a pcapng or pcap
file, that the filter matches, which is in pcap-filter's language. The times of
what is on a bus already are the uptimes of the senders; with -f they are the
times at which packets come.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.pcap(args[0], strings.Join(args[1:], " "), f) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.write, "write", "w", "", "write pcapng to the file, - for standard output, instead of printing")
	fl.BoolVarP(&f.follow, "follow", "f", false, "go on with what comes, until interrupted")
	fl.IntVarP(&f.count, "count", "c", 0, "end after so many packets")
	fl.BoolVar(&f.ladder, "ladder", false, "draw a ladder diagram instead of printing lines")
	fl.StringVar(&f.svg, "svg", "", "draw a ladder diagram as SVG into the file, - for standard output")
	fl.StringVar(&f.replay, "replay", "", "send the packets on this bus, made if it is not there")
	fl.Float64Var(&f.speed, "speed", 1, "replay so many times as fast as recorded; 0 does not wait")
	return cmd
}

func (a *app) pcap(path, filter string, f pcapFlags) error {
	match, err := packet.ParseFilter(filter)
	if err != nil {
		return err
	}
	if f.speed < 0 || f.count < 0 {
		return fmt.Errorf("--speed and --count are not negative")
	}
	bus, err := packet.IsBus(path)
	if err != nil {
		return err
	}
	packets := packet.Load(path)
	if f.follow {
		if !bus {
			return fmt.Errorf("%s is no bus: only a bus can be followed", path)
		}
		b, err := shmif.Open(path)
		if err != nil {
			return err
		}
		defer b.Close()
		packets = follow(a.ctx, b)
	}
	if f.replay != "" {
		return a.replayPackets(f, picked(packets, match, f.count))
	}
	out, err := a.pcapOutputs(path, f)
	if err != nil {
		return err
	}
	for p, perr := range picked(packets, match, f.count) {
		if perr == nil {
			perr = out.packet(p)
		}
		if perr != nil {
			err = &failure{statusFailed, perr}
			break
		}
	}
	return errors.Join(err, out.close())
}

// follow returns what is on a bus and what comes, until the context ends.
func follow(ctx context.Context, b *shmif.Bus) iter.Seq2[*packet.Packet, error] {
	return func(yield func(*packet.Packet, error) bool) {
		pos, err := b.Oldest()
		if err != nil {
			yield(nil, err)
			return
		}
		r := b.NewReader(pos)
		defer r.Close()
		for f, err := range r.Frames(ctx) {
			if !yield(packet.Decode(f), err) {
				return
			}
		}
	}
}

// picked returns the packets that match, at most count of them if that is not 0.
func picked(packets iter.Seq2[*packet.Packet, error], match *packet.Filter, count int) iter.Seq2[*packet.Packet, error] {
	return func(yield func(*packet.Packet, error) bool) {
		n := 0
		for p, err := range packets {
			if err == nil && !match.MatchBytes(p.Data) {
				continue
			}
			n++
			if !yield(p, err) || err == nil && n == count {
				return
			}
		}
	}
}

func (a *app) replayPackets(f pcapFlags, packets iter.Seq2[*packet.Packet, error]) error {
	b, err := shmif.Create(f.replay)
	if err != nil {
		return err
	}
	defer b.Close()
	o := shmif.ReplayOptions{Speed: f.speed}
	if f.speed == 0 {
		o.Speed = -1 // which is what does not wait there
	}
	n, err := shmif.Replay(a.ctx, b, func(yield func(shmif.Frame, error) bool) {
		for p, err := range packets {
			if err != nil {
				yield(shmif.Frame{}, err)
				return
			}
			if !yield(p.Frame, nil) {
				return
			}
		}
	}, o)
	if err != nil {
		return &failure{statusFailed, fmt.Errorf("%s: after %d packets: %w", f.replay, n, err)}
	}
	fmt.Fprintf(a.stderr, "rumpscript: %d packets sent\n", n)
	return nil
}

// pcapOutputs are where the packets of rumpscript pcap go.
type pcapOutputs struct {
	lines  io.Writer // nil for none
	file   *packet.Writer
	flush  bool // after each packet, so that somebody else can read along
	keep   bool // the packets, for a ladder
	kept   []*packet.Packet
	n      int
	ending []func() error
}

func (a *app) pcapOutputs(path string, f pcapFlags) (*pcapOutputs, error) {
	o := &pcapOutputs{flush: f.follow, keep: f.ladder || f.svg != ""}
	create := func(name string) (io.Writer, error) {
		if name == "-" {
			return a.stdout, nil
		}
		w, err := os.Create(name)
		if err == nil {
			o.ending = append(o.ending, w.Close)
		}
		return w, err
	}
	if f.write == "" && !o.keep {
		o.lines = a.stdout
	}
	if f.write != "" {
		w, err := create(f.write)
		if err != nil {
			return nil, err
		}
		if o.file, err = packet.NewWriter(w, filepath.Base(path), nil); err != nil {
			return nil, err
		}
		o.ending = append([]func() error{o.file.Close, func() error {
			fmt.Fprintf(a.stderr, "rumpscript: %d packets written\n", o.n)
			return nil
		}}, o.ending...)
	}
	draw := func(name string, how func(*packet.Ladder) []byte) error {
		w, err := create(name)
		if err != nil {
			return err
		}
		o.ending = append([]func() error{func() error {
			_, err := w.Write(how(packet.NewLadder(o.kept, packet.ByIP, nil)))
			return err
		}}, o.ending...)
		return nil
	}
	if f.svg != "" {
		if err := draw(f.svg, (*packet.Ladder).SVG); err != nil {
			return nil, err
		}
	}
	if f.ladder {
		if err := draw("-", func(l *packet.Ladder) []byte { return []byte(l.String()) }); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *pcapOutputs) packet(p *packet.Packet) error {
	o.n++
	if o.keep {
		o.kept = append(o.kept, p)
	}
	if o.lines != nil {
		if _, err := fmt.Fprintln(o.lines, p.Line()); err != nil {
			return err
		}
	}
	if o.file != nil {
		if err := o.file.Record(p.Frame); err != nil {
			return err
		}
		if o.flush {
			return o.file.Flush()
		}
	}
	return nil
}

func (o *pcapOutputs) close() error {
	var errs []error
	for _, f := range o.ending {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}
