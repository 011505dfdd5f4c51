package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Draft is a target file for the Device that showed l, as text to be completed: what was
// seen stands in it, and what nobody can see has the value that is assumed without it, with
// a comment. credential is the file of the owner's credential as the target file is to name
// it, "" if there is none.
func (l Look) Draft(credential string) string {
	var d draft
	d.note("What ocfsim knows of the Device that answers at %s. `ocfsim check` with the name of", l.Endpoint)
	d.note("this file holds it to the Device. Lines that begin with # are examples.")
	d.gap()
	d.identity(l)
	d.gap()
	d.security(l, credential)
	d.gap()
	d.claims(l)
	d.gap()
	d.note("How the Device, and what it is offered, is brought into a state. Without this most")
	d.note("scenarios can't be tested. One of:")
	d.line("# conditions:", "")
	d.line(`#   exec: ["./prepare.sh"]`, "a program, called with the condition as its last argument")
	d.line("#   http: http://127.0.0.1:9000/", "POST {\"condition\": \"hold\"}")
	d.line("#   prompt: true", "asks whoever sits at the terminal")
	d.note("A bench on which nobody can choose what is on offer says what there always is:")
	d.line("# always: [update-available]", "")
	return d.String()
}

// draft is the text of a target file in the making.
type draft struct{ strings.Builder }

// column is where the comments of a target file begin.
const column = 38

// line writes text with a comment behind it.
func (d *draft) line(text, comment string) {
	if comment == "" {
		fmt.Fprintln(d, text)
		return
	}
	fmt.Fprintf(d, "%-*s # %s\n", column, text, comment)
}

// note writes a line of comment.
func (d *draft) note(format string, args ...any) { d.line("# "+fmt.Sprintf(format, args...), "") }

func (d *draft) gap() { d.line("", "") }

// quoted is what a Device said of itself as a YAML string; it may say anything.
func quoted(s string) string { return fmt.Sprintf("%+q", s) }

// identity says who is under test and where.
func (d *draft) identity(l Look) {
	name := l.D.Name
	if strings.TrimSpace(name) == "" {
		name = l.Endpoint
	}
	d.line("name: "+quoted(name), "who is under test")
	if l.P.MNMN != "" {
		d.line("vendor: "+quoted(l.P.MNMN), "optional, like product, version and contact")
	}
	if _, v := l.Version(); v != "" {
		d.line("version: "+quoted(v), "what is installed now")
	}
	if l.Door != "" {
		d.line("endpoint: "+l.Door, "it answers from "+l.Endpoint+" now, and may from another port at its next start")
	} else {
		d.line("endpoint: "+l.Endpoint, "")
	}
	if !l.D.DI.IsNil() {
		changes := "in place of endpoint, if its address changes"
		if owned, known := l.Owned(); known && !owned {
			changes += "; a reset, as the harness ends with, may give it another di"
		}
		d.line(fmt.Sprintf("# discover: {di: %v}", l.D.DI), changes)
	}
}

// security says how the harness becomes privileged.
func (d *draft) security(l Look, credential string) {
	owned, known := l.Owned()
	switch {
	case credential != "":
		d.note("The harness comes as the owner, and takes back what it adds.")
		d.line("security: {psk: {file: "+quoted(credential)+"}}", "")
	case known && !owned:
		d.note("The Device has no owner. The harness makes itself the owner, and gives the Device back")
		d.note("in the end. It offers:")
		for i, way := range l.Ways() {
			if i > 0 || strings.Contains(way, "FILE") {
				way = "# " + way
			}
			d.line(way, "")
		}
		if !slices.ContainsFunc(l.Methods(), func(m Method) bool { return m != ManufacturerCertificate }) {
			d.line("security: {unsecured: true}", "to be replaced: nobody is privileged without a session")
		}
	case l.Pstat != nil && l.Secure == "":
		d.note("The Device shows its pstat to everyone, and names no endpoint for sessions.")
		d.line("security: {unsecured: true}", "")
	case owned:
		d.note("The Device has an owner. Either the harness comes with the owner's credential, as")
		d.note("`ocfsim own` writes it, or the Device is reset first, and the harness owns it.")
		d.line("# security: {psk: {file: owner.yaml}}", "")
		d.line("security: {own: justworks}", "")
	default:
		d.note("The Device does not tell whether it has an owner.")
		d.line("security: {unsecured: true}", "")
		d.line("# security: {own: justworks}", "")
	}
}

// claims are the PICS, the IXIT and what an update does.
func (d *draft) claims(l Look) {
	d.note("What the Device does (PICS). A claim that is missing hides a fail.")
	d.line("supports:", "")
	d.line("  validation: true", "it checks for newer software when tm.V is written")
	d.line("  update: true", "it updates its software when tm.U is written")
	d.line("  autonomous: false", "true if it checks or updates by itself")
	resource := "/oic/res lists none"
	if l.HasSoftwareUpdate() {
		resource = "/oic/res lists one"
	}
	d.line(fmt.Sprintf("  softwareupdate-resource: %v", l.HasSoftwareUpdate()), resource)
	d.gap()
	d.note("How long it may take at most (IXIT). Who takes longer fails.")
	d.line("timing:", "")
	d.line("  validation: 30s", "from the answer of the trusted source to the end of a check")
	d.line("  update: 5m", "from the answer of the trusted source to the end of an update")
	d.line("  settle: 500ms", "from a change of pstat to its notification")
	d.line("  reboot: 60s", "how long a restart makes it unreachable")
	d.gap()
	d.note("What an update does besides tm and cm.")
	d.line("update:", "")
	d.line("  dos: unchanged", "or any, or the states that it passes through: [RFPRO, RFNOP]")
	d.line("  reboots: false", "true if an update restarts the Device")
	if where, v := l.Version(); where != "" {
		d.line("  version: "+where, "shows "+quoted(v)+" now")
	} else {
		d.line("  # version: "+ocf.PathD+"#sv", "where the installed version could be read; the Device shows none")
	}
}
