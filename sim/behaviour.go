package sim

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Behaviour is the script of a Device: what it does on each trigger, after how long,
// and what goes wrong on the way. It is plain data. Durations are written at the
// pace of real Devices; Config.Speed divides them. A zero duration means at once.
type Behaviour struct {
	Name string `json:"name" yaml:"name"`
	Says string `json:"says" yaml:"says"`
	// Ends is how an update ends unless somebody arranges another outcome:
	// "success", "no-update" or "failure".
	Ends string `json:"ends" yaml:"ends"`
	// Fault names what the trusted source does when an update is to fail, in the
	// source's own words. "" means that the source works and the Device itself
	// fails.
	Fault string `json:"fault,omitempty" yaml:"fault"`
	// Jitter lengthens or shortens each duration by up to this many percent, 0 to
	// 90.
	Jitter     int        `json:"jitter,omitempty" yaml:"jitter"`
	Source     Patience   `json:"source" yaml:"source"`
	Validation Validation `json:"validation" yaml:"validation"`
	Update     Update     `json:"update" yaml:"update"`
	// Announce is the time between the result in cm and the end of the process in
	// tm.
	Announce   time.Duration `json:"announce,omitempty" yaml:"announce"`
	Autonomous *Schedule     `json:"autonomous,omitempty" yaml:"autonomous"`
	Power      Power         `json:"power" yaml:"power"`
	Messages   Messages      `json:"messages,omitzero" yaml:"messages"`
	// Breaks names the requirements that this behaviour does not meet. It is empty
	// for every compliant behaviour.
	Breaks []string `json:"breaks,omitempty" yaml:"breaks"`
}

// Compliant reports whether a Device with this behaviour meets every requirement.
func (b *Behaviour) Compliant() bool { return len(b.Breaks) == 0 }

// Patience is how a Device deals with its trusted source.
type Patience struct {
	// Fault is what goes wrong at the source even though the update is to succeed.
	Fault      string        `json:"fault,omitempty" yaml:"fault"`
	Timeout    time.Duration `json:"timeout" yaml:"timeout"` // how long the Device waits for an answer
	Retries    int           `json:"retries,omitempty" yaml:"retries"`
	RetryAfter time.Duration `json:"retry-after,omitempty" yaml:"retry-after"`
}

// Validation is the script of a software version check.
type Validation struct {
	Takes time.Duration `json:"takes" yaml:"takes"` // from the source's answer to the result
}

// Update is the script of a software update, from the arrival of the package to the
// result.
type Update struct {
	Steps []Step `json:"steps" yaml:"steps"`
}

// Step is one step of an update. It happens After the previous step, and does what
// its other fields say, in the order of the fields.
type Step struct {
	After time.Duration `json:"after,omitempty" yaml:"after"`
	// When limits the step to updates that are to end in "success", or to those that
	// are to end in "failure".
	When string `json:"when,omitempty" yaml:"when"`
	// DOS is the state to move to, either away from RFNOP or back towards it.
	DOS string `json:"dos,omitempty" yaml:"dos"`
	// Off is how long the Device is unreachable while it restarts.
	Off time.Duration `json:"off,omitempty" yaml:"off"`
	// Fetch asks the source for the package again, because the Device has lost what
	// it had.
	Fetch bool `json:"fetch,omitempty" yaml:"fetch"`
	// GivesUp ends the update without a result.
	GivesUp bool `json:"gives-up,omitempty" yaml:"gives-up"`
}

// Schedule is what a Device starts by itself: each of Starts in turn, the first one
// After the Device was switched on, and the following ones Every so often. The
// schedule stops as soon as somebody arranges an outcome (the Arrange event).
type Schedule struct {
	After  time.Duration `json:"after" yaml:"after"`
	Every  time.Duration `json:"every" yaml:"every"`
	Starts []string      `json:"starts" yaml:"starts"` // "V", "U" or "V+U"
}

// Power says what a power cycle does.
type Power struct {
	Off time.Duration `json:"off" yaml:"off"` // how long the Device is unreachable
	// Update says what becomes of a pending update: "resumes" or "gives-up".
	Update string `json:"update,omitempty" yaml:"update"`
}

var outcomeWords = map[string]UpdateOutcome{"success": Succeeds, "no-update": FindsNone, "failure": Fails}

// script is a Behaviour that was checked, parsed and scaled, ready for use by
// Devices.
type script struct {
	ends       UpdateOutcome
	jitter     int64 // percent
	timeout    time.Duration
	retries    uint8
	retryAfter time.Duration
	check      time.Duration
	announce   time.Duration
	off        time.Duration
	reset      time.Duration // how long the Device stays in RESET
	resumes    bool
	steps      []step
	own        *timetable
	messages   Messages
}

// step is a Step that was parsed. A when of zero means always; moves says whether
// the step moves dos.
type step struct {
	after, off     time.Duration
	when           UpdateOutcome
	moves          bool
	dos            ocf.DOS
	fetch, givesUp bool
}

// timetable is a Schedule that was parsed.
type timetable struct {
	after, every time.Duration
	starts       []ocf.DPM
}

