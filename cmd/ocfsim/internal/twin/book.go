package twin

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/ocf"
)

// Book is what was recorded of one Device.
type Book struct {
	Target   conformance.Profile // as it was declared; its name is the Device's
	Edition  string              // by which it was judged
	chapters []*chapter
	answers  map[view]datagram // how a look was answered
	shows    map[view]bool     // the looks, in whatever state, that show a state
	models   map[view]datagram // an answer to each of these, in one datagram
}

// Born is the edition of the reference beneath a twin: the one that the recorded Device says it is
// of, or if it says none that is known, the one that the record was judged by.
func (b *Book) Born() string {
	if e, ok := edition.ByICV(b.Target.ICV); ok {
		return e.ID
	}
	return edition.Of(b.Edition).ID
}

// view is what a Client saw: what it asked for, and in which state the Device was then, ""
// for whatever state.
type view struct{ client, key, state string }

// Load reads what was recorded of one Device: the folder of a run against it, or a single
// timeline. If scenarios are named, only what was recorded of these is read.
func Load(path string, scenarios ...string) (*Book, error) {
	files, err := timelines(path)
	if err != nil {
		return nil, err
	}
	type dated struct {
		*chapter
		began time.Time
		place int // in results.json, which has the scenarios in the order of the run
	}
	places := placesIn(path)
	b := &Book{answers: map[view]datagram{}, shows: map[view]bool{}, models: map[view]datagram{}}
	var all []dated
	var others []string
	for _, name := range files {
		tl, err := read(name)
		if err != nil {
			return nil, err
		}
		if who := tl.Header.Target; b.Target.Name != "" && who.Name != b.Target.Name {
			return nil, fmt.Errorf("%s: of %q, and another timeline is of %q: expected one Device", name, who.Name, b.Target.Name)
		}
		if len(scenarios) > 0 && !slices.Contains(scenarios, tl.Header.Scenario) {
			others = append(others, tl.Header.Scenario)
			continue
		}
		b.Target, b.Edition = tl.Header.Target, tl.Header.Edition
		if c := newChapter(tl); len(c.stimuli) > 0 {
			all = append(all, dated{c, tl.Header.Started, places[filepath.Base(name)]})
		}
	}
	if len(all) == 0 && len(others) > 0 {
		return nil, fmt.Errorf("%s: no scenario %s is recorded there%s", path, strings.Join(scenarios, ", "), ocf.Near(scenarios[0], others))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no request is recorded there", path)
	}
	slices.SortStableFunc(all, func(a, b dated) int {
		return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.place, b.place))
	})
	for _, d := range all {
		b.chapters = append(b.chapters, d.chapter)
		b.learn(d.chapter)
	}
	return b, nil
}

// placesIn says where in results.json each timeline stands; it is empty where there is none.
func placesIn(path string) map[string]int {
	places := map[string]int{}
	all, err := suite.Read(path)
	if err != nil {
		return places // the times of the timelines say enough
	}
	for _, r := range all {
		for i, s := range r.Scenarios {
			for _, attempt := range s.Each() {
				places[filepath.Base(attempt.Timeline)] = i
			}
		}
	}
	return places
}

// read reads one timeline. Where its end was cut off, what is before it counts.
func read(name string) (conformance.Timeline, error) {
	f, err := bounded.Open(name, bounded.Timeline)
	if err != nil {
		return conformance.Timeline{}, err
	}
	defer f.Close()
	tl, err := conformance.ReadTimeline(name, f)
	if errors.Is(err, conformance.ErrTruncated) {
		err = nil
	}
	return tl, err
}

// timelines are the files of the timelines at path.
func timelines(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	for _, dir := range []string{filepath.Join(path, "timelines"), path} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		var files []string
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".jsonl") || strings.HasSuffix(e.Name(), ".jsonl.gz") {
				files = append(files, filepath.Join(dir, e.Name()))
			}
		}
		if len(files) > 0 {
			return files, nil
		}
	}
	return nil, fmt.Errorf("%s: no timelines in it: expected the folder of one target of a run, or a timeline (.jsonl, .jsonl.gz)%s", path, severalIn(path))
}

// severalIn names the folders of targets in the folder of a run against several.
func severalIn(path string) string {
	found, _ := filepath.Glob(filepath.Join(path, "*", "timelines"))
	if len(found) == 0 {
		return ""
	}
	var names []string
	for _, f := range found {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return "; there are " + strings.Join(names, ", ")
}

// madeOf is an answer with the payload of a notification, as one to this look in another
// state was made. ok is false if there is no such answer, or if it has other Properties
// than the notification.
func (b *Book) madeOf(notification datagram, v view) (answer datagram, ok bool) {
	like, ok := b.models[view{v.client, v.key, ""}]
	if !ok || notification == nil || notification.inBlocks() {
		return nil, false
	}
	payload := notification.payload()
	told, _, err := ocf.DecodePstat(payload)
	if err != nil {
		return nil, false
	}
	shown, _, err := ocf.DecodePstat(like.payload())
	if err != nil || shown.Present != told.Present {
		return nil, false
	}
	head := like[:len(like)-len(like.payload())]
	return append(bytes.Clone(head), payload...), true
}

// learn notes how looks were answered, one datagram each.
func (b *Book) learn(c *chapter) {
	for i := range c.events {
		e := &c.events[i]
		if e.sort != saying || e.of < 0 || !e.raw.whole() || !c.events[e.of].look {
			continue
		}
		asked := &c.events[e.of]
		at := view{asked.client, asked.key, e.state}
		if _, ok := b.answers[at]; !ok || e.state == "" {
			b.answers[at] = e.raw
		}
		if e.state != "" {
			whatever := view{asked.client, asked.key, ""}
			b.shows[whatever] = true
			if !e.raw.inBlocks() {
				b.models[whatever] = e.raw
			}
		}
	}
}
