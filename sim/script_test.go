package sim_test

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// TestScripts plays the scripts of testdata. They list what happens to a Device and
// what it does, with the time of each. Run with -rewrite to write down what it does.
//
//	device behaviour=NAME variant=NAME deviation=(NAME,...) jitter seed=N
//	       secured=unowned|owned edition= methods=(0,1) pin= csr of=EDITION
//	arrange update-available | no-update | update-fails | hold | release
//	get PATH if= rt= owned= multicast diag observe via=
//	post PATH tm=V cm=U om=4 sm=4 p=true isop=false dos=RFPRO rowner= cbor=HEX if= format= multicast via= way=non|blocks|put
//	     or of oic.r.softwareupdate: action= at=DURATION url=, "-" for none
//	     or with the lines under it as payload: JSON, where $NAME is the uuid of NAME
//	     and "key:NAME" its key as bytes
//	delete PATH id= via=
//	session NAME key=      opens a session as the shell does, by what Door says
//	close NAME
//	matrix PATH...         answers to GET, POST and DELETE, without a session and over each
//	answer ask=N available failed version= declared= received=    to the last question
//	autonomous V+U, power-cycle, factory-reset
//	save                  saves the Device and restores it, as a new process would
//	run for=DURATION      goes on until nothing is due, or for DURATION
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if strings.Contains(path, "quirks") {
			return // see TestQuirks
		}
		w := &world{}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			w.lines = nil
			if err := w.do(td); err != nil {
				td.Fatalf(t, "%v", err)
			}
			if len(w.lines) == 0 {
				return "ok\n"
			}
			return strings.Join(w.lines, "\n") + "\n"
		})
	})
}

// world is a Device, a trusted source and the time.
type world struct {
	model   *sim.Model
	device  sim.Device
	now     time.Duration
	due     time.Duration     // of the last Wake, -1 for none
	asks    []sim.Ask         // questions that have no answer yet
	asked   uint32            // number of the last question
	failed  int               // how many questions in a row a flapping source has left without an answer
	outcome sim.UpdateOutcome // as arranged
	hold    bool
	lines   []string
	still   bool // the Device starts nothing by itself
	party
	diag bool // show payloads in the diagnostic notation of CBOR
}

func (w *world) do(td *datadriven.TestData) error {
	switch td.Cmd {
	case "device":
		return w.open(td)
	case "arrange":
		return w.arrange(td.CmdArgs[0].Key)
	case "get", "delete":
		return w.get(td)
	case "post":
		return w.post(td)
	case "session":
		return w.session(td)
	case "close":
		return w.close(td)
	case "matrix":
		w.matrix(td)
	case "answer":
		return w.reply(td)
	case "autonomous":
		bits, err := ocf.ParseDPM(td.CmdArgs[0].Key)
		w.apply(sim.Event{Kind: sim.Autonomous, Bits: bits})
		return err
	case "power-cycle":
		w.apply(sim.Event{Kind: sim.PowerCycle})
	case "factory-reset":
		w.apply(sim.Event{Kind: sim.FactoryReset})
	case "save":
		return w.save()
	case "run":
		return w.run(td)
	default:
		return fmt.Errorf("unknown command %s", td.Cmd)
	}
	return nil
}

// open makes the Device and switches it on. There is no jitter unless the script
// asks for it.
func (w *world) open(td *datadriven.TestData) error {
	config := sim.Config{}
	name, seed, jitter := "success", uint64(1), false
	var err error
	for _, arg := range td.CmdArgs {
		switch arg.Key {
		case "behaviour":
			name = arg.Vals[0]
		case "variant":
			if config.Variant, err = fixtures.Variant(arg.Vals[0]); err != nil {
				return err
			}
			name = cmp.Or(config.Variant.Behaviour, name)
		case "deviation":
			for _, v := range arg.Vals {
				d, err := fixtures.Deviation(v)
				if err != nil {
					return err
				}
				name = cmp.Or(d.Behaviour, name)
				config.Deviations = append(config.Deviations, d)
			}
		case "jitter":
			jitter = true
		case "secured", "edition", "methods", "pin", "csr":
			if err := secure(&config, arg); err != nil {
				return err
			}
		case "of":
			config.Edition = arg.Vals[0]
		case "seed":
			if seed, err = strconv.ParseUint(arg.Vals[0], 10, 64); err != nil {
				return err
			}
		default:
			return fmt.Errorf("unknown argument %s", arg.Key)
		}
	}
	if config.Behaviour, err = fixtures.Behaviour(name); err != nil {
		return err
	}
	if !jitter {
		config.Behaviour.Jitter = 0
	}
	if w.still {
		config.Behaviour.Autonomous = nil
	}
	guests(&config)
	w.secured = config.Security != nil
	if w.model, err = sim.NewModel(config); err != nil {
		return err
	}
	w.begin(seed)
	return nil
}

