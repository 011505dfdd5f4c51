package reports

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

const me = "privileged"

// sample is a hand-made recording of a run against a Device that has a few bugs.
type sample struct {
	report    assess.Report
	timelines map[string]conformance.Timeline
}

func (s sample) timeline(name string) (conformance.Timeline, error) {
	tl, ok := s.timelines[name]
	if !ok {
		return tl, errors.New(name + ": no such file")
	}
	return tl, nil
}

func rerun(scenario string) string {
	return "ocfsim test --target acme-lamp.yaml --scenario " + scenario
}

// add appends a scenario and its findings by requirement.
func (s *sample) add(sc *scene, verdict conformance.Verdict, reason string, findings map[string]conformance.Finding, checks ...conformance.Finding) {
	h := sc.tl.Header
	r := assess.ScenarioResult{
		ID: h.Scenario, Name: h.Name, Feature: h.Feature, Verdict: verdict, Reason: reason, Checks: checks,
		DurationS: sc.now.Seconds(), Timeline: "timelines/" + h.Scenario + ".jsonl",
	}
	for i := range s.report.Requirements {
		q := &s.report.Requirements[i]
		f, ok := findings[q.ID]
		if !ok {
			continue
		}
		r.Requirements = append(r.Requirements, q.ID)
		r.Tags = append(r.Tags, "@"+q.ID)
		f.Scenario = h.Scenario
		if f.Witness >= 0 && f.Witness < len(sc.tl.Observations) {
			f.AtS = sc.tl.Observations[f.Witness].At.Seconds()
		}
		if f.Verdict != conformance.None {
			q.Findings = append(q.Findings, f)
		}
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Scenario = h.Scenario
		if c.Witness >= 0 && c.Witness < len(sc.tl.Observations) {
			c.AtS = sc.tl.Observations[c.Witness].At.Seconds()
		}
	}
	s.report.Scenarios = append(s.report.Scenarios, r)
	s.report.DurationS += r.DurationS
	s.timelines[r.Timeline] = sc.tl
}

func passed(n int, reason string) conformance.Finding {
	return conformance.Finding{Verdict: conformance.Pass, Witness: n, Reason: reason}
}

// sampled lists the requirements of the sample: those that existed when its golden
// files were written. A new requirement does not change it.
//
//go:embed testdata/requirements.txt
var sampled string

// newSample returns the run without any scenarios.
func newSample() *sample {
	s := &sample{timelines: map[string]conformance.Timeline{}}
	s.report = assess.Report{
		Schema: ResultsSchema, Revision: ResultsRevision, Tool: assess.Tool{Name: "ocfsim", Version: "0.1.0"}, Edition: "ocf-1.0",
		Target: assess.TargetName{
			Name: "Acme lamp", Endpoint: "coap://127.1.0.1:5683", DI: "5e3f1c7a-9b1d-4c77-8a5e-0d6f2b9c4e11",
		},
		Started: begun(),
	}
	for row := range strings.Lines(sampled) {
		id, level, _ := strings.Cut(strings.TrimSpace(row), " ")
		s.report.Requirements = append(s.report.Requirements, assess.RequirementResult{ID: id, Level: judge.Level(level)})
	}
	return s
}

// conclude sets the verdicts of requirements and run from the findings.
func (s *sample) conclude() sample {
	for i := range s.report.Requirements {
		q := &s.report.Requirements[i]
		for _, f := range q.Findings {
			q.Verdict = conformance.Worst(q.Verdict, f.Verdict)
		}
		if q.Verdict == conformance.None {
			q.Verdict, q.Reason = conformance.NotApplicable, "the target is unsecured: every Client is privileged"
			if !slices.Contains([]string{"SVV-3", "SSU-3", "OBS-5"}, q.ID) {
				q.Verdict, q.Reason = conformance.Inconclusive, "no scenario of the selection speaks of it"
			}
		}
		s.report.Verdict = conformance.Worst(s.report.Verdict, q.Verdict)
	}
	for _, r := range s.report.Scenarios {
		s.report.Verdict = conformance.Worst(s.report.Verdict, r.Verdict)
	}
	s.report.Counts = counts(s.report.Requirements)
	return *s
}

// acme is the sample: three checks, three updates, and the ways in which they can
// fail.
func acme() sample {
	s := newSample()
	s.checkFinds()
	s.checkKeepsStale()
	s.checkNeverEnds()
	s.zeroWrite()
	s.updateMovesDOS()
	s.updateForgets()
	s.reservedBit()
	s.silent()
	return s.conclude()
}

