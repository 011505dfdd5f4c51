package assess

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/client"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// dealing is what a Client did with one Device, as a line of JSON for each thing.
func dealing(t *testing.T, id string, lines ...string) conformance.ScenarioRun {
	t.Helper()
	head := `{"schema":"ocfsim.timeline/1","revision":2,"scenario":"` + id + `","name":"With Device 0","feature":"Client","tags":["a"],"started":"2026-01-01T00:00:00Z","target":{"name":"a Client","endpoint":"udp://127.0.0.1","client":true}}`
	tl, err := conformance.ReadTimeline(id, strings.NewReader(head+"\n"+strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return Conversation(tl, "timelines/"+id+".jsonl.gz")
}

const (
	isIdle        = `{"n":0,"at_ns":0,"wall":"2026-01-01T00:00:00Z","kind":"state","frame":{"type":"NON","code":"2.05","mid":0,"path":"/oic/sec/pstat","payload":"a9627274816b6f69632e722e707374617462696682696f69632e69662e72776f6f69632e69662e626173656c696e6563646f73a26173036170f46469736f70f562636d0062746d00626f6d0462736d046a726f776e657275756964782430303030303030302d303030302d303030302d303030302d303030303030303030303030"},"text":"tm=- cm=- dos=RFNOP"}`
	asksForUpdate = `{"n":1,"at_ns":1000000,"wall":"2026-01-01T00:00:00Z","kind":"request","client":"a","frame":{"type":"CON","code":"POST","mid":1,"token":"01","path":"/oic/sec/pstat","format":10000,"payload":"a162746d1880"}}`
	isAnswered    = `{"n":2,"at_ns":2400000,"wall":"2026-01-01T00:00:00Z","kind":"response","client":"a","for":1,"frame":{"type":"ACK","code":"2.04","mid":1,"token":"01","path":"/oic/sec/pstat"}}`
)

// TestAClientIsJudged wants the worst of all conversations in each row, a row for each
// rule, and each conversation to say by which rule it came to its verdict.
func TestAClientIsJudged(t *testing.T) {
	r := ClientRun{
		Edition: "ocf-1.0", Client: conformance.Profile{Name: "a Client", Client: true},
		Conversations: []conformance.ScenarioRun{dealing(t, "quiet"), dealing(t, "hasty", isIdle, asksForUpdate, isAnswered)},
	}
	report := r.Assess()
	if report.Verdict != conformance.Inconclusive || report.Declared != nil || !report.OnClient() || len(report.Requirements) != len(client.Rules()) {
		t.Errorf("verdict %s of %d rows, declared %v", report.Verdict, len(report.Requirements), report.Declared)
	}
	counted := map[conformance.Verdict]int{}
	for _, q := range report.Requirements {
		counted[q.Verdict]++
	}
	for verdict, n := range report.Counts {
		if n != counted[verdict] {
			t.Errorf("%d rows are %s, counted are %d", counted[verdict], verdict, n)
		}
	}
	row := func(id string) RequirementResult {
		i := slices.IndexFunc(report.Requirements, func(q RequirementResult) bool { return q.ID == id })
		return report.Requirements[i]
	}
	if q := row("USE-1"); q.Verdict != conformance.Warn || len(q.Findings) != 1 || q.Findings[0].Scenario != "hasty" || q.Source == nil || q.Source.Lines == "" {
		t.Errorf("%+v", q)
	}
	if q := row("WATCH-4"); q.Verdict != conformance.NotApplicable || q.Reason == "" || len(q.Findings) != 0 || q.Source == nil || q.Source.Section == "" {
		t.Errorf("%+v, source %+v", q, q.Source)
	}
	if q := row("MSG-7"); q.Reason == SilentClient || row("WATCH-4").Reason == q.Reason && q.Verdict == conformance.NotApplicable {
		t.Errorf("%s: %s", q.Verdict, q.Reason)
	}
	for _, rule := range client.Rules() {
		q, why := row(rule.ID), cmp.Or(rule.Silent, SilentClient)
		if q.Verdict == conformance.NotApplicable && q.Reason != why {
			t.Errorf("%s is not applicable for %q, want %q", rule.ID, q.Reason, why)
		}
		if q.Verdict == conformance.Inconclusive && (q.Reason == "" || q.Reason != q.Findings[0].Reason) {
			t.Errorf("%s is open for %q", rule.ID, q.Reason)
		}
	}
	quiet, hasty := report.Scenarios[0], report.Scenarios[1]
	if quiet.Verdict != conformance.Inconclusive || quiet.Reason != "nothing in it could be judged" || len(quiet.Requirements) != 0 || quiet.DurationS != 0 {
		t.Errorf("%+v", quiet)
	}
	if hasty.Verdict == conformance.Pass || !strings.Contains(hasty.Reason, ": ") ||
		hasty.DurationS != 0.002 || hasty.Timeline != "timelines/hasty.jsonl.gz" || !slices.Contains(hasty.Requirements, "USE-1") || !slices.Equal(hasty.Tags, []string{"a"}) {
		t.Errorf("%+v", hasty)
	}
}

// TestAClientThatFails has the worst verdict of all rules in its report, though nothing else
// is told of its conversation.
func TestAClientThatFails(t *testing.T) {
	var s ScenarioResult
	s.heed("MSG-1", conformance.Finding{Verdict: conformance.Pass})
	if s.Verdict != conformance.Pass || s.Reason != "" {
		t.Errorf("%s: %q", s.Verdict, s.Reason)
	}
	s.heed("MSG-2", conformance.Finding{Verdict: conformance.Fail, Reason: "so it was"})
	s.heed("MSG-3", conformance.Finding{Verdict: conformance.Warn, Reason: "and so"})
	if s.Verdict != conformance.Fail || s.Reason != "MSG-2: so it was" || len(s.Requirements) != 3 {
		t.Errorf("%s: %q, %v", s.Verdict, s.Reason, s.Requirements)
	}
	report := ClientRun{Edition: "ocf-1.0", Conversations: []conformance.ScenarioRun{dealing(t, "hasty", isIdle, asksForUpdate, isAnswered)}}.Assess()
	worst := conformance.None
	for _, q := range report.Requirements {
		worst = conformance.Worst(worst, q.Verdict)
	}
	if report.Verdict != worst || len(report.Scenarios) != 1 {
		t.Errorf("%s, though the worst is %s", report.Verdict, worst)
	}
	untagged := ClientRun{Conversations: []conformance.ScenarioRun{{ID: "a"}}}.Assess().Scenarios[0]
	if untagged.Tags == nil || untagged.Requirements == nil {
		t.Errorf("null in the report: %+v", untagged)
	}
}

// TestAClientThatDidNothing passes nothing.
func TestAClientThatDidNothing(t *testing.T) {
	report := ClientRun{Edition: "ocf-1.0", Client: conformance.Profile{Client: true}, Conversations: []conformance.ScenarioRun{dealing(t, "quiet")}}.Assess()
	if report.Verdict != conformance.Inconclusive || report.Counts[conformance.Pass] != 0 {
		t.Errorf("verdict %s: %s, counts %v", report.Verdict, report.Reason, report.Counts)
	}
}

// TestSentencesOfClients stand only beside what Clients are judged by.
func TestSentencesOfClients(t *testing.T) {
	onDevice, onClient := Run{Target: defaults}.Assess(), ClientRun{}.Assess()
	if onDevice.OnClient() || !onClient.OnClient() {
		t.Fatal("a report on a Device is taken for one on a Client, or the other way")
	}
	if got := len(SentencesOf(onDevice)); got != len(judge.Every()) {
		t.Errorf("%d sentences of a Device, want %d", got, len(judge.Every()))
	}
	known := map[string]Sentence{}
	for _, s := range SentencesOf(onDevice, onClient) {
		known[s.ID] = s
	}
	for _, rule := range client.Rules() {
		if s, ok := known[rule.ID]; !ok || s.Actor != judge.Client || s.Says == "" || s.PassIf == "" || s.FailIf == "" {
			t.Errorf("%s: %+v", rule.ID, s)
		}
	}
}

// TestAConversationLastsToItsLastLine, rounded to what a reader can tell.
func TestAConversationLastsToItsLastLine(t *testing.T) {
	if got := dealing(t, "one", isIdle, strings.Replace(asksForUpdate, "1000000", "1300000", 1)).Duration; got != time.Millisecond {
		t.Errorf("it lasts %v", got)
	}
}