// begin makes a new world and switches on a new Device in it.
func (w *world) begin(seed uint64) {
	*w = world{model: w.model, party: party{vias: map[string]sim.Via{}, secured: w.secured}, device: w.model.Device(ocf.UUID{1}, seed), due: -1}
	if !w.device.Shell().Plain() {
		w.lines = append(w.lines, "shell")
	}
	w.show(w.device.Start(0, nil))
}

func (w *world) arrange(condition string) error {
	switch condition {
	case "update-available":
		w.outcome = sim.Succeeds
	case "no-update":
		w.outcome = sim.FindsNone
	case "update-fails":
		w.outcome = sim.Fails
	case "hold":
		w.hold = true
		return nil
	case "release":
		w.hold = false
		return nil
	default:
		return fmt.Errorf("unknown condition %s", condition)
	}
	w.failed = 0
	w.apply(sim.Event{Kind: sim.Arrange, Outcome: w.outcome})
	return nil
}

func (w *world) get(td *datadriven.TestData) error {
	ev := sim.Event{Kind: sim.Get, Request: sim.Request{Path: ocf.PathPstat}}
	if td.Cmd == "delete" {
		ev.Kind = sim.Delete
	}
	for _, arg := range td.CmdArgs {
		switch arg.Key {
		case "if":
			ev.Request.Interface = arg.Vals[0]
		case "rt":
			ev.Request.RT = arg.Vals[0]
		case "owned":
			ev.Request.Owned = arg.Vals[0]
		case "multicast":
			ev.Request.Multicast = true
		case "diag":
			w.diag = true
		case "observe":
			ev.Request.Observe = true
		case "via":
			ev.Request.Via = w.via(arg.Vals[0])
		case "id":
			n, err := strconv.ParseUint(arg.Vals[0], 10, 16)
			if err != nil {
				return err
			}
			ev.Request.ID = uint32(n)
		default:
			ev.Request.Path = arg.Key
		}
	}
	w.apply(ev)
	w.diag = false
	return nil
}

func (w *world) save() error {
	data, err := w.device.Save().MarshalJSON()
	if err != nil {
		return err
	}
	var saved sim.Saved
	if err := saved.UnmarshalJSON(data); err != nil {
		return err
	}
	w.device, w.asks, w.due = w.model.Restore(saved), nil, -1
	w.show(w.device.Start(w.now, nil))
	return nil
}

// run lets the source answer and the Device wake until neither has anything to do,
// or until the time is up.
func (w *world) run(td *datadriven.TestData) error {
	end := time.Duration(-1)
	for _, arg := range td.CmdArgs {
		d, err := time.ParseDuration(arg.Vals[0])
		if err != nil {
			return err
		}
		end = w.now + d
	}
	for range 1000 {
		answer, ok := w.answer()
		switch {
		case ok:
			w.apply(sim.Event{Kind: sim.SourceAnswer, Answer: answer})
		case w.due < 0, end >= 0 && w.due > end:
			w.now = max(w.now, end)
			return nil
		default:
			w.now, w.due = w.due, -1
			w.apply(sim.Event{Kind: sim.Due})
		}
	}
	return fmt.Errorf("still busy after 1000 events")
}

// answer returns what the source says to the oldest question, if it says anything.
func (w *world) answer() (a sim.Answer, ok bool) {
	if w.hold || len(w.asks) == 0 {
		return a, false
	}
	q := w.asks[0]
	w.asks = w.asks[1:]
	outcome := w.outcome
	if outcome == 0 {
		outcome = w.model.Outcome()
	}
	a = sim.Answer{Ask: q.Number, Available: outcome != sim.FindsNone, Version: q.Version}
	if a.Available {
		n, _ := strconv.Atoi(strings.TrimPrefix(q.Version, "1.0."))
		a.Version = fmt.Sprintf("1.0.%d", n+1)
	}
	if q.Kind == sim.Fetch && a.Available {
		a.Declared, a.Received = 1000, 1000
	}
	return w.fault(a, q, w.model.SourceFault(w.outcome))
}

// fault changes an answer as the given fault at the source does.
func (w *world) fault(a sim.Answer, q sim.Ask, fault string) (sim.Answer, bool) {
	switch fault {
	case "stalled":
		return a, false
	case "unreachable":
		return sim.Answer{Ask: q.Number, Failed: true}, true
	case "flapping":
		if w.failed++; w.failed < 3 {
			return sim.Answer{Ask: q.Number, Failed: true}, true
		}
		w.failed = 0
	case "truncated":
		a.Received /= 2
	case "withdrawn":
		a.Available = a.Available && q.Kind == sim.Check
	case "rollback":
		if a.Available {
			a.Version = source.Older(q.Version)
		}
	case "bad-signature":
		if q.Kind == sim.Fetch {
			a.Flaw = sim.BadSignature
		}
	case "stale-metadata":
		a.Flaw = sim.StaleMetadata
	case "wrong-certificate":
		a.Flaw = sim.WrongCertificate
	case "appears":
		if w.failed++; w.failed == 1 {
			a.Available, a.Version = false, q.Version
		}
	}
	return a, true
}

func (w *world) apply(ev sim.Event) {
	ev.At = w.now
	w.show(w.device.Apply(&ev, nil))
}