func (s *sample) checkFinds() {
	sc := newScene("svv.check-finds", "A check that finds an update says so and ends", "Software Version Validation")
	sc.step("Given a Device in RFNOP that has an update").condition(conformance.UpdateAvailable).condition(conformance.Hold)
	sc.observe(me).observe("second").source(0, 0, 0)
	sc.wait(2 * time.Millisecond).step("When a privileged Client requests software version validation")
	from := sc.last() + 1
	sc.post(me, tm(ocf.SVV), "2.04").moves(ocf.SVV, 0, ocf.RFNOP, me, "second")
	start := sc.last() - 1
	sc.wait(6*time.Millisecond).source(1, 0, 1).get(me)
	held := sc.last()
	sc.wait(120 * time.Millisecond).condition(conformance.Release)
	sc.wait(21*time.Millisecond).moves(ocf.SVV, ocf.SVV, ocf.RFNOP, me, "second")
	sc.wait(3*time.Millisecond).moves(0, ocf.SVV, ocf.RFNOP, me, "second")
	end := sc.last() - 1
	sc.step("Then pstat changes exactly in this order").waited(conformance.Seen, "tm=- cm=V")
	sc.wait(500 * time.Millisecond).get(me)
	sc.expect(conformance.Exactly, "pstat changes exactly in this order", from,
		conformance.Row{TM: "V", CM: "-", DOS: "RFNOP"}, conformance.Row{TM: "V", CM: "V", DOS: "RFNOP"},
		conformance.Row{TM: "-", CM: "V", DOS: "RFNOP"})
	s.add(sc, conformance.Pass, "", map[string]conformance.Finding{
		"SVV-1": passed(start-1, "2.04, and tm.V read 1"), "SVV-2": passed(start+2, "the source was asked once"),
		"SVV-5": passed(end, "the check ran to its end"), "SVV-6": passed(end, "cm.V=1 at completion"),
		"SVV-8": passed(end, "tm.V went from 1 to 0 once"), "SVV-10": passed(held, "tm.V=1 in a GET while held"),
		"SVV-11": passed(sc.last(), "cm.V=1 whenever tm.V=0"), "OBS-1": passed(8, "2.05 with an Observe option"),
		"OBS-2": passed(start, "notified while held"), "OBS-3": passed(sc.last(), "the last notification equals the GET"),
		"OBS-4": passed(end+1, "the second Client saw the same course"), "DPM-8": passed(end, "1 while pending, 0 once complete"),
		"DPM-13": passed(held, "all seven properties"),
	}, passed(end, "every state was seen, in this order and no other"))
}

func (s *sample) checkKeepsStale() {
	sc := newScene("svv.check-clears", "A check clears the result of the one before it", "Software Version Validation")
	sc.state.CM = ocf.SVV
	sc.step("Given a Device in RFNOP that found an update in an earlier check").observe(me)
	sc.condition(conformance.NoUpdate).condition(conformance.Hold)
	sc.wait(1500 * time.Microsecond).step("When a privileged Client requests software version validation")
	from := sc.last() + 1
	sc.post(me, tm(ocf.SVV), "2.04").moves(ocf.SVV, ocf.SVV, ocf.RFNOP, me)
	sc.wait(12 * time.Millisecond).get(me)
	held := sc.last()
	sc.wait(2400 * time.Millisecond).condition(conformance.Release)
	sc.wait(18*time.Millisecond).moves(ocf.SVV, 0, ocf.RFNOP, me).wait(2*time.Millisecond).moves(0, 0, ocf.RFNOP, me)
	end := sc.last()
	sc.step("Then pstat changes exactly in this order").waited(conformance.Seen, "tm=- cm=-")
	sc.expect(conformance.Exactly, "pstat changes exactly in this order", from,
		conformance.Row{TM: "V", CM: "-", DOS: "RFNOP"}, conformance.Row{TM: "-", CM: "-", DOS: "RFNOP"})
	got := "tm=V cm=V dos=RFNOP while the source withheld its answer"
	s.add(sc, conformance.Fail, "SVV-4: cm.V was still 1 while the check was pending", map[string]conformance.Finding{
		"SVV-4": {
			Verdict: conformance.Fail, Want: "cm.V=0 while tm.V=1 and the source is held", Got: got, Witness: held,
			Reason: "the result of the earlier check was still shown 12 ms after the request, with the answer withheld",
		},
		"SVV-7": passed(end, "cm.V=0 at completion"), "SVV-12": passed(end, "the second check reported its own result"),
		"SVV-8": passed(end, "tm.V went from 1 to 0 once"), "OBS-2": passed(held-2, "notified while held"),
	}, conformance.Finding{
		Verdict: conformance.Fail, Want: "tm=V cm=- dos=RFNOP, then tm=- cm=- dos=RFNOP", Got: got, Witness: held - 2,
		Reason: "privileged saw tm=V cm=V dos=RFNOP, which the path does not have at that point",
	})
}

