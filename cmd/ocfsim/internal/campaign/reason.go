package campaign

import (
	"cmp"
	"net"
	"slices"
	"strings"
)

// Reason is why Devices are in trouble, and how many of them are for it.
type Reason struct {
	Verdict Verdict  `json:"verdict"`
	Says    string   `json:"says"`
	Devices int      `json:"devices"`
	SuchAs  []string `json:"such_as"` // a few of them
}

type reasonKey struct {
	verdict Verdict
	says    string
}

// worstFirst are the verdicts that are failures, in the order in which they are looked at:
// Devices that may still be at work come first, then those that nobody hears of.
func worstFirst() []Verdict { return []Verdict{Straggler, Lost, Failed, Refused, Unproven} }

// addReason counts why the Device is in trouble.
func (t *Tally) addReason(r Result) {
	const named = 3
	key := reasonKey{r.Verdict, impersonal(r)}
	if t.reasons[key] == nil && len(t.reasons) >= mostReasons {
		key.says = "other reasons"
	}
	why := t.reasons[key]
	if why == nil {
		why = &Reason{Verdict: key.verdict, Says: key.says}
		t.reasons[key] = why
	}
	if why.Devices++; len(why.SuchAs) < named {
		why.SuchAs = append(why.SuchAs, r.Device)
	}
}

// impersonal is the reason of a Result without the Device's own address and id, so that all
// Devices that have it are counted together.
func impersonal(r Result) string {
	says := r.Reason
	if _, at, ok := strings.Cut(r.Device, "://"); ok {
		says = strings.ReplaceAll(says, at, "ADDRESS")
		if host, _, err := net.SplitHostPort(at); err == nil && len(host) > 3 {
			says = strings.ReplaceAll(says, host, "ADDRESS")
		}
	}
	if r.DI != "" {
		says = strings.ReplaceAll(says, r.DI, "DI")
	}
	return says
}

// worstReasons are all reasons: the worst verdict first, and of one verdict what most Devices have.
func (t *Tally) worstReasons() []Reason {
	var all []Reason
	for _, why := range t.reasons {
		all = append(all, *why)
	}
	order := worstFirst()
	slices.SortFunc(all, func(a, b Reason) int {
		return cmp.Or(slices.Index(order, a.Verdict)-slices.Index(order, b.Verdict), b.Devices-a.Devices, cmp.Compare(a.Says, b.Says))
	})
	return all
}