// FieldError reports a field of a Behaviour whose value makes no sense.
type FieldError struct {
	Field string // "update.steps.2.dos"
	Text  string // what was expected
}

// Error reads "update.steps.2.dos: expected ...".
func (e *FieldError) Error() string { return e.Field + ": " + e.Text }

func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Text: fmt.Sprintf(format, args...)}
}

// compile checks b and scales it. Every error is a *FieldError.
func (b *Behaviour) compile(speed float64) (script, error) {
	scale := func(d time.Duration) time.Duration { return time.Duration(float64(d) / speed) }
	s := script{
		ends:       outcomeWords[b.Ends],
		jitter:     int64(b.Jitter),
		timeout:    scale(b.Source.Timeout),
		retries:    uint8(b.Source.Retries),
		retryAfter: scale(b.Source.RetryAfter),
		check:      scale(b.Validation.Takes),
		announce:   scale(b.Announce),
		off:        scale(b.Power.Off),
		reset:      scale(resetDelay),
		resumes:    b.Power.Update != "gives-up",
		messages:   b.Messages,
	}
	s.messages.AnswerAfter, s.messages.TellAfter = scale(b.Messages.AnswerAfter), scale(b.Messages.TellAfter)
	s.messages.Sleep.Every, s.messages.Sleep.Awake = scale(b.Messages.Sleep.Every), scale(b.Messages.Sleep.Awake)
	if err := b.check(); err != nil {
		return s, err
	}
	for i := range b.Update.Steps {
		st, err := b.Update.Steps[i].compile(fmt.Sprintf("update.steps.%d", i), scale)
		if err != nil {
			return s, err
		}
		s.steps = append(s.steps, st)
	}
	var err error
	s.own, err = b.Autonomous.compile(scale)
	return s, err
}

// check returns an error that names the first field that is out of range.
func (b *Behaviour) check() error {
	switch {
	case b.Name == "":
		return wrong("name", "expected a name")
	case outcomeWords[b.Ends] == 0:
		return wrong("ends", "expected success, no-update or failure, got %q", b.Ends)
	case b.Jitter < 0 || b.Jitter > 90:
		return wrong("jitter", "expected 0 to 90 percent, got %d", b.Jitter)
	case b.Source.Timeout <= 0:
		return wrong("source.timeout", "expected more than 0s, or the Device waits for ever")
	case b.Source.Retries < 0 || b.Source.Retries > 10:
		return wrong("source.retries", "expected 0 to 10, got %d", b.Source.Retries)
	case len(b.Update.Steps) > 100:
		return wrong("update.steps", "expected at most 100 steps, got %d", len(b.Update.Steps))
	case b.Power.Update != "" && b.Power.Update != "resumes" && b.Power.Update != "gives-up":
		return wrong("power.update", "expected resumes or gives-up, got %q", b.Power.Update)
	case b.Source.RetryAfter < 0:
		return wrong("source.retry-after", "expected a duration of 0s or more")
	case b.Validation.Takes < 0:
		return wrong("validation.takes", "expected a duration of 0s or more")
	case b.Announce < 0:
		return wrong("announce", "expected a duration of 0s or more")
	case b.Power.Off < 0:
		return wrong("power.off", "expected a duration of 0s or more")
	}
	return b.Messages.check()
}

func (st *Step) compile(field string, scale func(time.Duration) time.Duration) (step, error) {
	c := step{
		after: scale(st.After), off: scale(st.Off), when: outcomeWords[st.When],
		moves: st.DOS != "", fetch: st.Fetch, givesUp: st.GivesUp,
	}
	switch {
	case st.After < 0:
		return c, wrong(field+".after", "expected a duration of 0s or more")
	case st.Off < 0:
		return c, wrong(field+".off", "expected a duration of 0s or more")
	case st.When != "" && c.when != Succeeds && c.when != Fails:
		return c, wrong(field+".when", "expected success or failure, got %q", st.When)
	}
	if c.moves {
		dos, err := ocf.ParseDOS(st.DOS)
		if err != nil {
			return c, wrong(field+".dos", "%v", err)
		}
		c.dos = dos
	}
	return c, nil
}

func (a *Schedule) compile(scale func(time.Duration) time.Duration) (*timetable, error) {
	if a == nil {
		return nil, nil
	}
	if a.After <= 0 || a.Every <= 0 {
		return nil, wrong("autonomous", "expected after and every to be more than 0s")
	}
	if len(a.Starts) == 0 {
		return nil, wrong("autonomous.starts", "expected V, U or V+U at least once")
	}
	s := timetable{after: scale(a.After), every: scale(a.Every)}
	for i, word := range a.Starts {
		bits, err := ocf.ParseDPM(word)
		if err != nil || bits == 0 || bits.Without(ocf.SVV|ocf.SSU) != 0 {
			return nil, wrong(fmt.Sprintf("autonomous.starts.%d", i), "expected V, U or V+U, got %q", word)
		}
		s.starts = append(s.starts, bits)
	}
	return &s, nil
}

// resetDelay is how long a Device takes in RESET to restore its defaults.
const resetDelay = 2 * time.Second
