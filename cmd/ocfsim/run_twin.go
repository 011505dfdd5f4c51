package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/twin"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// twinTarget is the target file that `ocfsim run --twin` writes, unless a flag names
// another.
const twinTarget = "ocfsim-twin.yaml"

// brisk is the speed of the reference beneath a twin whose record has no restart.
const brisk = 100

// twinFlags are the flags of `ocfsim run` about a twin.
type twinFlags struct {
	run    string
	target string
	only   []string   // scenarios
	book   *twin.Book // what is in run; nil without a twin
}

// become has the flags ask for a twin of the recorded Device: secured as it was, with its
// pace, and with conditions.
func (f *runFlags) become(changed func(flag string) bool) (err error) {
	if f.twin.run == "" {
		return nil
	}
	if f.twin.book, err = twin.Load(f.twin.run, f.twin.only...); err != nil {
		return fmt.Errorf("--twin: %w", err)
	}
	was := f.twin.book.Target
	switch {
	case was.Secured && f.security.unsecured:
		return errors.New("--unsecured: the recorded Device was secured")
	case !was.Secured && (f.security.unowned || changed("credentials")):
		return errors.New("--unowned, --credentials: the recorded Device was not secured")
	}
	f.security.unsecured = !was.Secured
	if was.Secured && was.Owning != "credential" && !changed("credentials") {
		f.security.unowned = true
	}
	if !changed("edition") {
		f.security.edition = f.twin.book.Born()
	}
	if !changed("speed") {
		if f.speed, err = f.pace(); err != nil {
			return err
		}
	}
	if f.control == "" {
		f.control = "127.0.0.1:0"
	}
	return nil
}

// pace is the speed at which the reference restarts as fast as the recorded Device did.
func (f *runFlags) pace() (float64, error) {
	away := f.twin.book.Away()
	if away <= 0 {
		return brisk, nil
	}
	b, err := fixtures.Behaviour(f.behaviour)
	if err != nil {
		return 0, fmt.Errorf("--behaviour: %w", err)
	}
	if b.Power.Off <= 0 {
		return brisk, nil
	}
	return max(float64(b.Power.Off)/float64(away), 1e-3), nil
}

// untold is how much may wait to be told. A twin does not wait for whoever reads stdout.
const untold = 256

// replay is what answers in the place of the reference, nil without a twin. What the twin
// does not know is told by t until ctx ends.
func (f *runFlags) replay(ctx context.Context, t *teller) fleet.Replay {
	if f.twin.book == nil {
		return nil
	}
	waiting := make(chan twin.Unknown, untold)
	go func() {
		for {
			select {
			case u := <-waiting:
				t.unknown(u)
			case <-ctx.Done():
				return
			}
		}
	}()
	return twin.New(f.twin.book, func(u twin.Unknown) {
		select {
		case waiting <- u:
		default: // nobody reads what was told before
		}
	})
}

// aTwin is what --json says of a twin.
type aTwin struct {
	Of     string `json:"of"`     // the recorded Device's name
	Target string `json:"target"` // the target file
	twin.Known
}

// introduce writes the target file, and returns what is said of the twin, nil if there is
// none.
func (f *runFlags) introduce(r ready) (*aTwin, error) {
	if f.twin.book == nil {
		return nil, nil
	}
	err := durable.WriteFile(f.twin.target, durable.Readable, func(w io.Writer) error {
		_, err := io.WriteString(w, targetOf(f.twin.book, f.twin.run, r))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("--twin-target: %w", err)
	}
	return &aTwin{Of: f.twin.book.Target.Name, Target: f.twin.target, Known: f.twin.book.Known()}, nil
}

// targetOf is a target file for the twin: the recorded Device as it was declared, at the
// address of the twin.
func targetOf(book *twin.Book, run string, r ready) string {
	was := book.Target
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# The twin of the Device that was recorded in %s, as that Device was declared.", run)
	line("name: %+q", was.Name)
	line("endpoint: %s", r.First)
	line("edition: %s", edition.Of(book.Edition).ID)
	switch {
	case !was.Secured:
		line("security: {unsecured: true}")
	case r.Credentials != "":
		line("security: {psk: {file: %+q}}", r.Credentials)
	default:
		line("security: {own: justworks}")
	}
	s, t := was.Supports, was.Timing
	availability := ""
	if s.Availability != nil {
		availability = fmt.Sprintf(", availability: %v", *s.Availability)
	}
	line("supports: {validation: %v, update: %v, autonomous: %v, softwareupdate-resource: %v%s}", s.Validation, s.Update, s.Autonomous, s.SoftwareUpdate, availability)
	line("timing: {validation: %v, update: %v, settle: %v, reboot: %v}", t.Validation, t.Update, t.Settle, t.Reboot)
	dos := "unchanged"
	if was.Update.AnyDOS {
		dos = "any"
	} else if len(was.Update.DOS) > 0 {
		dos = fmt.Sprint(was.Update.DOS)
		dos = strings.ReplaceAll(dos, " ", ", ")
	}
	version := ""
	if was.Update.Version != "" {
		version = fmt.Sprintf(", version: %q", was.Update.Version)
	}
	line("update: {dos: %s, reboots: %v%s}", dos, was.Update.Reboots, version)
	if was.Policy.SSUStartClears != "" {
		line("policy: {ssu_start_clears: %s}", was.Policy.SSUStartClears)
	}
	if len(was.Always) > 0 {
		line("always: [%s]", strings.Join(was.Always, ", "))
	}
	line("conditions: {http: %q}", r.Control)
	return b.String()
}

// text says what the twin knows.
func (t *aTwin) text() string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf(`twin of %q, from %s
  Clients     %s
  requests    %s
  conditions  %s
  else the reference answers, and it is said here
target file %s
`, t.Of, ocf.Count(t.Scenarios, "recorded scenario"), strings.Join(t.Clients, ", "), strings.Join(t.Requests, "; "), strings.Join(t.Conditions, ", "), t.Target)
}

// unheard is what --json writes when something is not in the record.
type unheard struct {
	Event string `json:"event"` // "unknown"
	Asked string `json:"asked"`
	After string `json:"after,omitempty"` // the scenario that was followed until then
	Other string `json:"other,omitempty"` // the one that is followed instead
}

// unknown says that the record of a twin does not hold what was asked.
func (t *teller) unknown(u twin.Unknown) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		_ = json.NewEncoder(t.w).Encode(unheard{"unknown", u.Asked, u.After, u.Other})
		return
	}
	if u.Other != "" {
		_, _ = fmt.Fprintf(t.w, "%s goes over to the record of %s, which was in another state, at %s, after %s\n", time.Now().Format(time.TimeOnly), u.Other, u.Asked, u.After)
		return
	}
	where := ""
	if u.After != "" {
		where = ", after " + u.After
	}
	_, _ = fmt.Fprintf(t.w, "%s not in the record, the reference answers: %s%s\n", time.Now().Format(time.TimeOnly), u.Asked, where)
}
