package conformance

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// Each field of an Observation stands in its line as encoding/json writes it, and so does
// each text that needs care.
func TestLine(t *testing.T) {
	observe, format, cause := uint32(1<<24-1), uint16(10000), 7
	zone := time.FixedZone("", -9000)
	whole := Observation{
		N: 3, At: -5 * time.Second, Wall: time.Date(2026, 2, 3, 4, 5, 6, 700, zone), Kind: Response, Client: Privileged, For: &cause,
		Name: Reboot, Outcome: Done, Text: "quiet", Source: &SourceReport{Checks: 1, Last: &Handed{Package: "<a>", Faults: []string{"é"}}},
		Frame: &Frame{Type: "ACK", Code: "2.05", MID: 65535, Token: Hex{1, 0xff}, Observe: &observe, Path: "/a", Query: "if=b", Format: &format, Payload: Hex{0}, Raw: Hex{0xab}},
	}
	if n := fields(reflect.TypeFor[Observation]()); n != 11 {
		t.Errorf("an Observation has %d fields in JSON; line.go and this test know of 11", n)
	}
	if n := fields(reflect.TypeFor[Frame]()); n != 10 {
		t.Errorf("a Frame has %d fields in JSON; line.go and this test know of 10", n)
	}
	all := []Observation{{}, {Frame: &Frame{}}, whole, {Wall: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}}
	for _, text := range []string{"<script>", "a & b", "\x00\n\t\x7f", `"\`, "Gerät", "\u2028", "\xff", " ~"} {
		o := whole
		o.Text = text
		o.Frame = &Frame{Type: text, Code: text, Path: text, Query: text}
		all = append(all, o)
	}
	for _, wall := range []time.Time{time.Unix(0, 0).UTC(), time.Date(2026, 1, 1, 0, 0, 0, 120_000_000, time.UTC), time.Now()} {
		all = append(all, Observation{Wall: wall})
	}
	for _, o := range all {
		want, wrong := json.Marshal(o)
		got, err := o.appendLine(nil)
		if (err != nil) != (wrong != nil) || err == nil && string(got) != string(want) {
			t.Errorf("got  %s, %v\nwant %s, %v", got, err, want, wrong)
		}
	}
}

// fields counts the fields of a struct that stand in JSON.
func fields(of reflect.Type) (n int) {
	for f := range of.Fields() {
		if f.IsExported() && f.Tag.Get("json") != "-" {
			n++
		}
	}
	return n
}
