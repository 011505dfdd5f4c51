package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// githubFormat tells a job of GitHub Actions what did not pass, so that it stands at the
// change that is under review
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
// It leaves no file.
func githubFormat() Format { return Format{Name: "github", Show: annotate} }

// annotate writes a line for each cause for which something did not pass, the worst
// first, and one line for each target.
func annotate(w io.Writer, targets []Entry, _ Style) error {
	for _, t := range targets {
		name := clean(t.Report.Target.Name)
		for _, c := range Concerns(t, Style{}) {
			title := fmt.Sprintf("%s: %s %s", name, c.Verdict, strings.Join(append([]string{c.ID}, c.Also...), " "))
			if err := annotation(w, annotates(c.Verdict), title, c.Text); err != nil {
				return err
			}
		}
		_, says := Exit(judged(t.Report.Verdict))
		if s := selected(t.Report); s != "" {
			says += "\n" + s
		}
		if err := annotation(w, "notice", fmt.Sprintf("%s: %s", name, judged(t.Report.Verdict)), says); err != nil {
			return err
		}
	}
	return nil
}

// annotates is the command for something with this verdict. What could not be judged is
// a warning: it says nothing against the Device.
func annotates(v conformance.Verdict) string {
	switch v {
	case conformance.Fail, conformance.Error:
		return "error"
	case conformance.Waived:
		return "notice"
	default:
		return "warning"
	}
}

// annotation writes one workflow command. It escapes what would end the title or the
// line, so that no text of a Device becomes a command.
func annotation(w io.Writer, command, title, text string) error {
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	if _, err := fmt.Fprintf(w, "::%s title=%s::%s\n", command, property.Replace(title), message.Replace(strings.TrimSpace(text))); err != nil {
		return fmt.Errorf("write annotations: %w", err)
	}
	return nil
}
