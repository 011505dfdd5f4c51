package reports

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// headline describes an observation in a few words: "GET /oic/sec/pstat", "2.05
// Content", "condition hold done".
func headline(o conformance.Observation) string {
	switch o.Kind {
	case conformance.Request, conformance.Response, conformance.Notification, conformance.Message:
		if f := o.Frame; f != nil {
			return frameLine(o.Kind, f)
		}
	case conformance.Condition:
		return o.Name + " " + o.Outcome
	case conformance.Source:
		if s := o.Source; s != nil {
			return sourceLine(s)
		}
	case conformance.Waiting:
		return o.Outcome + ": " + o.Text
	case conformance.Session:
		return "session " + o.Outcome
	case conformance.Lost:
		return "no answer"
	}
	return o.Text
}

func frameLine(kind conformance.Kind, f *conformance.Frame) string {
	words := []string{f.Type, f.Code}
	if kind == conformance.Request {
		words = []string{f.Type, f.Code, target(f)}
	}
	if f.Observe != nil {
		words = append(words, fmt.Sprintf("Observe %d", *f.Observe))
	}
	if f.Format != nil {
		words = append(words, fmt.Sprintf("format %d", *f.Format))
	}
	return strings.Join(words, " ")
}

func target(f *conformance.Frame) string {
	if f.Query == "" {
		return f.Path
	}
	return f.Path + "?" + f.Query
}

func sourceLine(s *conformance.SourceReport) string {
	line := fmt.Sprintf("checks %d, fetches %d, served %d, holding %d", s.Checks, s.Fetches, s.Served, s.Holding)
	if s.Unanswered > 0 {
		line += fmt.Sprintf(", unanswered %d", s.Unanswered)
	}
	if s.Unreachable {
		line += ", out of reach"
	}
	if s.Version != "" {
		line += ", installed " + s.Version
	}
	if s.Last != nil {
		line += "; last: " + s.Last.String()
	}
	if s.Said != "" {
		line += fmt.Sprintf("; the Device said %q", s.Said)
	}
	return line
}

// content is what an observation carries besides its headline: a payload in text
// notation, or a text.
func content(o conformance.Observation) string {
	if o.Frame != nil && len(o.Frame.Payload) > 0 {
		says := payloadText(o.Frame.Payload)
		if o.Kind == conformance.Response && o.Text != "" { // of which Device it is
			says = o.Text + "  " + says
		}
		return says
	}
	switch o.Kind {
	case conformance.Waiting, conformance.Step, conformance.Note:
		if headline(o) == o.Text || o.Kind == conformance.Waiting {
			return ""
		}
	}
	return o.Text
}

// title is the complete observation in a few lines, for a tooltip.
func title(o conformance.Observation) string {
	first := fmt.Sprintf("%d  +%s  %s", o.N, clock(o.At), o.Kind)
	if o.Client != "" {
		first += " · " + o.Client + " Client"
	}
	lines := []string{first}
	for _, line := range []string{headline(o), content(o)} {
		if line != "" {
			lines = append(lines, clip(clean(line), 400))
		}
	}
	return strings.Join(lines, "\n")
}

// shortLabel is the text beside an arrow.
func shortLabel(o conformance.Observation) string {
	f := o.Frame
	if o.Kind == conformance.Session {
		return "session " + o.Outcome
	}
	if f == nil {
		return ""
	}
	switch o.Kind {
	case conformance.Request:
		label := f.Code
		if f.Observe != nil && *f.Observe == 0 {
			label = "observe"
		} else if f.Observe != nil {
			label = "cancel"
		}
		if len(f.Payload) > 0 {
			return clip(label+" "+payloadText(f.Payload), 22)
		}
		if f.Path != "" && f.Path != "/oic/sec/pstat" {
			return clip(label+" "+f.Path, 22)
		}
		return label
	case conformance.Notification:
		if f.Observe != nil && strings.HasPrefix(f.Code, "2.") {
			return fmt.Sprintf("#%d", *f.Observe)
		}
	}
	return f.Code
}

// others are the Devices like it that shared the scenarios with the target; "" for none.
func others(t assess.TargetName) string {
	if t.Devices < 2 {
		return ""
	}
	return fmt.Sprintf(" and %d more like it", t.Devices-1)
}