func (s *sample) checkNeverEnds() {
	sc := newScene("svv.check-ends-unreachable-source", "A check whose source can't be reached ends without an update", "Software Version Validation")
	sc.step("Given a Device in RFNOP whose trusted source does not answer").observe(me).condition(conformance.Hold)
	sc.step("When a privileged Client requests software version validation")
	from := sc.last() + 1
	sc.post(me, tm(ocf.SVV), "2.04").moves(ocf.SVV, 0, ocf.RFNOP, me).condition(conformance.Release)
	sc.wait(30*time.Second).waited(conformance.Timeout, "tm without V, for the declared 30 s").get(me)
	end := sc.last()
	sc.step("Then pstat ends with")
	sc.expect(conformance.EndsWith, "pstat ends with", from, conformance.Row{TM: "-", CM: "-", DOS: "RFNOP"})
	s.add(sc, conformance.Fail, "SVV-8: tm.V was still 1 after the declared time", map[string]conformance.Finding{
		"SVV-8": {
			Verdict: conformance.Fail, Want: "tm without V within 30 s of the answer", Got: "tm still had V after 30.04 s",
			Witness: end, Reason: "the answer was delivered, and the check did not end in the declared time",
		},
		"SVV-5": {Verdict: conformance.Inconclusive, Witness: end, Reason: "the check was seen to begin and not to end"},
	}, conformance.Finding{Verdict: conformance.Fail, Witness: end, Want: "tm=- cm=- dos=RFNOP at the end", Got: "tm=V cm=- dos=RFNOP"})
}

func (s *sample) zeroWrite() {
	sc := newScene("svv.zero-while-pending", "Writing tm=0 does not touch a pending check", "Software Version Validation")
	sc.step("Given a Device in RFNOP whose check is held").observe(me).condition(conformance.Hold)
	sc.post(me, tm(ocf.SVV), "2.04").moves(ocf.SVV, 0, ocf.RFNOP, me)
	sc.wait(9 * time.Millisecond).step("When a privileged Client writes tm=-")
	sc.post(me, tm(0), "2.04").wait(4 * time.Millisecond)
	sc.state.TM = 0
	sc.get(me)
	read := sc.last()
	sc.wait(60 * time.Millisecond).condition(conformance.Release).wait(22 * time.Millisecond)
	sc.moves(0, ocf.SVV, ocf.RFNOP, me).step("Then the check ends with its true result").waited(conformance.Seen, "tm=- cm=V")
	s.add(sc, conformance.Warn, "SVV-13: tm.V read 0 while the check was pending", map[string]conformance.Finding{
		"SVV-9": passed(sc.last(), "the check completed with its true result"),
		"SVV-13": {
			Verdict: conformance.Warn, Want: "tm.V=1 in a GET while held", Got: "tm=- cm=- dos=RFNOP", Witness: read,
			Reason: "the write of 0 was read back while the check went on",
		},
	})
}

func (s *sample) updateMovesDOS() {
	sc := newScene("ssu.dos-excursion", "An update passes through RFPRO and comes back", "Secure Software Update")
	sc.state.CM = ocf.SVV
	sc.step("Given a Device in RFNOP that has an update").condition(conformance.UpdateAvailable).observe(me)
	sc.step("When a privileged Client requests a secure software update")
	from := sc.last() + 1
	sc.post(me, tm(ocf.SSU), "2.04").moves(ocf.SSU, 0, ocf.RFNOP, me).source(1, 1, 0)
	start := sc.last() - 1
	sc.wait(800*time.Millisecond).moves(ocf.SSU, 0, ocf.RFPRO, me).wait(5200*time.Millisecond).moves(ocf.SSU, 0, ocf.RFNOP, me)
	sc.wait(350*time.Millisecond).moves(ocf.SSU, ocf.SSU, ocf.RFNOP, me).wait(4*time.Millisecond).moves(0, ocf.SSU, ocf.RFNOP, me)
	end := sc.last()
	sc.step("Then pstat changes in this order").waited(conformance.Seen, "tm=- cm=U").get(me)
	sc.expect(conformance.InOrder, "pstat changes in this order", from,
		conformance.Row{TM: "U", CM: "-", DOS: "*"}, conformance.Row{TM: "-", CM: "U", DOS: "RFNOP"})
	f := map[string]conformance.Finding{}
	for _, id := range []string{"SSU-1", "SSU-5", "SSU-6", "SSU-8", "SSU-10", "SSU-11", "DOS-1", "DOS-3", "DOS-4", "DPM-9"} {
		f[id] = passed(end, "seen to be kept")
	}
	f["SSU-4"] = passed(start, "cm.V and cm.U were both cleared: both readings are kept")
	f["SSU-2"] = passed(start+1, "the package was fetched")
	s.add(sc, conformance.Pass, "", f, passed(end, "every state was seen in this order"))
}

