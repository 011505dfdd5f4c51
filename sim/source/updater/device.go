package updater

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// device is what one Device knows of updates.
type device struct {
	config    *Config
	transport Transport
	skips     []suit.Check

	busy     bool // a question is under way; Updater.mu guards it
	verifier *suit.Verifier
	runs     string // the version that has booted, as the Device says it in its questions
}

// answer does what a question asks for. Questions of one Device are answered one after
// the other: nobody calls it while busy is set by another.
func (d *device) answer(ctx context.Context, q source.Question) (source.Answer, Report) {
	r := Report{Question: q}
	a, err := d.try(ctx, q, &r)
	var refusal *suit.Refusal
	switch {
	case err == nil:
		return a, r
	case errors.As(err, &refusal):
		r.Refusal, r.Package = refusal, refusal.Package
		return source.Answer{Version: q.Version}, r
	case errors.Is(err, fs.ErrNotExist): // it was withdrawn, or never there
		r.Failed = err
		return source.Answer{Version: q.Version}, r
	}
	r.Failed = err
	a.Failed = !a.Available // what came in part was not refused, and can be tried again
	if a.Version == "" {
		a.Version = q.Version
	}
	return a, r
}

func (d *device) try(ctx context.Context, q source.Question, r *Report) (source.Answer, error) {
	if err := d.begin(q.Version); err != nil {
		return source.Answer{}, err
	}
	o, err := d.verifier.Check(d.getter(ctx), d.config.Now())
	if err != nil {
		return source.Answer{}, err
	}
	if o == nil {
		return source.Answer{Version: q.Version}, nil
	}
	r.Package, r.Version = o.File, o.Version.String()
	if q.Kind == source.Check {
		return source.Answer{Available: true, Version: r.Version}, nil
	}
	return d.install(ctx, o, r)
}

// begin makes the Device as it is with a version. A Device that runs another version than
// the updater believes was reset, or is new: it trusts the root that it was made with.
func (d *device) begin(version string) error {
	if d.verifier != nil && d.runs == version {
		return nil
	}
	v, err := suit.NewVerifier(suit.Trust{
		Root: d.config.Root, Model: d.config.Model, Sequence: d.config.Sequence(version), Skips: d.skips,
	})
	if err != nil {
		return err
	}
	d.verifier, d.runs = v, version
	return nil
}

// getter fetches small files, the metadata and the envelopes.
func (d *device) getter(ctx context.Context) suit.Getter {
	return func(file string, most int64) ([]byte, error) {
		var data bytes.Buffer
		t := transfer{transport: d.transport, file: file, most: most + 1, tries: d.config.Tries}
		err := t.run(ctx, &data)
		return data.Bytes(), err
	}
}

// install fetches the image, checks it, boots it, and confirms what has booted.
func (d *device) install(ctx context.Context, o *suit.Opened, r *Report) (source.Answer, error) {
	a := source.Answer{Available: true, Version: o.Version.String(), Declared: int64(o.Image.Size)}
	slot := newSlot()
	t := transfer{
		transport: d.transport, file: o.ImageFile(), most: source.MaxSize, tries: d.config.Tries,
		announced: func(size int64) error { return d.verifier.CheckImageSize(o, size) },
	}
	if !d.skip(suit.CheckSize) {
		t.most = a.Declared + 1 // one byte more shows that there is more
	}
	err := t.run(ctx, slot)
	r.Requests, a.Received = t.requests, slot.size
	incomplete := slot.size > 0 && slot.size < a.Declared
	if err != nil && !(incomplete && d.skip(suit.CheckSize) && ctx.Err() == nil) {
		a.Available = incomplete
		return a, err
	}
	if err := d.verifier.CheckImage(o, slot.size, slot.sum()); err != nil {
		return source.Answer{}, err
	}
	booted, err := d.verifier.Confirm(o, slot.head)
	if err != nil {
		return source.Answer{}, err
	}
	if d.skip(suit.CheckBoot) {
		booted = o.Version.String() // it tells what it was promised, whatever has booted
	}
	d.runs, r.Version = booted, booted
	a.Version, a.Declared = booted, slot.size
	return a, nil
}

// skip reports whether the Device leaves a check out.
func (d *device) skip(check suit.Check) bool {
	return slices.Contains(d.skips, check)
}
