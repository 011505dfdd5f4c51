package reports

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
)

// fact is one thing that is known of who was tested, by whom and with what.
type fact struct{ Name, Value string }

// Long reports whether the value takes a line of its own: in a column it would push what
// went wrong off the first screen.
func (f fact) Long() bool { return len(f.Value) > 100 }

// identity returns what rep knows of the product, of what its target declares and of the bench,
// besides the name, the endpoint and the di.
func identity(rep assess.Report) []fact {
	t := rep.Target
	all := []fact{
		{"Vendor", t.Vendor},
		{"Product", t.Product},
		{"Version", t.Version},
		{"Contact", t.Contact},
	}
	for _, note := range rep.EditionNotes {
		all = append(all, fact{"Edition note", note})
	}
	all = append(all, declarations(rep.Declared)...)
	all = append(all, fact{"Measured", measured(rep.Measured)})
	for _, r := range rep.Remarks {
		all = append(all, fact{"Warning", r.About + ": " + r.Says})
	}
	if b := rep.Bench; b != nil {
		all = append(all, fact{"Hook", hook(b.Hook)}, fact{"Host", slashed(b.Host)})
	}
	all = append(all, fact{"Commit", rep.Tool.Commit}, fact{"Document", rep.Document})
	known := all[:0]
	for _, f := range all {
		if f.Value = clean(f.Value); f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

// declarations are the PICS and the IXIT.
func declarations(d *assess.Declared) []fact {
	if d == nil {
		return nil
	}
	var supports []string
	for _, s := range []struct {
		is   bool
		name string
	}{
		{d.Supports.Validation, "validation"},
		{d.Supports.Update, "update"},
		{d.Supports.Autonomous, "autonomous"},
		{d.Supports.SoftwareUpdate, "softwareupdate-resource"},
	} {
		if s.is {
			supports = append(supports, s.name)
		}
	}
	if supports == nil {
		supports = []string{"nothing"}
	}
	timing := "validation " + took(d.Timing.Validation) + ", update " + took(d.Timing.Update) +
		", settle " + took(d.Timing.Settle) + ", reboot " + took(d.Timing.Reboot)
	update := "dos unchanged"
	if len(d.Update.DOS) > 0 {
		update = "dos " + strings.Join(d.Update.DOS, " ")
	}
	if d.Update.Reboots {
		update += ", restarts"
	}
	if d.Update.Version != "" {
		update += ", version in " + d.Update.Version
	}
	return []fact{{"PICS", strings.Join(supports, ", ")}, {"IXIT timing", timing}, {"IXIT update", update}}
}

// measured are the longest times that were seen, and where.
func measured(m *assess.Measured) string {
	if m == nil {
		return ""
	}
	var words []string
	for _, t := range []struct {
		name string
		*assess.Measurement
	}{{"validation", m.Validation}, {"update", m.Update}, {"settle", m.Settle}, {"reboot", m.Reboot}} {
		if t.Measurement != nil {
			words = append(words, fmt.Sprintf("%s at most %s of the %s declared (%s)", t.name, took(t.MaxS), took(t.DeclaredS), t.Scenario))
		}
	}
	return strings.Join(words, ", ")
}

// hook says what brought the Device into its conditions.
func hook(h *assess.Hook) string {
	if h == nil {
		return "none"
	}
	words := []string{h.Kind}
	if h.Name != "" {
		words = append(words, h.Name)
	}
	for _, f := range h.Files {
		words = append(words, f.Name+" sha256:"+f.SHA256)
	}
	return strings.Join(words, ", ")
}

func slashed(h assess.Host) string {
	if h.OS == "" {
		return ""
	}
	return h.OS + "/" + h.Arch
}

// Identity is what the page shows of identity.
func (p page) Identity() []fact { return identity(p.Report) }

// product names what was tested by vendor, product and version, as far as the target file does.
func product(t assess.TargetName) string {
	return clean(strings.Join(strings.Fields(t.Vendor+" "+t.Product+" "+t.Version), " "))
}

// tool names the program that judged, with its commit.
func tool(t assess.Tool) string {
	name := t.Name + " " + t.Version
	if t.Commit != "" {
		name += " (" + shortCommit(t.Commit) + ")"
	}
	return clean(strings.TrimSpace(name))
}

// shortCommit is the beginning of a commit, with what is known of changes since.
func shortCommit(commit string) string {
	const enough = 12
	hash, dirty := strings.CutSuffix(commit, "-dirty")
	if len(hash) > enough {
		hash = hash[:enough]
	}
	if dirty {
		hash += "-dirty"
	}
	return hash
}

// place says where a sentence stands: "seed.txt lines 34–35: 15.4.3 Software Version
// Validation", or the section of another document.
func place(s assess.Sentence) string {
	switch {
	case s.Lines == "":
		return s.Place
	case s.Place == "":
		return "seed.txt " + lines(s.Lines)
	}
	return "seed.txt " + lines(s.Lines) + ": " + s.Place
}

// edition writes what is to be known of the edition, before any verdict.
func (t text) edition(rep assess.Report) {
	for _, note := range rep.EditionNotes {
		for _, l := range wrap("edition: "+clean(note), t.style.Width) {
			t.line(t.paint(yellow, l))
		}
	}
}

// identity writes what was tested and by what, in a line each.
func (t text) identity(rep assess.Report) {
	var words []string
	if name := product(rep.Target); name != "" {
		words = append(words, name)
	}
	if b := rep.Bench; b != nil {
		words = append(words, "hook: "+clean(hookName(b.Hook)), clean(slashed(b.Host)))
	}
	if rep.Tool.Commit != "" {
		words = append(words, tool(rep.Tool))
	}
	if len(words) == 0 {
		return
	}
	for _, l := range wrap(strings.Join(words, " · "), t.style.Width) {
		t.line(l)
	}
}

// hookName is the hook without its files.
func hookName(h *assess.Hook) string {
	if h == nil {
		return "none"
	}
	return strings.TrimSpace(h.Kind + " " + h.Name)
}

// identityWords are the facts as JUnit's properties.
func identityWords(rep assess.Report) []string {
	var words []string
	for _, f := range identity(rep) {
		words = append(words, strings.ToLower(f.Name), f.Value)
	}
	return words
}

// sourceWords say where a requirement's sentence stands, as JUnit's properties.
func sourceWords(s *assess.Source) []string {
	if s == nil {
		return nil
	}
	return []string{"lines", s.Lines, "section", s.Section, "table", s.Table}
}
