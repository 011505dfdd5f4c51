package judge

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// bugs are what random Devices do wrong. Some break more than one requirement,
// some are seen only under one stimulus, and in some Timelines they do not show.
var bugs = []string{
	"hides tm", "mute at the start", "mute at the end", "tells the first", "counts back",
	"cm is writable", "isop is writable", "refuses and acts", "high byte", "192 sticks", "refuses V",
	"zero clears cm", "zero starts", "zero aborts", "zero alters", "zero hides",
	"rewrite loses", "rewrite doubles", "keeps cm", "sets cm at the start", "tm in the POST", "no process",
	"fabricates", "inverts", "always 0", "always 1", "tm before cm", "never completes", "cm flips later",
}

// timelines are random Timelines: of a compliant Device, or of one with a bug.
func timelineOf(seed uint64, deviant bool) (conformance.Timeline, life, net) {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 2)), offer: conformance.NoUpdate, dos: ocf.RFNOP, isop: true, sm: 4, version: "1.0.0", procs: map[ocf.DPM]*proc{}}
	w.life = life{
		clears: []ocf.DPM{ocf.SVV, ocf.SSU, bothBits}[w.IntN(3)], begins: w.some(30 * time.Millisecond),
		works: 10*time.Millisecond + w.some(time.Second), gap: w.some(20 * time.Millisecond),
		refuses: w.chance(0.2), together: w.chance(0.3), coalesces: w.chance(0.3), ignores: w.chance(0.5), autonomous: w.chance(0.15),
	}
	if w.chance(0.3) {
		w.gap = 0
	}
	if deviant {
		w.bug = bugs[w.IntN(len(bugs))]
	}
	w.net = net{delay: 8 * time.Millisecond}
	if w.chance(0.4) {
		w.net = net{loses: 0.15 * w.Float64(), late: 0.15 * w.Float64(), holes: 0.05 * w.Float64(), delay: 30 * time.Millisecond}
	}
	w.cm = []ocf.DPM{0, 0, ocf.SVV, bothBits, ocf.SSU}[w.IntN(5)]
	w.tl.Header = conformance.Header{Schema: conformance.TimelineSchema, Scenario: "random", Target: defaults}
	w.tl.Header.Target.Supports.Autonomous = w.autonomous
	w.tl.Header.Target.Update.Version = ""
	p := &plot{world: w, short: seed%2 == 1}
	p.outline()
	p.next()
	w.run()
	return w.tl, w.life, w.net
}

// plot is what the harness does, one thing after the other.
type plot struct {
	*world
	short bool // one phrase only
	steps []func(then func())
}

func (p *plot) next() {
	if len(p.steps) == 0 {
		return
	}
	step := p.steps[0]
	p.steps = p.steps[1:]
	step(func() { p.after(p.some(20*time.Millisecond), p.next) })
}

func (p *plot) say(steps ...func(then func())) { p.steps = append(p.steps, steps...) }

func (p *plot) sleep(d time.Duration) func(func()) {
	return func(then func()) { p.after(d, then) }
}

func (p *plot) gets(client string) func(func()) {
	return func(then func()) { p.get(client, then) }
}

func (p *plot) observes(client string) func(func()) {
	return func(then func()) { p.observe(client, then) }
}

func (p *plot) is(condition string) func(func()) {
	return func(then func()) { p.condition(condition, then) }
}

func (p *plot) writes(u ocf.PstatUpdate) func(func()) {
	client := conformance.Privileged
	if p.chance(0.1) {
		client = conformance.Second
	}
	return func(then func()) { p.post(client, u, then) }
}

func (p *plot) tms(m ocf.DPM) func(func()) { return p.writes(ocf.PstatUpdate{Set: ocf.PropTM, TM: m}) }

// outline is one to three phrases after the observers are there.
func (p *plot) outline() {
	p.say(p.gets(conformance.Privileged))
	for _, c := range []string{conformance.Privileged, conformance.Second} {
		if p.chance(0.85) {
			p.say(p.observes(c))
		}
	}
	if p.chance(0.9) {
		p.say(p.report)
	}
	n := 1 + p.IntN(3)
	if p.short {
		n = 1
	}
	for range n {
		p.phrase()
	}
}

