// Package sweep cuts the power of virtual Devices at every durable write that they
// make, each time in a new Device, and lets them go on. Whatever the write was, what a
// Client was told must still hold, the Device must come to rest and work on, and the
// requirements judge the recording.
package sweep

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

//go:embed power.feature ocf-2.2
var features embed.FS

// Sweep knows the histories during which the power is cut. Once Again is set, it may be
// used by several goroutines at once.
type Sweep struct {
	Again bool // the power goes a second time while the Device comes back from the first cut

	edition   *edition.Edition
	runner    *steps.Runner
	histories []steps.Scenario
	scheduled []steps.Scenario // of Devices with oic.r.softwareupdate
	visit     steps.Scenario   // of a Client that makes itself the owner
	further   steps.Scenario   // what the Device has to be able to do afterwards
}

// New reads the histories of an edition.
func New(e *edition.Edition) (*Sweep, error) {
	all, err := steps.LoadFor(e, features, judge.IDsOf(e))
	if err != nil {
		return nil, err
	}
	s := &Sweep{edition: e}
	for _, h := range all.Scenarios {
		switch {
		case slices.Contains(h.Tags, "@secured"):
			s.visit = h
		case slices.Contains(h.Tags, "@afterwards"):
			s.further = h
		case slices.Contains(h.Tags, "@scheduled"):
			s.scheduled = append(s.scheduled, h)
		default:
			s.histories = append(s.histories, h)
		}
	}
	s.runner, err = steps.NewRunner(steps.Config{Edition: e.ID, Tool: "ocfsim", Plain: true})
	return s, err
}

// speed and patience are those of the Devices. Each waits longer for its source than a
// Client waits before it repeats a request: else a process could end for want of an
// answer while the power is off.
const (
	speed    = 100
	patience = 2 * time.Minute
)

