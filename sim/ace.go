package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// isFor reports whether e is meant for the Client of the claim. What everyone may do
// without a session, a Client with a session may do as well.
func (t *turn) isFor(e *ocf.ACE, c *claim) bool {
	s := &e.Subject
	is := false
	switch {
	case s.Conn == ocf.AnonClear:
		is = t.connCounts(c)
	case s.Conn == ocf.AuthCrypt:
		is = !c.subject.IsNil() && t.connCounts(c)
	case s.Role.Name != "":
		is = t.hasRole(c, s.Role)
	default:
		is = c.is(s.UUID)
	}
	return t.bent.isFor.decide(t, entry{e, c}, is)
}

// connCounts reports whether an ACE for a kind of connection counts. In later
// editions it does not count for a security resource.
func (t *turn) connCounts(c *claim) bool {
	return t.bent.connCounts.decide(t, !t.model.later || !c.svr)
}

// isAbout reports whether e names the resource of the claim.
func (t *turn) isAbout(e *ocf.ACE, c *claim) bool {
	is := false
	for i := range e.Resources {
		is = is || t.covers(&e.Resources[i], c.path)
	}
	return t.bent.isAbout.decide(t, entry{e, c}, is)
}

// covers reports whether ref names the resource at path. Only early editions have
// references by resource type alone.
func (t *turn) covers(ref *ocf.ResourceRef, path string) bool {
	switch {
	case ref.Href != "":
		if ref.Href != path {
			return false
		}
	case ref.Wildcard != "":
		if !t.wildcard(ref.Wildcard, path) {
			return false
		}
	case len(ref.RT) == 0, t.model.later:
		return false
	}
	return t.model.later || ofType(ref, path)
}

// wildcard reports whether wc covers the resource at path. Each resource of these Devices
// is discoverable; in later editions wildcards mean vertical resources only.
func (t *turn) wildcard(wc, path string) bool {
	return (wc == "*" || wc == "+") && t.bent.wildcards.decide(t, !t.model.later || path == ocf.PathSoftwareUpdate)
}

// ofType reports whether the resource at path has one of the resource types and one
// of the interfaces that ref asks for, as ACEs of early editions do. "*" stands for
// any.
func ofType(ref *ocf.ResourceRef, path string) bool {
	if len(ref.RT) == 0 && len(ref.IF) == 0 {
		return true
	}
	res := lookUp(path)
	listed := func(name string) bool { return wants(ref.IF, name) }
	return res != nil && wants(ref.RT, res.rt) && slices.ContainsFunc(res.interfaces, listed)
}

// wants reports whether list names name. An empty list and "*" name everything.
func wants(list []string, name string) bool {
	return len(list) == 0 || slices.Contains(list, name) || slices.Contains(list, "*")
}

// holds reports whether the time now lies in one of times. No times mean always.
func (t *turn) holds(times []ocf.Validity) bool {
	is := len(times) == 0
	for i := 0; !is && i < len(times); i++ {
		v, err := parseValidity(&times[i])
		is = err == nil && v.covers(t.clock())
	}
	return t.bent.holds.decide(t, is)
}

// within reports whether the time now lies in the period of a credential. "" means
// always.
func (t *turn) within(period string) bool {
	if period == "" {
		return true
	}
	p, err := parsePeriod(period)
	return err == nil && p.covers(t.clock())
}

// clock is the Device's time of day.
func (t *turn) clock() time.Time { return t.model.security.Epoch.Add(t.now) }

// span is a period of RFC 5545. A zero end means that it never ends.
type span struct{ start, end time.Time }

func (p span) covers(at time.Time) bool {
	return !at.Before(p.start) && (p.end.IsZero() || !at.After(p.end))
}

// rfc5545 is the layout of a UTC time in RFC 5545.
const rfc5545 = "20060102T150405Z"

// parsePeriod reads "20260101T000000Z/20261231T235959Z", or a start with a
// duration: "20260101T000000Z/PT8H".
func parsePeriod(text string) (p span, err error) {
	start, end, both := strings.Cut(text, "/")
	if !both {
		return p, fmt.Errorf("%q is no period of RFC 5545", text)
	}
	if p.start, err = parseTime(start); err != nil {
		return p, err
	}
	if length, ok := strings.CutPrefix(end, "P"); ok {
		d, err := parseDuration(length)
		p.end = p.start.Add(d)
		return p, err
	}
	if p.end, err = parseTime(end); err != nil {
		return p, err
	}
	if p.end.Before(p.start) {
		return p, fmt.Errorf("%q ends before it starts", text)
	}
	return p, nil
}