// phrase is a process as scenarios have it, with something in between.
func (p *plot) phrase() {
	if p.chance(0.8) {
		p.say(p.is([]string{conformance.UpdateAvailable, conformance.NoUpdate, conformance.UpdateFails, conformance.UpdateAvailable}[p.IntN(4)]))
	}
	held := p.chance(0.7)
	if held {
		p.say(p.is(conformance.Hold))
	}
	bits := []ocf.DPM{ocf.SVV, ocf.SSU, ocf.SVV, ocf.SSU, bothBits}[p.IntN(5)]
	switch n := p.IntN(20); {
	case n == 0:
		p.aside()
	case n == 1 && p.autonomous:
		p.say(p.is([]string{conformance.AutonomousValidation, conformance.AutonomousUpdate}[p.IntN(2)]))
	default:
		p.say(p.tms(bits))
	}
	if held {
		p.say(p.sleep(50*time.Millisecond+p.some(200*time.Millisecond)), p.report)
		if p.chance(0.8) {
			p.say(p.sleep(p.some(300*time.Millisecond)), p.gets(conformance.Privileged))
		}
	}
	for p.chance(0.6) {
		p.aside()
	}
	if held && p.chance(0.5) {
		p.say(p.sleep(p.some(200*time.Millisecond)), p.gets([]string{conformance.Privileged, conformance.Second}[p.IntN(2)]))
	}
	if held {
		p.say(p.is(conformance.Release))
	}
	if p.chance(0.3) {
		p.aside()
	}
	p.say(p.sleep(2500*time.Millisecond + p.some(time.Second)))
	if p.chance(0.9) {
		p.say(p.gets(conformance.Privileged), p.report)
	}
	if p.chance(0.4) {
		p.say(p.sleep(p.some(4*time.Second)), p.gets(conformance.Privileged))
	}
}

// aside is anything else that a Client or the surroundings do.
func (p *plot) aside() {
	bit := []ocf.DPM{ocf.SVV, ocf.SSU}[p.IntN(2)]
	all := []func(func()){
		p.gets(conformance.Privileged), p.gets(conformance.Second), p.sleep(p.some(2 * time.Second)), p.report,
		p.tms(0), p.tms(0), p.tms(bit), p.tms(bit), p.tms(bothBits), p.tms(4), p.tms(bit | 8),
		p.tms(0x4000), p.tms(0x100),
		p.writes(ocf.PstatUpdate{Set: ocf.PropCM, CM: bit}), p.writes(ocf.PstatUpdate{Set: ocf.PropCM | ocf.PropTM, CM: bit}),
		p.writes(ocf.PstatUpdate{Set: ocf.PropISOP | ocf.PropTM, TM: bit}), p.writes(ocf.PstatUpdate{Set: ocf.PropISOP}),
		p.observes(conformance.Second), p.is(conformance.Reboot),
	}
	p.say(all[p.IntN(len(all))])
}

// say is tl for a reader: a line an entry.
func say(tl conformance.Timeline) string {
	var b strings.Builder
	for _, o := range tl.Observations {
		fmt.Fprintf(&b, "%3d %8v %-12s %-10s", o.N, o.At.Round(time.Millisecond), o.Kind, o.Client)
		if o.For != nil {
			fmt.Fprintf(&b, " for %d", *o.For)
		}
		if f := o.Frame; f != nil {
			fmt.Fprintf(&b, " %s", f.Code)
			if f.Observe != nil {
				fmt.Fprintf(&b, " #%d", *f.Observe)
			}
			if p, _, ok := o.Pstat(); ok {
				fmt.Fprintf(&b, " %v isop=%v", p, p.ISOP)
			} else if v, ok := readPayload(f.Payload); ok {
				for _, x := range v.fields {
					fmt.Fprintf(&b, " %s=%v", x.name, x.value)
				}
			}
		}
		fmt.Fprintf(&b, " %s %s", o.Name, o.Outcome)
		if o.Source != nil {
			fmt.Fprintf(&b, "%+v", *o.Source)
		}
		b.WriteString("\n")
	}
	return b.String()
}
