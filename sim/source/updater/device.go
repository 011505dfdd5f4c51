package updater

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/ddi"
	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// device is what one Device knows of updates.
type device struct {
	config    *Config
	name      string
	transport Transport
	desk      *desk // the transport too, where the source gives actions; nil: it does not
	skips     []suit.Check

	busy     bool // a question is under way; Updater.mu guards it
	verifier *suit.Verifier
	runs     string // the version that has booted, as the Device says it in its questions
	part     *slot  // an image that is not whole yet; nil: none
	loaded   bool   // the Flash was asked for it
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
	if d.desk != nil {
		if offered, err := d.desk.open(ctx, q.Version); err != nil || !offered {
			return source.Answer{Version: q.Version}, err
		}
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
	if d.desk != nil {
		d.desk.tell(ctx, ddi.NewFeedback(ddi.Download, ddi.None, "version "+r.Version))
	}
	return d.install(ctx, o, r)
}

// feedbackTime is how long a source may take to hear what became of a question.
const feedbackTime = 5 * time.Second

// feedBack tells a source that gives actions what became of one. What was not refused can be
// tried again, so the action goes on then.
func (d *device) feedBack(ctx context.Context, r Report) {
	if d.desk == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, feedbackTime)
	defer cancel()
	switch {
	case r.Refusal != nil:
		d.desk.tell(ctx, ddi.NewFeedback(ddi.Closed, ddi.Failure, fmt.Sprintf("%s refused by its %s: %s", r.Package, r.Refusal.Check, r.Refusal.Why)))
	case r.Failed != nil:
		d.desk.tell(ctx, ddi.NewFeedback(ddi.Proceeding, ddi.None, r.Failed.Error()))
	case r.Version == "":
		d.desk.tell(ctx, ddi.NewFeedback(ddi.Closed, ddi.Success, "it runs "+d.runs+" already"))
	case r.Question.Kind == source.Fetch:
		d.desk.came(ctx, r.Version)
	}
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
	slot := d.slot(fmt.Sprintf("%s %x", o.ImageFile(), o.Image.Digest.Bytes), a.Declared)
	t := transfer{
		transport: d.transport, file: o.ImageFile(), most: source.MaxSize, tries: d.config.Tries,
		announced: func(size int64) error { return d.verifier.CheckImageSize(o, size) },
		have:      slot.size, tag: slot.tag,
	}
	t.kept = func(_ int64, tag string) { slot.tag = tag; d.save(slot) }
	r.Resumed = slot.size
	if !d.skip(suit.CheckSize) {
		t.most = a.Declared + 1 // one byte more shows that there is more
	}
	var err error
	if slot.size < a.Declared || a.Declared == 0 {
		err = t.run(ctx, slot)
	}
	r.Requests, a.Received = t.requests, slot.size
	incomplete := slot.size > 0 && slot.size < a.Declared
	if err != nil && !(incomplete && d.skip(suit.CheckSize) && ctx.Err() == nil) {
		if !incomplete || errors.As(err, new(*suit.Refusal)) {
			d.erase()
		}
		a.Available = incomplete
		return a, err
	}
	d.erase() // it is installed or refused: no other question goes on with it
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

// slot is the Device's slot for an image of so many bytes. What it has of that stays, if the
// transfer can go on behind it.
func (d *device) slot(of string, size int64) *slot {
	if !d.loaded {
		d.loaded = true
		d.part = d.load()
	}
	if !d.part.resumable() || d.part.of != of || d.part.size > size {
		d.part = newSlot(of)
	}
	return d.part
}

// load is what the Flash has kept, nil for nothing that can be read.
func (d *device) load() *slot {
	if d.config.Flash == nil {
		return nil
	}
	data, err := d.config.Flash.Load(d.name)
	if err != nil {
		d.config.Log.Warn("the part of an image is not read, and its transfer begins anew", "device", d.name, "error", err)
	}
	if err != nil || data == nil {
		return nil
	}
	part, err := readSlot(data)
	if err != nil {
		d.config.Log.Warn("the part of an image is damaged, and its transfer begins anew", "device", d.name, "error", err)
	}
	return part
}

// save has the Flash keep the slot.
func (d *device) save(s *slot) {
	if d.config.Flash == nil || !s.resumable() {
		return
	}
	data, err := s.marshal()
	if err == nil {
		err = d.config.Flash.Save(d.name, data)
	}
	if err != nil {
		d.config.Log.Warn("the part of an image is not kept", "device", d.name, "error", err)
	}
}

// erase forgets the slot.
func (d *device) erase() {
	d.part = nil
	if d.config.Flash == nil {
		return
	}
	if err := d.config.Flash.Save(d.name, nil); err != nil {
		d.config.Log.Warn("the part of an image is not erased", "device", d.name, "error", err)
	}
}

// skip reports whether the Device leaves a check out.
func (d *device) skip(check suit.Check) bool {
	return slices.Contains(d.skips, check)
}
