package assess

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Cause is what several findings have in common: they say the same of the Device, in
// however many scenarios and by however many requirements. A reader looks into it once.
type Cause struct {
	Says         string              `json:"says"` // the reason, with … for what differs between scenarios
	Verdict      conformance.Verdict `json:"verdict"`
	Requirements []string            `json:"requirements"`      // in the order of the report; none for an expectation of a scenario
	Findings     int                 `json:"findings"`          // 0: a requirement has its verdict for no finding
	Scenarios    int                 `json:"scenarios"`         // in how many of them
	Scenario     string              `json:"scenario"`          // that shows it best; "" without a finding
	Edition      string              `json:"edition,omitempty"` // what later editions say of a bit that is part of it
}

// Explains reports whether f is one of the findings that c stands for.
func (c Cause) Explains(f conformance.Finding) bool {
	return f.Verdict == c.Verdict && inCommon(f) == c.Says
}

// Causes are why the requirements of rep did not pass, each once, in the order of the
// requirements. Findings that are not as bad as the verdict of their requirement are
// left out, and requirements that passed or do not apply. In the end stand the
// expectations of scenarios that were not met though no requirement is broken: causes
// without a requirement.
func Causes(rep Report) []Cause {
	var all []Cause
	at := map[string]int{}
	scenarios := map[string]map[string]bool{}
	add := func(id, key string, c Cause) *Cause {
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key], scenarios[key] = i, map[string]bool{}
			all = append(all, c)
		}
		if !slices.Contains(all[i].Requirements, id) {
			all[i].Requirements = append(all[i].Requirements, id)
		}
		return &all[i]
	}
	stranger := identities()
	for _, q := range rep.Requirements {
		if q.Verdict == conformance.Pass || q.Verdict == conformance.NotApplicable {
			continue
		}
		found := false
		for _, f := range q.Findings {
			if f.Verdict != q.Verdict {
				continue
			}
			found = true
			says := inCommon(f)
			key := fmt.Sprintf("%s %s %s", f.Verdict, stranger[q.ID], says)
			c := add(q.ID, key, Cause{Says: says, Verdict: f.Verdict, Scenario: f.Scenario, Edition: laterEdition(f, rep.Edition)})
			c.Findings++
			scenarios[key][f.Scenario] = true
			c.Scenarios = len(scenarios[key])
		}
		if !found && q.Verdict != conformance.None {
			says := inCommon(conformance.Finding{Reason: q.Reason})
			add(q.ID, fmt.Sprintf("%s alone %s", q.Verdict, says), Cause{Says: says, Verdict: q.Verdict})
		}
	}
	return append(all, unmet(rep)...)
}

// unmet are the expectations of scenarios that were not met though no requirement is
// broken.
func unmet(rep Report) []Cause {
	var all []Cause
	for _, s := range rep.Scenarios {
		counted := map[string]bool{}
		for _, f := range s.Checks {
			if !WithoutRule(f) {
				continue
			}
			says := inCommon(f)
			i := slices.IndexFunc(all, func(c Cause) bool { return c.Says == says })
			if i < 0 {
				i = len(all)
				all = append(all, Cause{Says: says, Verdict: f.Verdict, Requirements: []string{}, Scenario: s.ID, Edition: laterEdition(f, rep.Edition)})
			}
			all[i].Findings++
			if !counted[says] {
				all[i].Scenarios++
			}
			counted[says] = true
		}
	}
	return all
}

// identities are the requirements that say who may do what. What a Client without the
// privilege can do is never the same as what a privileged one can, though the
// Device shows the same.
func identities() map[string]string {
	ids := map[string]string{}
	for _, q := range judge.Every() {
		if q.Needs.Target.Has(judge.Identity) {
			ids[q.ID] = "without the privilege"
		}
	}
	return ids
}

// differs are the parts of a reason that differ between scenarios that show the same.
// The bits V and U stand for what was asked of the Device, and are kept.
var differs = []struct {
	part *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "…"},
	{regexp.MustCompile(`\bClient (?:unprivileged|privileged|second)(?: (?:` + strings.Join(kinds(), "|") + `))?`), "a Client"},
	{regexp.MustCompile(`^(?:unprivileged|privileged|second)(?: (?:` + strings.Join(kinds(), "|") + `))? saw `), "a Client saw "},
	{regexp.MustCompile(`\b(tm|cm|dos|om|sm|isop|p)=(?:"[^"]*"|(?:an? )?[^\s,;:()]+)`), "$1=…"},
	{regexp.MustCompile(`(?:\b\w+=…(?:, )?)+( was | the | during | of a Client)`), "a write$1"},
	{regexp.MustCompile(`\b(?:RFOTM|RFPRO|RFNOP|SRESET|RESET)\b`), "…"},
	{regexp.MustCompile(`\{tm: \d+\}`), "{tm: …}"},
	{regexp.MustCompile(`\b(?:0x[0-9a-f]+|\d+(?:\.\d+)*(?:ns|µs|ms|s|m|h)?)\b`), "…"},
	{regexp.MustCompile(`^scenario \S+ speaks`), "a scenario speaks"},
	{regexp.MustCompile(` \(seen: .*\)`), ""},
}

// kinds are what tells the Clients of one privilege apart.
func kinds() []string {
	all := []string{strings.TrimPrefix(conformance.UpdateOnly, conformance.Privileged+" ")}
	for _, client := range conformance.UnprivilegedClients() {
		all = append(all, strings.TrimPrefix(client, conformance.Unprivileged+" "))
	}
	return all
}

// inCommon is the reason of f without what differs between scenarios that show the
// same.
func inCommon(f conformance.Finding) string {
	says := f.Reason
	if says == "" {
		says = f.Got
	}
	for _, d := range differs {
		says = d.part.ReplaceAllString(says, d.by)
	}
	return says
}

// highBits are the bits above the low byte that a text shows in tm or cm.
func highBits(text string) uint64 {
	var bits uint64
	for _, m := range maskShown.FindAllStringSubmatch(text, -1) {
		for part := range strings.SplitSeq(m[1], "+") {
			if hex, ok := strings.CutPrefix(part, "0x"); ok {
				n, _ := strconv.ParseUint(hex, 16, 16) // what is no number is no bit
				bits |= n &^ 0xff
			}
		}
	}
	return bits
}

var maskShown = regexp.MustCompile(`\b(?:tm|cm)=([0-9A-Za-zVU+]+)`)

// availability is the bit N of later editions.
const availability = 0x100

// laterEdition says what later editions make of the bits in f that its own edition
// does not define; "" where there are none.
func laterEdition(f conformance.Finding, by string) string {
	bits := highBits(f.Got+" "+f.Reason) & uint64(edition.Of(by).Undefined())
	switch {
	case bits == 0:
		return ""
	case bits == availability:
		return "the bit 256 (0x100) is not defined by " + by + "; editions from OCF 2.0.3 on define it: in tm it requests a check whether new software is available, in cm it says that it is"
	case bits&availability != 0:
		return fmt.Sprintf("the bits 0x%x are not defined by %s; of them editions from OCF 2.0.3 on define 256 (0x100), the check whether new software is available", bits, by)
	}
	return fmt.Sprintf("the bits 0x%x are not defined by %s, nor by a later edition that is known here", bits, by)
}
