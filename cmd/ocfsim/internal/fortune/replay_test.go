package fortune_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// rerun replays the record of a shard's run as fast as it can, and records the replay.
func rerun(t *testing.T, text string, shard fleetfile.Shard, record string) (*fortune.Outcome, run) {
	t.Helper()
	plan, err := fleetfile.Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tape, err := fortune.OpenTape("record", strings.NewReader(record))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	c := fortune.Config{Plan: plan, Shard: shard, Replay: &fortune.Replay{Tape: tape, Ended: func() { close(ended) }}}
	if err := tape.Head.Fits(c); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	c.Record = fortune.NewWriter(&again, c)
	k := fortune.New(c)
	f, w := open(t, plan, k, func(cfg *fleet.Config) { cfg.Rerun, cfg.Between, cfg.Stage = true, nil, nil })
	k.Begin(t.Context(), f)
	<-ended
	k.Wait()
	w.close()
	tail, err := k.End()
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := c.Replay.Outcome(tail)
	if err != nil {
		t.Fatal(err)
	}
	return outcome, run{tail: tail, record: again.String()}
}

// TestAReplayIsTheRun replays the run of a whole fleet, and of a part of it: each Device does
// the same in the same order, and all faults are told of.
func TestAReplayIsTheRun(t *testing.T) {
	for name, shard := range map[string]fleetfile.Shard{"whole": {}, "half": {K: 2, N: 2}} {
		t.Run(name, func(t *testing.T) {
			first := play(t, rough, shard, "")
			outcome, again := rerun(t, rough, shard, first.record)
			if !outcome.Exact() || !*outcome.AsRecorded || !again.tail.States.Equal(first.tail.States) {
				t.Errorf("%+v, first departure %+v", outcome, outcome.First)
			}
			if was, is := timeless(first.record), timeless(again.record); was != is {
				t.Errorf("the record of the replay is another one:\n%s", differing(was, is))
			}
		})
	}
}

// timeless is a record without its head and end, and without the times at which the lines were written.
func timeless(record string) string {
	var b strings.Builder
	for line := range strings.Lines(record) {
		if before, rest, ok := strings.Cut(line, `"at_ns":`); ok && !strings.Contains(line, `"event":"end"`) {
			_, rest, _ = strings.Cut(rest, ",")
			b.WriteString(before + rest)
		}
	}
	return b.String()
}

// TestADepartureIsNamed changes what a record says of one Device: the replay names the Device,
// and when it did something else, and is not exact.
func TestADepartureIsNamed(t *testing.T) {
	first := play(t, rough, fleetfile.Shard{}, "")
	lines := strings.SplitAfter(first.record, "\n")
	changed := 0
	for i, line := range lines {
		if strings.Contains(line, `"what":"answer"`) && strings.Contains(line, `"device":3,`) {
			lines[i] = strings.Replace(line, "dos=RFNOP", "dos=SRESET", 1)
			changed++
		}
	}
	outcome, _ := rerun(t, rough, fleetfile.Shard{}, strings.Join(lines, ""))
	if changed == 0 || outcome.Exact() || outcome.Departed != 1 || outcome.First.Device != 3 || outcome.First.After != "answer" || !*outcome.AsRecorded {
		t.Errorf("%d lines changed: %+v, first departure %+v", changed, outcome, outcome.First)
	}
}
