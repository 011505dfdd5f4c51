package talk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// Answer is a response or a notification as --json writes it.
type Answer struct {
	AtS     *float64        `json:"at_s,omitempty"` // of a notification: seconds since the observation was asked for
	Code    string          `json:"code"`           // "2.05"
	Observe *uint32         `json:"observe,omitempty"`
	Format  *uint16         `json:"format,omitempty"`
	Pstat   string          `json:"pstat,omitempty"` // "tm=- cm=V dos=RFNOP"
	Payload json.RawMessage `json:"payload,omitempty"`
	Text    string          `json:"text,omitempty"` // the payload, if it is text
	Hex     string          `json:"hex,omitempty"`  // the payload, if it is neither CBOR nor text
}

// NewAnswer makes f readable, with the letters that by has for the bits of tm and cm. In an answer that is not a success, a payload without a
// content format is a diagnostic text (RFC 7252 section 5.5.2).
func NewAnswer(f conformance.Frame, by *edition.Edition) Answer {
	a := Answer{Code: f.Code, Observe: f.Observe, Format: f.Format}
	if len(f.Payload) == 0 {
		return a
	}
	if f.Format == nil || IsCBOR(*f.Format) {
		if payload, err := ToJSON(f.Payload); err == nil {
			a.Payload, a.Pstat = payload, by.Letters(notation(f))
			return a
		}
	}
	if (f.Format == nil && !Success(f.Code)) || (f.Format != nil && IsText(*f.Format)) {
		a.Text = strings.ToValidUTF8(string(f.Payload), "\ufffd")
		return a
	}
	a.Hex = fmt.Sprintf("%x", []byte(f.Payload))
	return a
}

// notation is what f shows of pstat, in the text notation. It is empty if f does not
// show pstat.
func notation(f conformance.Frame) string {
	if f.Path != ocf.PathPstat || !Success(f.Code) {
		return ""
	}
	p, _, err := ocf.DecodePstat(f.Payload)
	if err != nil || !p.Present.Has(ocf.PropTM|ocf.PropCM|ocf.PropDOS) {
		return ""
	}
	return p.String()
}

// Write shows the answer to a person: the code, the values of pstat, and the payload
// as indented JSON or text.
func (a Answer) Write(w io.Writer) error {
	lines := []string{CodeText(a.Code)}
	if a.Pstat != "" {
		lines = append(lines, a.Pstat)
	}
	if a.Payload != nil {
		var b bytes.Buffer
		if err := json.Indent(&b, a.Payload, "", "  "); err != nil {
			return err
		}
		lines = append(lines, b.String())
	}
	for _, s := range []string{ocf.VisibleLines(a.Text), a.Hex} {
		if s != "" {
			lines = append(lines, s)
		}
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// NotificationLine shows on a line a notification that came at the time at: its Observe
// number, its type, and the values of pstat, or the payload of another resource.
func NotificationLine(at time.Duration, f conformance.Frame, by *edition.Edition) string {
	number := "-"
	if f.Observe != nil {
		number = fmt.Sprint(*f.Observe)
	}
	a := NewAnswer(f, by)
	shown := a.Pstat
	switch {
	case shown != "":
	case a.Payload != nil:
		shown = string(a.Payload)
	default:
		shown = strings.TrimSpace(CodeText(f.Code) + " " + ocf.Visible(a.Text) + a.Hex)
	}
	return fmt.Sprintf("%9.3fs  observe %-4s %s  %s", at.Seconds(), number, f.Type, shown)
}

// Line shows any entry of the log of a conversation on one line.
func Line(o conformance.Observation) string {
	arrow := map[conformance.Kind]string{conformance.Request: ">", conformance.Response: "<", conformance.Notification: "<"}[o.Kind]
	if arrow == "" {
		arrow = "#"
	}
	if o.Frame == nil {
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", arrow, o.Kind, ocf.Visible(o.Text)))
	}
	f := o.Frame
	line := fmt.Sprintf("%s %s %s mid=%d token=%x", arrow, f.Type, f.Code, f.MID, []byte(f.Token))
	if f.Observe != nil {
		line += fmt.Sprintf(" observe=%d", *f.Observe)
	}
	if f.Path != "" {
		line += " " + ocf.Visible(f.Path)
	}
	if f.Query != "" {
		line += "?" + ocf.Visible(f.Query)
	}
	if len(f.Payload) > 0 {
		line += fmt.Sprintf(" [%d bytes]", len(f.Payload))
	}
	if o.Text != "" {
		line += "  " + ocf.Visible(o.Text)
	}
	return line
}
