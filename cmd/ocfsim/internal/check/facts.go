package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// facts says what the look tells, and beside it what is declared. It reports whether
// a test could begin.
func (x *examination) facts() bool {
	l, p := x.look, x.Target.Profile
	if u := l.Ready(p); u != nil && !l.OCF() {
		x.say(Line{Topic: "device", Outcome: NotSo, Text: u.Err.Error(), Write: u.Write, Run: u.Run})
		return false
	}
	x.ok("device", "%s", x.who())
	x.edition()
	if l.Pstat == nil {
		x.ok("dos", "hidden from whoever has no session (%s)", l.Codes[ocf.PathPstat])
	} else {
		x.ok("dos", "%v, tm=%v cm=%v", l.Pstat.DOS, l.Pstat.TM, l.Pstat.CM)
	}
	x.owner()
	if u := l.Ready(p); u != nil {
		x.say(Line{Topic: "privilege", Outcome: NotSo, Text: u.Err.Error(), Write: u.Write, Run: u.Run})
		return false
	}
	ready := x.ownable()
	x.resources()
	return ready
}

// who names the Device and where it answers.
func (x *examination) who() string {
	l := x.look
	parts := []string{fmt.Sprintf("%q", l.D.Name)}
	if !l.D.DI.IsNil() {
		parts = append(parts, "di "+l.D.DI.String())
	}
	if l.D.ICV != "" {
		parts = append(parts, l.D.ICV)
	}
	var at []string
	for _, ep := range []string{l.Endpoint, l.Secure} {
		if ep != "" {
			at = append(at, ep)
		}
	}
	return "OCF, " + strings.Join(parts, ", ") + ", at " + strings.Join(at, " and ")
}

// edition says whether the Device calls itself one of another edition than the target
// file has it judged by.
func (x *examination) edition() {
	declared := x.Target.Profile.Edition
	by := edition.Of(declared)
	icv := x.look.D.ICV
	if icv == "" || by.Matches(icv) {
		return
	}
	l := Line{Topic: "edition", Outcome: More, Text: fmt.Sprintf("the Device says %s, and is judged by %s", icv, by.ID)}
	if declared != "" {
		l.Outcome, l.Text = NotSo, fmt.Sprintf("the target file says %s, and the Device says %s", declared, icv)
	}
	if own, ok := edition.ByICV(icv); ok {
		l.Write = []string{"edition: " + own.ID}
	}
	x.say(l)
}

// owner says whose the Device is, and by which methods it could be owned.
func (x *examination) owner() {
	l := x.look
	owned, known := l.Owned()
	switch {
	case !known:
		x.unknown("owner", "GET %s is answered %s, so it does not tell", ocf.PathDoxm, l.Codes[ocf.PathDoxm])
	case !owned:
		x.ok("owner", "nobody")
	case l.Doxm == nil:
		x.ok("owner", "somebody: it hides its doxm from whoever has no session (%s)", l.Codes[ocf.PathDoxm])
	default:
		x.ok("owner", "%v", l.Doxm.DevOwner)
	}
	if l.Doxm != nil {
		x.ok("methods", "%s", cmpOr(methodNames(l.Methods()), "none that the harness knows"))
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func methodNames(all []target.Method) string {
	var names []string
	for _, m := range all {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

// ownable holds the declared security to what the Device shows: false if the harness
// would not become privileged.
func (x *examination) ownable() bool {
	l, s := x.look, x.Target.Security
	owned, known := l.Owned()
	refuse := func(format string, args ...any) bool {
		x.say(Line{Topic: "privilege", Outcome: NotSo, Text: fmt.Sprintf(format, args...), Write: l.Ways()})
		return false
	}
	switch {
	case !x.Target.Profile.Secured:
		return true
	case s.Owner != nil && l.Owner != nil:
		return refuse("the credential of the target file is of no use: %v", l.Owner)
	case s.Owner != nil:
		return true
	case s.Own == "":
		return refuse("%v", target.ErrNoCredential)
	case known && owned && x.LookOnly: // else it may be what an earlier run has left, which is undone
		return refuse("the harness is to own it by %s, but it has an owner", s.Own)
	case known && !owned && !slices.Contains(l.Methods(), s.Own):
		return refuse("the harness is to own it by %s, which it does not offer", s.Own)
	}
	return true
}

// resources holds what is declared of resources to what the Device lists.
func (x *examination) resources() {
	l, s := x.look, x.Target.Profile.Supports
	switch has := l.HasSoftwareUpdate(); {
	case has && !s.SoftwareUpdate:
		x.more("softwareupdate", "it lists a resource of type oic.r.softwareupdate, and supports does not declare it")
	case !has && s.SoftwareUpdate:
		x.notSo("softwareupdate", "supports declares the software update resource, and it lists none")
	case has:
		x.ok("softwareupdate", "it lists the resource, as declared")
	}
}