func (s *sample) updateForgets() {
	sc := newScene("ssu.update-succeeds", "An update that succeeds says so", "Secure Software Update")
	sc.step("Given a Device in RFNOP that has an update").condition(conformance.UpdateAvailable).observe(me)
	sc.step("When a privileged Client requests a secure software update")
	from := sc.last() + 1
	sc.post(me, tm(ocf.SSU), "2.04").moves(ocf.SSU, ocf.SSU, ocf.RFNOP, me).wait(1800 * time.Millisecond)
	sc.moves(0, 0, ocf.RFNOP, me).source(0, 1, 0)
	end := sc.last() - 1
	sc.step("Then pstat changes exactly in this order").waited(conformance.Timeout, "tm=- cm=U")
	sc.expect(conformance.Exactly, "pstat changes exactly in this order", from,
		conformance.Row{TM: "U", CM: "-", DOS: "RFNOP"}, conformance.Row{TM: "U", CM: "U", DOS: "RFNOP"},
		conformance.Row{TM: "-", CM: "U", DOS: "RFNOP"})
	sc.expect(conformance.NeverDuring, "cm never shows U while the update runs", from, conformance.Row{TM: "U", CM: "U", DOS: "*"})
	s.add(sc, conformance.Fail, "SSU-6: cm.U was 0 at completion though the package was installed", map[string]conformance.Finding{
		"SSU-6": {
			Verdict: conformance.Fail, Want: "cm.U=1 at completion", Got: "tm=- cm=- dos=RFNOP, installed 1.0.1", Witness: end,
			Reason: "the software version changed and cm.U says that no update was performed",
		},
		"SSU-8": passed(end, "tm.U went from 1 to 0 once"),
	}, conformance.Finding{
		Verdict: conformance.Fail, Want: "tm=U cm=-, then tm=U cm=U, then tm=- cm=U", Got: "tm=- cm=- dos=RFNOP", Witness: end,
		Reason: "privileged saw tm=- cm=- dos=RFNOP, which the path does not have at that point",
	}, conformance.Finding{Verdict: conformance.Fail, Witness: from + 2, Want: "never tm=U cm=U", Got: "tm=U cm=U dos=RFNOP"})
}

func (s *sample) reservedBit() {
	sc := newScene("dpm.reserved-bits", "A bit that this edition does not define starts nothing", "Table 39, Table 40")
	sc.step("Given a Device in RFNOP").observe(me).step("When a privileged Client writes tm=0x4000").post(me, tm(0x4000), "4.00")
	refused := sc.last()
	sc.wait(20*time.Millisecond).get(me).post(me, []byte{0xa1, 0x62, 't', 'm', 0x62, '6', '4'}, "4.00").get(me)
	s.add(sc, conformance.Pass, "", map[string]conformance.Finding{
		"DPM-10": passed(refused+2, "refused with 4.00 and unchanged"), "DPM-11": passed(refused+2, "0x4000 is not 64"),
		"DPM-1": passed(sc.last(), "a text string was refused and changed nothing"), "DPM-12": {},
	})
}

func (s *sample) silent() {
	sc := newScene("obs.restart", "An observer that was dropped by a restart observes again", "Observation")
	sc.step("Given a Device in RFNOP").observe(me).step("When the Device restarts").condition(conformance.Reboot)
	sc.lost(me).step("Then the Device is reachable again").waited(conformance.Timeout, "an answer within the declared 60 s")
	sc.add(conformance.Observation{Kind: conformance.Note, Text: "the Device was not reachable again; the scenarios after it are not run"})
	s.add(sc, conformance.Error, "target unreachable: no answer from 127.1.0.1:5683 after 61 s", map[string]conformance.Finding{
		"SSU-13": {Verdict: conformance.Inconclusive, Witness: -1, Reason: "not testable: the Device did not come back"},
	})
}

// large is the sample with n scenarios, to test that long reports stay readable.
func large(n int) sample {
	s := acme()
	base := slices.Clone(s.report.Scenarios)
	for i := len(base); i < n; i++ {
		r := base[i%len(base)]
		id := r.ID
		r.ID = fmt.Sprintf("%s-%d", id, i)
		s.report.Scenarios = append(s.report.Scenarios, r)
		for k := range s.report.Requirements {
			q := &s.report.Requirements[k]
			for _, f := range q.Findings {
				if f.Scenario == id {
					f.Scenario = r.ID
					q.Findings = append(q.Findings, f)
				}
			}
		}
	}
	slices.SortStableFunc(s.report.Scenarios, func(a, b assess.ScenarioResult) int {
		if a.Feature < b.Feature {
			return -1
		} else if a.Feature > b.Feature {
			return 1
		}
		return 0
	})
	return s
}
