package fleet

import (
	"fmt"
	"iter"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// Errors of Find and Condition.
var (
	ErrUnsupported = source.ErrUnsupported
	ErrNoDevice    = source.ErrNoDevice
)

// World is a trusted source whose offers can be arranged; *source.Source is one. A
// World serves a single fleet.
type World interface {
	Asker
	Set(device string, offer source.Offer)
	Hold(device string)
	Release(device string)
	Report(device string) source.Counts
}

// SourceReport is what the trusted source says about one Device, or about all together.
type SourceReport = source.Report

// Condition brings Devices into a condition of the contract between harness and
// Devices. device is a di or an address, or "" for all Devices. An unknown condition
// is ErrUnsupported.
func (f *Fleet) Condition(device, condition string) (SourceReport, error) {
	devices, err := f.Find(device)
	if err != nil {
		return SourceReport{}, err
	}
	if f.shard.rerun && condition != "report" {
		return SourceReport{}, fmt.Errorf("%w: %s", ErrUnsupported, rerunRefusal)
	}
	replayed, err := f.replayedCondition(devices, condition)
	if err != nil {
		return SourceReport{}, err
	}
	if err := f.bring(device, devices, condition); err != nil {
		return SourceReport{}, err
	}
	f.shard.do(f.shard.commit) // whoever is told that it is so finds it saved
	if replayed != nil {
		return *replayed, nil
	}
	return f.report(device == "", devices)
}

// unsupported is the error for a condition that can't be had.
func unsupported(condition string) error { return fmt.Errorf("%w: %q", ErrUnsupported, condition) }

// bring brings the Devices into a condition.
func (f *Fleet) bring(device string, devices []int, condition string) error {
	switch condition {
	case "update-available", "no-update", "update-fails":
		return f.arrange(devices, condition)
	case "hold", "release":
		return f.gate(device == "", devices, condition)
	case "autonomous-validation":
		f.happen(devices, sim.Event{Kind: sim.Autonomous, Bits: ocf.SVV})
	case "autonomous-update":
		f.happen(devices, sim.Event{Kind: sim.Autonomous, Bits: ocf.SSU})
	case "reboot":
		f.happen(devices, sim.Event{Kind: sim.PowerCycle})
	case "factory-reset":
		f.happen(devices, sim.Event{Kind: sim.FactoryReset})
	case "report":
	default:
		return unsupported(condition)
	}
	return nil
}

// happen applies an Event to those of devices that are switched on, a crowd at a time.
func (f *Fleet) happen(devices []int, ev sim.Event) {
	for some := range slices.Chunk(devices, crowd) {
		f.shard.do(func() {
			for _, i := range some {
				if s := f.shard.slot(i); !s.is(offMark) {
					e := ev
					f.shard.apply(s, &e)
				}
			}
		})
	}
}

// ours says that a condition of the trusted source can't be had, if one of the devices has a
// source that is not a World.
func (f *Fleet) ours(devices []int, condition string) error {
	if f.world == nil {
		return fmt.Errorf("%w: %s: the trusted source is not ours", ErrUnsupported, condition)
	}
	if f.shard.other == nil {
		return nil
	}
	for _, i := range devices {
		if _, own := f.shard.sourceOf(i); own {
			return fmt.Errorf("%w: %s: the trusted source of %s is not ours", ErrUnsupported, condition, f.ID(i))
		}
	}
	return nil
}

// arrange changes what the trusted source offers and how the next update ends.
func (f *Fleet) arrange(devices []int, condition string) error {
	if err := f.ours(devices, condition); err != nil {
		return err
	}
	outcome := map[string]sim.UpdateOutcome{
		"update-available": sim.Succeeds, "no-update": sim.FindsNone, "update-fails": sim.Fails,
	}[condition]
	f.offer(slices.Values(devices), len(devices) == f.Len(), func(int) sim.UpdateOutcome { return outcome })
	f.happen(devices, sim.Event{Kind: sim.Arrange, Outcome: outcome})
	return nil
}

// offer tells the trusted source what to offer some Devices, so that their updates
// end as outcome says. An outcome of 0 means however their behaviour ends by itself. If
// these are all Devices, one call sets the offer that most of them get.
func (f *Fleet) offer(devices iter.Seq[int], all bool, outcome func(i int) sim.UpdateOutcome) {
	offerTo := func(i int) source.Offer {
		m, asked := f.models(i), outcome(i)
		ends := asked
		if ends == 0 {
			ends = m.Outcome()
		}
		o := source.Offer{Newer: ends != sim.FindsNone, Fault: source.Fault(m.SourceFault(asked))}
		if ends == sim.Fails {
			o.Package = m.Package()
		}
		return o
	}
	var common source.Offer
	if all {
		var only bool
		common, only = mostOf(devices, offerTo)
		if f.world.Set("", common); only {
			return
		}
	}
	for i := range devices {
		if o := offerTo(i); !all || o != common {
			f.world.Set(f.ID(i).String(), o)
		}
	}
}

// mostOf returns the offer that most of the Devices get; of several the one that comes
// first. only says that no Device gets another one.
func mostOf(devices iter.Seq[int], offerTo func(i int) source.Offer) (most source.Offer, only bool) {
	var (
		offers  []source.Offer // in the order of the first Device that gets it
		times   []int          // how many get it
		numbers = make(map[source.Offer]int)
		last    = -1 // number of the offer that the Device before gets
	)
	for i := range devices {
		o := offerTo(i)
		if last < 0 || offers[last] != o {
			n, ok := numbers[o]
			if !ok {
				n = len(offers)
				numbers[o], offers, times = n, append(offers, o), append(times, 0)
			}
			last = n
		}
		times[last]++
	}
	if len(offers) == 0 {
		return source.Offer{}, true
	}
	return offers[slices.Index(times, slices.Max(times))], len(offers) == 1
}

// gate holds back the source's answers or lets them go.
func (f *Fleet) gate(all bool, devices []int, condition string) error {
	if err := f.ours(devices, condition); err != nil {
		return err
	}
	do := f.world.Hold
	if condition == "release" {
		do = f.world.Release
	}
	if all {
		do("")
		return nil
	}
	for _, i := range devices {
		do(f.ID(i).String())
	}
	return nil
}

// handing is a World that knows which package a Device has taken last.
type handing interface {
	Handed(device string) *source.Handed
}

// report asks the source what it has seen.
func (f *Fleet) report(all bool, devices []int) (SourceReport, error) {
	out := SourceReport{Version: f.Version(devices[0])}
	for _, i := range devices[1:] {
		if f.Version(i) != out.Version {
			out.Version = ""
			break
		}
	}
	if f.world == nil {
		return out, nil
	}
	device := ""
	if !all {
		if _, own := f.shard.sourceOf(devices[0]); own {
			return out, nil
		}
		device = f.ID(devices[0]).String()
	}
	r := f.world.Report(device)
	out.Checks, out.Fetches, out.Served, out.Holding, out.Unanswered = r.Checks, r.Fetches, r.Served, r.Holding, r.Unanswered
	if w, ok := f.world.(handing); ok {
		out.Last = w.Handed(device)
	}
	return out, nil
}
