package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/sim"
)

// TestOtherBehaviours covers what no built-in behaviour does, with the commands of
// the scripts.
func TestOtherBehaviours(t *testing.T) {
	patience := sim.Patience{Timeout: time.Minute}
	for _, c := range []struct {
		name      string
		behaviour sim.Behaviour
		scene     string
		want      string
	}{
		{
			name:      "no duration at all",
			behaviour: sim.Behaviour{Source: patience},
			scene:     "post tm=V+U; run",
			want: `
> post tm=V+U
0s 2.04
0s notify tm=V+U cm=- dos=RFNOP
0s check 1.0.0
> run
0s notify tm=V+U cm=V dos=RFNOP
0s notify tm=U cm=V dos=RFNOP
0s check 1.0.0
0s fetch 1.0.0
0s notify tm=U cm=V+U dos=RFNOP
0s notify tm=- cm=V+U dos=RFNOP`,
		},
		{
			name: "a power cut ends the update",
			behaviour: sim.Behaviour{
				Source: patience, Power: sim.Power{Off: time.Second, Update: "gives-up"},
				Update: sim.Update{Steps: []sim.Step{{After: 5 * time.Second}}},
			},
			scene: "post tm=U; run for=1s; power-cycle; run; get",
			want: `
> post tm=U
0s 2.04
0s notify tm=U cm=- dos=RFNOP
0s check 1.0.0
> run for=1s
0s fetch 1.0.0
> power-cycle
1s offline
> run
2s online
2s notify tm=- cm=- dos=RFNOP
> get
2s 2.05 tm=- cm=- dos=RFNOP observable`,
		},
		{
			name: "the script forgets to come back",
			behaviour: sim.Behaviour{
				Source: patience,
				Update: sim.Update{Steps: []sim.Step{{After: time.Second, DOS: "SRESET"}, {After: time.Second}}},
			},
			scene: "post tm=U; run",
			want: `
> post tm=U
0s 2.04
0s notify tm=U cm=- dos=RFNOP
0s check 1.0.0
> run
0s fetch 1.0.0
1s notify tm=U cm=0x1 dos=SRESET
2s notify tm=U cm=- dos=RFPRO
2s notify tm=U cm=- dos=RFNOP
2s notify tm=U cm=U dos=RFNOP
2s notify tm=- cm=U dos=RFNOP`,
		},
		{
			name: "the script asks for a move that is not legal",
			behaviour: sim.Behaviour{
				Source: patience,
				Update: sim.Update{Steps: []sim.Step{{DOS: "RFOTM"}, {DOS: "RFNOP"}}},
			},
			scene: "post tm=U; run",
			want: `
> post tm=U
0s 2.04
0s notify tm=U cm=- dos=RFNOP
0s check 1.0.0
> run
0s fetch 1.0.0
0s notify tm=U cm=U dos=RFNOP
0s notify tm=- cm=U dos=RFNOP`,
		},
	} {
		c.behaviour.Name, c.behaviour.Ends = "edge", "success"
		m, err := sim.NewModel(sim.Config{Behaviour: c.behaviour})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := "\n" + strings.Join(play(t, m, c.scene, false), "\n"); got != c.want {
			t.Errorf("%s: got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Speed divides every duration.
func TestSpeed(t *testing.T) {
	w := &world{model: newModel(t, "success", 100)}
	w.begin(1)
	for _, command := range []string{"post tm=U", "run"} {
		cmd, args, err := datadriven.ParseLine(command)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.do(&datadriven.TestData{Cmd: cmd, CmdArgs: args}); err != nil {
			t.Fatal(err)
		}
	}
	if w.now < 90*time.Millisecond || w.now > 115*time.Millisecond {
		t.Errorf("an update of 10s takes %v at speed 100", w.now)
	}
}

// What the source does depends on what was arranged.
func TestSourceFault(t *testing.T) {
	for _, c := range []struct {
		behaviour string
		outcome   sim.UpdateOutcome
		want      string
	}{
		{"success", 0, ""},
		{"success", sim.Fails, ""},
		{"stalled", 0, "stalled"},
		{"stalled", sim.Succeeds, ""},
		{"stalled", sim.FindsNone, ""},
		{"stalled", sim.Fails, "stalled"},
		{"flapping", 0, "flapping"},
		{"flapping", sim.Succeeds, "flapping"},
		{"flapping", sim.FindsNone, ""},
		{"flapping", sim.Fails, ""},
		{"newer-appears", 0, "appears"},
		{"newer-appears", sim.Succeeds, ""},
	} {
		if got := newModel(t, c.behaviour, 1).SourceFault(c.outcome); got != c.want {
			t.Errorf("%s, outcome %d: got %q, expected %q", c.behaviour, c.outcome, got, c.want)
		}
	}
}