// parseTime reads a time of RFC 5545. It takes a time without a Z as UTC.
func parseTime(text string) (time.Time, error) {
	if !strings.HasSuffix(text, "Z") {
		text += "Z"
	}
	return time.Parse(rfc5545, text)
}

// parseDuration reads the part of a duration after the P: "1W", "2DT3H", "T30M".
func parseDuration(text string) (time.Duration, error) {
	days, clock, _ := strings.Cut(text, "T")
	total := time.Duration(0)
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"W", 7 * 24 * time.Hour}, {"D", 24 * time.Hour}} {
		if n, rest, ok := strings.Cut(days, unit.letter); ok {
			d, err := time.ParseDuration(n + "h")
			if err != nil || d < 0 {
				return 0, fmt.Errorf("%q is no duration of RFC 5545", "P"+text)
			}
			total += d / time.Hour * unit.length
			days = rest
		}
	}
	if clock != "" {
		d, err := time.ParseDuration(strings.ToLower(clock))
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%q is no duration of RFC 5545", "P"+text)
		}
		total += d
	}
	if days != "" || total == 0 {
		return 0, fmt.Errorf("%q is no duration of RFC 5545", "P"+text)
	}
	return total, nil
}

// validity is a parsed ocf.Validity: its first period, and how that recurs.
type validity struct {
	first span
	rules []recurrence
}

// recurrence is a recurrence of RFC 5545, as far as these Devices support it.
type recurrence struct {
	weekly bool
	days   [7]bool // of a weekly rule; Sunday is 0
	until  time.Time
}

// parseValidity reads v. A recurrence that these Devices do not support is an error.
func parseValidity(v *ocf.Validity) (validity, error) {
	first, err := parsePeriod(v.Period)
	parsed := validity{first: first}
	for _, text := range v.Recurrence {
		r, wrong := parseRule(text, first.start)
		if wrong != nil {
			err = wrong
		}
		parsed.rules = append(parsed.rules, r)
	}
	return parsed, err
}

// parseRule reads "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20261231T000000Z".
func parseRule(text string, start time.Time) (r recurrence, err error) {
	freq := ""
	for part := range strings.SplitSeq(strings.TrimPrefix(text, "RRULE:"), ";") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "FREQ":
			freq = value
		case "UNTIL":
			if r.until, err = parseTime(value); err != nil {
				return r, err
			}
		case "BYDAY":
			for day := range strings.SplitSeq(value, ",") {
				i := slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, day)
				if i < 0 {
					return r, fmt.Errorf("recurrence %q: %q is no day", text, day)
				}
				r.days[i] = true
			}
		default:
			return r, fmt.Errorf("recurrence %q: %s is not known to this Device", text, name)
		}
	}
	r.weekly = freq == "WEEKLY" || r.days != [7]bool{}
	if r.weekly && r.days == [7]bool{} {
		r.days[start.Weekday()] = true
	}
	if freq != "DAILY" && freq != "WEEKLY" {
		return r, fmt.Errorf("recurrence %q: expected FREQ=DAILY or WEEKLY", text)
	}
	return r, nil
}

// covers reports whether at lies in the first period or in a recurrence of it.
func (v *validity) covers(at time.Time) bool {
	if v.first.covers(at) {
		return true
	}
	const day = 24 * time.Hour
	for i := range v.rules {
		r := &v.rules[i]
		// The last start before at, and the one before that, for periods that span
		// midnight.
		last := v.first.start.Add(at.Sub(v.first.start) / day * day)
		for _, start := range [...]time.Time{last, last.Add(-day)} {
			switch {
			case start.Before(v.first.start), !r.until.IsZero() && start.After(r.until):
			case r.weekly && !r.days[start.Weekday()]:
			case span{start, start.Add(v.first.end.Sub(v.first.start))}.covers(at):
				return true
			}
		}
	}
	return false
}

// checkACEs returns an error that names the first entry that makes no sense.
func checkACEs(list []ocf.ACE) error {
	for i := range list {
		e := &list[i]
		for j := range e.Validity {
			if _, err := parseValidity(&e.Validity[j]); err != nil {
				return fmt.Errorf("ace %d: validity: %w", i, err)
			}
		}
		s := &e.Subject
		if s.UUID.IsNil() && s.Role.Name == "" && s.Conn != ocf.AuthCrypt && s.Conn != ocf.AnonClear {
			return fmt.Errorf("ace %d: it is for nobody", i)
		}
	}
	return nil
}