// Specimens are the Devices of the edition to sweep: one for each compliant behaviour, and
// one for each variant that works without security.
func Specimens(e *edition.Edition) ([]lab.Specimen, error) {
	all, err := lab.Specimens(nil)
	if err != nil {
		return nil, err
	}
	all = lab.ByEdition(lab.Unsecured(all), e.ID)
	for i := range all {
		if all[i], err = all[i].At(speed, patience); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Result is what a sweep has done.
type Result struct {
	Writes int // durable writes in all histories
	Cuts   int
	Broken []Broken
}

// Broken is a cut after which something is wrong.
type Broken struct {
	History string
	Cut     Cut
	Wrong   []string // what, one line each
}

// String names the cut and says what is wrong.
func (b Broken) String() string {
	return fmt.Sprintf("%s, cut %v: %s", b.History, b.Cut, strings.Join(b.Wrong, "; "))
}

// Device cuts the power of Devices like specimen at each of their durable writes, in
// each history until one in which something is wrong. A variant differs in how it reads
// a sentence, which the first history shows, or has a schedule, which has histories of its own. flaw is what the memory does; nil: it is
// sound. An error means that a history goes wrong even without a cut.
func (s *Sweep) Device(specimen lab.Specimen, flaw Flaw) (Result, error) {
	var out Result
	histories := s.histories
	if specimen.Variant.Name != "" {
		histories = histories[:1]
	}
	if specimen.Scheduled() {
		histories = append(slices.Clip(histories), s.scheduled...)
	}
	for _, h := range histories {
		if len(out.Broken) > 0 {
			break
		}
		whole, err := s.play(specimen, h, Cut{}, flaw)
		if err == nil {
			err = whole.sound()
		}
		if err != nil {
			return out, fmt.Errorf("%s, %s, with no cut: %w", specimen.Name, h.Name, err)
		}
		out.Writes += len(whole.written)
		for _, cut := range whole.cuts() {
			cut.Again = s.Again
			out.Cuts++
			c, err := s.play(specimen, h, cut, flaw)
			if err != nil {
				return out, fmt.Errorf("%s, %s, cut %v: %w", specimen.Name, h.Name, cut, err)
			}
			if wrong := c.compare(whole); len(wrong) > 0 {
				out.Broken = append(out.Broken, Broken{h.Name, cut, wrong})
			}
		}
	}
	return out, nil
}

// course is one history with its power cuts, and what followed.
type course struct {
	model     *sim.Model
	profile   conformance.Profile
	givesUp   bool // a power cut ends an update
	scheduled bool // it has oic.r.softwareupdate
	run       judged
	further   judged
	written   []written
	outage    *outage
	end       sim.State // after the history
	version   string    // of the software that is installed then
}

// play plays the history h in a new Device, with the cut, and then the further scenario.
func (s *Sweep) play(specimen lab.Specimen, h steps.Scenario, cut Cut, flaw Flaw) (c course, err error) {
	c.scheduled = specimen.Scheduled()
	err = bubble.Run(func() error {
		made := specimen.Config
		made.Epoch = time.Now().UTC() // as the lab makes it
		model, err := sim.NewModel(made)
		if err != nil {
			return err
		}
		c.model = model
		net := memnet.New(1, memnet.Impairment{})
		p := &power{net: net, cut: cut, flaw: flaw, off: lasts(specimen)}
		l, err := lab.OpenVirtual(lab.Config{Specimens: []lab.Specimen{specimen}, Unsecured: true, Seed: 1, Store: p}, net)
		if err != nil {
			return err
		}
		p.fleet = l.Fleet()
		t, err := target.Open(context.Background(), l.Targets()[0])
		if err != nil {
			return errors.Join(err, l.Close())
		}
		r := s.runner.On(p.watch(bubble.Settled(suite.Drive(t))))
		c.profile, c.givesUp = t.Profile(), specimen.Behaviour.Power.Update == "gives-up"
		c.run.ScenarioRun = r.Play(context.Background(), h)
		<-time.After(p.off + time.Millisecond) // the cut may have come last
		c.end, c.version = p.fleet.State(0), p.fleet.Version(0)
		c.written, c.outage = p.told()
		p.stays()
		if cut.Moment != Before { // what it has then is what it has after the write before
			c.further.ScenarioRun = r.Play(context.Background(), s.further)
		}
		return l.Close()
	})
	if err == nil {
		c.run.judge(c.profile, s.edition)
		c.further.judge(c.profile, s.edition)
	}
	return c, err
}

// lasts is how long a power cut of such a Device lasts.
func lasts(s lab.Specimen) time.Duration {
	return max(time.Duration(float64(s.Behaviour.Power.Off)/s.Speed), time.Millisecond)
}

// cuts are the cuts that a course like c has to be tried with. What a condition has
// the Device write is the bench's: if it is lost, nobody has asked for it. Once a write
// was told of is before the next one.
func (c course) cuts() []Cut {
	var all []Cut
	for i, w := range c.written {
		if !w.bench {
			all = append(all, Cut{Write: i + 1, Moment: Before})
		}
		all = append(all, Cut{Write: i + 1, Moment: After})
		if i == len(c.written)-1 {
			all = append(all, Cut{Write: i + 1, Moment: Told})
		}
	}
	return all
}

// sound is an error where a course without a cut goes wrong.
func (c course) sound() error {
	if wrong := slices.Concat(c.unwritten(), c.rests(), c.run.wrong, c.further.wrong); len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// compare says what is wrong with c, given the same course without a cut.
func (c course) compare(whole course) []string {
	if c.outage == nil || !c.outage.back {
		return []string{"the power did not go, or it did not come back"}
	}
	wrong := slices.Concat(c.forgotten(), c.unwritten(), c.rests(), c.run.wrong, c.further.wrong)
	if c.end.DOS != whole.end.DOS {
		wrong = append(wrong, fmt.Sprintf("in the end it is in %v, where it is in %v without the cut", c.end.DOS, whole.end.DOS))
	}
	if !c.installed(whole.version) {
		wrong = append(wrong, fmt.Sprintf("version %s is installed, where it is %s without the cut", c.version, whole.version))
	}
	if c.further.ID == "" {
		return wrong
	}
	lacks := slices.DeleteFunc(slices.Clone(whole.further.passed), func(id string) bool { return slices.Contains(c.further.passed, id) })
	if len(lacks) > 0 {
		wrong = append(wrong, "afterwards a check and an update do not pass "+strings.Join(lacks, ", "))
	}
	return wrong
}

// forgotten compares the Device as it is when its power is back with what it had
// written. It may begin at once what it had accepted before, end an update without a
// result where it gives up, and drop a transfer of its ownership that was not finished.
func (c course) forgotten() []string {
	had := c.model.Restore(c.outage.durable)
	was, is := had.State(), c.outage.state
	begins := is.DOS == was.DOS && is.TM.Has(was.TM) && is.TM != was.TM && was.CM.Has(is.CM)
	gaveUp := c.givesUp && c.outage.durable.Running == ocf.SSU && !is.CM.Has(ocf.SSU)
	dropped := c.outage.durable.DOS == ocf.RFOTM && is.DOS == ocf.RESET
	if c.alike(&had, was, is) || begins || gaveUp || dropped {
		return nil
	}
	if was.Owned != is.Owned {
		return []string{fmt.Sprintf("it comes back with owned=%v, and had written owned=%v", is.Owned, was.Owned)}
	}
	return []string{fmt.Sprintf("it comes back with %s, and had written %s", pstat(is), pstat(was))}
}

// alike reports whether both states show the same to a Client.
func (c course) alike(d *sim.Device, was, is sim.State) bool {
	shown := func(s sim.State) string {
		text := fmt.Sprint(s.Version, s.Owned, s.OM, s.SM, s.Pending, s.ISOP, pstat(s))
		if c.scheduled {
			text += fmt.Sprintf(" %x", d.Encode(nil, sim.Rep{Path: ocf.PathSoftwareUpdate, State: s}, nil))
		}
		return text
	}
	return shown(was) == shown(is)
}

// unwritten are the states that Clients were told of and that were never written: a
// power cut would undo them. One that the Device has left in the same instant need not
// be written.
func (c course) unwritten() []string {
	first := c.model.Device(ocf.UUID{}, 0)
	durable := []string{pstat(first.State())}
	for _, w := range c.written {
		d := c.model.Restore(w.saved)
		durable = append(durable, pstat(d.State()))
	}
	tl := c.run.Timeline
	samples := tl.Samples()
	for i, x := range samples {
		if i+1 < len(samples) && tl.Observations[samples[i+1].N].At == tl.Observations[x.N].At {
			continue
		}
		if told := masks(x.Pstat.TM, x.Pstat.CM, x.Pstat.DOS); !slices.Contains(durable, told) {
			return []string{"a Client was told of " + told + ", which was never written"}
		}
	}
	return nil
}

// installed reports whether the right version is installed, given the one that is
// without the cut. An update that the Device gave up installs nothing, and one that was
// requested twice may install two.
func (c course) installed(version string) bool {
	was := c.model.Restore(c.outage.durable)
	gaveUp := c.givesUp && c.outage.updates
	return c.version == version || gaveUp && c.version == was.Version() || c.askedTwice() && c.version == next(version)
}

// askedTwice reports whether the power went between a request for an update and its
// answer. The Client sends it again, and if the Device had taken it the first time it
// is another request: nothing tells the Device that it has seen it before.
func (c course) askedTwice() bool {
	all := c.run.Timeline.Observations
	cut := 0
	for i := range all {
		o := &all[i]
		if o.Kind == conformance.Condition && o.Name == conformance.Reboot {
			cut = i
		}
		if o.Kind != conformance.Response || o.For == nil || *o.For > cut {
			continue
		}
		u, err := ocf.DecodePstatUpdate(all[*o.For].Frame.Payload)
		if err == nil && u.TM.Has(ocf.SSU) {
			return true
		}
	}
	return false
}

// next is the version that follows 1.0.N.
func next(version string) string {
	var n int
	if _, err := fmt.Sscanf(version, "1.0.%d", &n); err != nil {
		return ""
	}
	return fmt.Sprintf("1.0.%d", n+1)
}

func pstat(s sim.State) string { return masks(s.TM, s.CM, s.DOS) }

func masks(tm, cm ocf.DPM, dos ocf.DOS) string {
	return fmt.Sprintf("tm=%v cm=%v dos=%v", tm, cm, dos)
}

// rests says what is wrong with the Device in the end.
func (c course) rests() []string {
	if s := c.end; s.TM&(ocf.SVV|ocf.SSU) != 0 || s.Pending || s.ISOP != (s.DOS == ocf.RFNOP) {
		return []string{fmt.Sprintf("in the end it has %s isop=%v p=%v", pstat(s), s.ISOP, s.Pending)}
	}
	return nil
}
