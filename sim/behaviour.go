package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Behaviour is the script of a Device: what it does on each trigger, after how
// long, and what goes wrong on the way. It is plain data. Durations are humane;
// Config.Speed divides them. The zero value of a duration is no time at all.
type Behaviour struct {
	Name string `json:"name" yaml:"name"`
	Says string `json:"says" yaml:"says"`
	// Ends is what an update ends in where nobody arranged anything else:
	// "success", "no-update" or "failure".
	Ends string `json:"ends" yaml:"ends"`
	// Fault is what the trusted source does when the update is to fail, in the
	// words of the source; "" where the source is well and the Device itself fails.
	Fault string `json:"fault,omitempty" yaml:"fault"`
	// Jitter lengthens or shortens each duration by up to so many percent, 0 to 90.
	Jitter     int        `json:"jitter,omitempty" yaml:"jitter"`
	Source     Patience   `json:"source" yaml:"source"`
	Validation Validation `json:"validation" yaml:"validation"`
	Update     Update     `json:"update" yaml:"update"`
	// Announce passes between the result in cm and the end of the process in tm.
	Announce   time.Duration `json:"announce,omitempty" yaml:"announce"`
	Autonomous *Schedule     `json:"autonomous,omitempty" yaml:"autonomous"`
	Power      Power         `json:"power" yaml:"power"`
	// Breaks names the requirements that this behaviour does not keep; empty
	// for every behaviour of a compliant Device.
	Breaks []string `json:"breaks,omitempty" yaml:"breaks"`
}

// Patience is how a Device deals with its trusted source.
type Patience struct {
	Timeout    time.Duration `json:"timeout" yaml:"timeout"` // gives up on a question without an answer
	Retries    int           `json:"retries,omitempty" yaml:"retries"`
	RetryAfter time.Duration `json:"retry-after,omitempty" yaml:"retry-after"`
}

// Validation is the script of a software version check.
type Validation struct {
	Takes time.Duration `json:"takes" yaml:"takes"` // from the source's answer to the result
}

// Update is the script of a software update, from the package's arrival to the result.
type Update struct {
	Steps []Step `json:"steps" yaml:"steps"`
}

// Step is one step of an update. It happens After the one before it, and does
// what its other fields say, in their order.
type Step struct {
	After time.Duration `json:"after,omitempty" yaml:"after"`
	// When limits the step to updates that are to end in "success" or in "failure".
	When string `json:"when,omitempty" yaml:"when"`
	// DOS is the state to move to, on the way out of RFNOP and back.
	DOS string `json:"dos,omitempty" yaml:"dos"`
	// Off is how long the Device is unreachable while it restarts.
	Off time.Duration `json:"off,omitempty" yaml:"off"`
	// Fetch asks the source for the package again, for what was there is lost.
	Fetch bool `json:"fetch,omitempty" yaml:"fetch"`
	// GivesUp ends the update without one.
	GivesUp bool `json:"gives-up,omitempty" yaml:"gives-up"`
}

// Schedule is what a Device starts by itself: each of Starts in turn, the
// first After it was switched on, the next Every so long. It stops as soon as
// the world around the Device is arranged by someone.
type Schedule struct {
	After  time.Duration `json:"after" yaml:"after"`
	Every  time.Duration `json:"every" yaml:"every"`
	Starts []string      `json:"starts" yaml:"starts"` // "V", "U" or "V+U"
}

// Power is what a power cycle does.
type Power struct {
	Off time.Duration `json:"off" yaml:"off"` // unreachable for so long
	// Update says what becomes of a pending update: "resumes" or "gives-up".
	Update string `json:"update,omitempty" yaml:"update"`
}

var outcomeWords = map[string]Outcome{"success": Succeeds, "no-update": FindsNone, "failure": Fails}

// script is a Behaviour made ready for Devices: scaled, parsed and checked.
type script struct {
	ends       Outcome
	jitter     int64 // percent
	timeout    time.Duration
	retries    uint8
	retryAfter time.Duration
	check      time.Duration
	announce   time.Duration
	off        time.Duration
	reset      time.Duration // from RESET to RFOTM
	resumes    bool
	failsHere  bool // the Device itself makes an update fail
	steps      []step
	own        *timetable
}

// step is a Step made ready. The zero value of when is always; moves says
// whether there is a dos to move to.
type step struct {
	after, off     time.Duration
	when           Outcome
	moves          bool
	dos            ocf.DOS
	fetch, givesUp bool
}

// timetable is a Schedule made ready.
type timetable struct {
	after, every time.Duration
	starts       []ocf.DPM
}

// compile checks b and scales it. Its errors name the field.
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
		failsHere:  b.Fault == "",
	}
	switch {
	case b.Name == "":
		return s, errors.New("name: missing")
	case s.ends == 0:
		return s, fmt.Errorf("ends: %q is not success, no-update or failure", b.Ends)
	case b.Jitter < 0 || b.Jitter > 90:
		return s, fmt.Errorf("jitter: %d is not 0 to 90 percent", b.Jitter)
	case b.Source.Timeout <= 0:
		return s, errors.New("source.timeout: must be more than 0, or the Device waits for ever")
	case b.Source.Retries < 0 || b.Source.Retries > 10:
		return s, fmt.Errorf("source.retries: %d is not 0 to 10", b.Source.Retries)
	case len(b.Update.Steps) > 100:
		return s, errors.New("update.steps: more than 100")
	case b.Power.Update != "" && b.Power.Update != "resumes" && b.Power.Update != "gives-up":
		return s, fmt.Errorf("power.update: %q is not resumes or gives-up", b.Power.Update)
	}
	for _, d := range []time.Duration{b.Source.RetryAfter, b.Validation.Takes, b.Announce, b.Power.Off} {
		if d < 0 {
			return s, fmt.Errorf("%v: a duration below 0", d)
		}
	}
	for i := range b.Update.Steps {
		st, err := b.Update.Steps[i].compile(scale)
		if err != nil {
			return s, fmt.Errorf("update.steps[%d].%w", i, err)
		}
		s.steps = append(s.steps, st)
	}
	var err error
	if s.own, err = b.Autonomous.compile(scale); err != nil {
		return s, fmt.Errorf("autonomous.%w", err)
	}
	return s, nil
}

func (st *Step) compile(scale func(time.Duration) time.Duration) (step, error) {
	c := step{
		after: scale(st.After), off: scale(st.Off), when: outcomeWords[st.When],
		moves: st.DOS != "", fetch: st.Fetch, givesUp: st.GivesUp,
	}
	if st.After < 0 || st.Off < 0 {
		return c, errors.New("after, off: a duration below 0")
	}
	if st.When != "" && c.when != Succeeds && c.when != Fails {
		return c, fmt.Errorf("when: %q is not success or failure", st.When)
	}
	if c.moves {
		dos, err := ocf.ParseDOS(st.DOS)
		if err != nil {
			return c, fmt.Errorf("dos: %w", err)
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
		return nil, errors.New("after, every: must be more than 0")
	}
	if len(a.Starts) == 0 {
		return nil, errors.New("starts: empty")
	}
	s := timetable{after: scale(a.After), every: scale(a.Every)}
	for _, word := range a.Starts {
		bits, err := ocf.ParseDPM(word)
		if err != nil || bits == 0 || bits.Without(ocf.SVV|ocf.SSU) != 0 {
			return nil, fmt.Errorf("starts: %q is not V, U or V+U", word)
		}
		s.starts = append(s.starts, bits)
	}
	return &s, nil
}

// resetDelay is how long a Device needs to restore its defaults in RESET.
const resetDelay = 2 * time.Second
