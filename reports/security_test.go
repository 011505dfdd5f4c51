package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

func TestSecurityIsSaid(t *testing.T) {
	unsecured := "unsecured: " + strings.Join(ofIdentity(assess.Report{}), ", ") + " not judged"
	if len(ofIdentity(assess.Report{})) == 0 {
		t.Fatal("no requirement is of identity")
	}
	tests := []struct {
		target assess.TargetName
		want   string
	}{
		{assess.TargetName{}, unsecured},
		{assess.TargetName{Secured: true}, "secured"},
		{assess.TargetName{Secured: true, Owning: "justworks"}, "secured, owned by Just Works"},
		{assess.TargetName{Secured: true, Owning: "pin"}, "secured, owned by Random PIN"},
		{assess.TargetName{Secured: true, Owning: "certificate"}, "secured, owned by manufacturer certificate"},
		{
			assess.TargetName{Secured: true, Owning: "certificate", Expired: "1999-12-01"},
			"secured, owned by manufacturer certificate, whose certificate expired on 1999-12-01 and was accepted",
		},
		{assess.TargetName{Secured: true, Owning: "credential"}, "secured, with its owner's credential"},
	}
	for _, tt := range tests {
		rep := acme().report
		rep.Target.Secured, rep.Target.Owning, rep.Target.Expired = tt.target.Secured, tt.target.Owning, tt.target.Expired
		var page, junit, index bytes.Buffer
		if err := HTML(&page, rep, nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := JUnit(&junit, rep, nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := Index(&index, []Entry{{Folder: "x", Report: rep}}); err != nil {
			t.Fatal(err)
		}
		plain := func(b *bytes.Buffer) string {
			return strings.NewReplacer("&#39;", "'", "&#43;", "+", "&#34;", `"`).Replace(b.String())
		}
		for name, got := range map[string]string{
			"the page": plain(&page), "junit.xml": plain(&junit), "the index": plain(&index), "the summary": summaryOf(t, rep, Style{}),
		} {
			if !strings.Contains(strings.Join(strings.Fields(got), " "), tt.want) {
				t.Errorf("%s does not say %q", name, tt.want)
			}
			if tt.target.Secured && strings.Contains(got, unsecured) {
				t.Errorf("%s says %q of a secured target", name, unsecured)
			}
		}
		if loud := strings.Contains(page.String(), `<p class="unsecured"`); loud == tt.target.Secured {
			t.Errorf("%q: the page is loud: %v", tt.want, loud)
		}
		if got := jsonOf(t, rep); !strings.Contains(string(got), `"secured": `) {
			t.Error("results.json does not say whether the target was secured")
		}
		back, err := ReadJSON("results.json", bytes.NewReader(jsonOf(t, rep)))
		if err != nil || back.Target != rep.Target {
			t.Errorf("read back: %+v, %v", back.Target, err)
		}
	}
}

// TestSessionsAreDrawn checks that a Client that was refused a session has a lane of
// its own, and that each session is in its Client's lane.
func TestSessionsAreDrawn(t *testing.T) {
	n := 1
	tl := conformance.Timeline{Observations: []conformance.Observation{
		{Kind: conformance.Session, Client: "privileged", Outcome: conformance.Opened, Text: "DTLS as the owner"},
		{N: 1, At: time.Second, Kind: conformance.Request, Client: "privileged", Frame: &conformance.Frame{Type: "CON", Code: "GET", Path: "/oic/sec/pstat"}},
		{N: 2, At: 2 * time.Second, Kind: conformance.Lost, Client: "privileged", For: &n, Text: conformance.SessionGone + ": the Device takes a new one"},
		{N: 3, At: 3 * time.Second, Kind: conformance.Session, Client: "unprivileged wrong key", Outcome: conformance.Refused, Text: "bad_record_mac"},
		{N: 4, At: 4 * time.Second, Kind: conformance.Session, Client: "privileged", Outcome: conformance.Closed, Text: "close_notify"},
	}}
	svg := string(draw("x", tl, nil).SVG())
	for _, want := range []string{"session opened", "session refused", "session closed", "session gone", `class="session refused"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	rows := rowsOf("x", tl, nil, mostRows, true)
	table := string(scenarioView{Rows: rows}.Table())
	for _, want := range []string{"DTLS as the owner", "bad_record_mac"} { // where a mark's tooltip comes from
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	if got := rows[3]; got.Kind != "session" || got.Head != "session refused" || got.Body != "bad_record_mac" || got.Client != "unprivileged wrong key" {
		t.Errorf("got row %+v", got)
	}
}
