// Package counter is the counter-exam of the suite: it draws compliant Devices, and
// networks to reach them over, from seeds and runs the suite against them. None of
// them may ever fail.
package counter

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Draw is one examinee: a compliant Device, the scenarios that it is tried with, and
// the networks over which it is reached. The first network is a clean one.
type Draw struct {
	Seed      uint64
	Edition   string // that it is of, and is judged by
	Specimen  lab.Specimen
	Unsecured bool
	Moves     bool          // it comes back from each restart and reset at another address
	Settle    time.Duration // time that the Device declares
	Scenarios []steps.Scenario
	Networks  []memnet.Impairment
}

const (
	impaired  = 2               // impaired networks, besides the clean one
	fewest    = 3               // scenarios of a Draw, at least
	most      = 10              // scenarios of a Draw, at most
	slowest   = 5 * time.Second // until a request is answered, on the side of the Device
	movesOf   = 4               // one Device in 4 moves
	sleepsOf  = 6               // one Device in 6 sleeps
	securedOf = 48              // one Device in 48 is secured: a handshake costs more than a scenario
	laterOf   = 12              // one in 12 of a later edition, where access is what differs most
)

// Urn holds the scenarios and behaviours that Draws are drawn from.
type Urn struct {
	edition    string
	scenarios  []steps.Scenario
	behaviours []sim.Behaviour // of compliant Devices
}

// NewUrn fills an Urn with the scenarios and every shipped behaviour of a
// compliant Device.
func NewUrn(scenarios []steps.Scenario) Urn { return NewUrnOf(edition.OCF10, scenarios) }

// NewUrnOf fills an Urn for the edition with this id.
func NewUrnOf(id string, scenarios []steps.Scenario) Urn {
	compliant := slices.DeleteFunc(fixtures.Behaviours(), func(b sim.Behaviour) bool { return !b.Compliant() })
	return Urn{id, scenarios, compliant}
}

// Draw draws an examinee from seed. The same seed draws the same examinee, and one more
// scenario, behaviour or quirk in the Urn changes few of the examinees.
func (u Urn) Draw(seed uint64) (Draw, error) {
	d := die{rand.New(rand.NewPCG(seed, 0x636f756e746572)), seed}
	secured := securedOf
	if u.edition != edition.OCF10 {
		secured = laterOf
	}
	out := Draw{Seed: seed, Edition: u.edition, Unsecured: d.IntN(secured) > 0, Networks: []memnet.Impairment{{}}}
	out.Settle = d.span(50*time.Millisecond, 2*time.Second)
	behaviour := d.behaviour(u.behaviours)
	behaviour.Messages = d.messages(out.Settle)
	variant, err := d.variant(!out.Unsecured, u.edition)
	if err != nil {
		return out, fmt.Errorf("seed %d: %w", seed, err)
	}
	out.Specimen = lab.Specimen{
		Name: fmt.Sprintf("seed %d", seed), Own: pick(d, target.JustWorks, target.RandomPIN, target.ManufacturerCertificate),
		Config: sim.Config{Behaviour: behaviour, Variant: variant},
	}
	if u.edition != edition.OCF10 {
		out.Specimen.Edition = u.edition
	}
	shuffled := ranked(d, u.scenarios, func(s steps.Scenario) string { return s.ID })
	out.Scenarios = shuffled[:min(len(shuffled), fewest+d.IntN(most-fewest+1))]
	out.Moves = d.IntN(movesOf) == 0
	for range impaired {
		out.Networks = append(out.Networks, d.network())
	}
	out.Specimen.Behaviour.Messages.Sleep = d.sleep() // last, so that all else is drawn as without it
	out.Specimen.Behaviour.Autonomous = d.schedule(behaviour.Autonomous)
	if slices.Contains(variant.Quirks, "cm-clears-first") { // it tells of the start twice, one after the other
		out.Specimen.Behaviour.Messages.TellAfter /= 2
	}
	return out, nil
}

// String is the examinee in a line or two.
func (d Draw) String() string {
	b, v := d.Specimen.Behaviour, d.Specimen.Variant
	security := "unsecured"
	if !d.Unsecured {
		security = string(d.Specimen.Own)
	}
	return fmt.Sprintf("%s, %s, like %s (ends %s, check %v, timeout %v, announce %v, jitter %d %%), settle %v, messages %+v, moves %v, quirks [%s], edition %q, %d scenarios",
		d.Specimen.Name, security, b.Name, b.Ends, b.Validation.Takes, b.Source.Timeout, b.Announce, b.Jitter, d.Settle, b.Messages, d.Moves,
		strings.Join(v.Quirks, " "), v.Edition, len(d.Scenarios))
}

// die is the random number generator of one Draw.
type die struct {
	*rand.Rand
	seed uint64
}

// ranked is list in a random order. Where each element stands among the others depends
// on nothing but the seed and its name.
func ranked[T any](d die, list []T, name func(T) string) []T {
	rank := func(of T) uint64 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(name(of)))
		return rand.NewPCG(d.seed, h.Sum64()).Uint64()
	}
	return slices.SortedFunc(slices.Values(list), func(a, b T) int { return cmp.Compare(rank(a), rank(b)) })
}

func pick[T any](d die, of ...T) T { return of[d.IntN(len(of))] }

// span is a length of time between least and most. Its logarithm is distributed
// evenly, so each order of magnitude is equally likely.
func (d die) span(least, most time.Duration) time.Duration {
	low, high := math.Log(float64(least)), math.Log(float64(most))
	return time.Duration(math.Exp(low + d.Float64()*(high-low))).Round(time.Millisecond)
}

// behaviour is a shipped behaviour of a compliant Device with other times.
func (d die) behaviour(shipped []sim.Behaviour) sim.Behaviour {
	b := ranked(d, shipped, func(b sim.Behaviour) string { return b.Name })[0]
	stretch := math.Exp(d.Float64()*4 - 3) // 0.05 to 2.7
	scale := func(t time.Duration) time.Duration {
		return time.Duration(float64(t) * stretch).Round(time.Millisecond)
	}
	b.Jitter = d.IntN(91)
	b.Validation.Takes = scale(b.Validation.Takes)
	b.Announce = d.span(time.Millisecond, 2*time.Second)
	if d.IntN(8) == 0 {
		b.Announce = 0
	}
	b.Source.Timeout = d.span(20*time.Second, 200*time.Second)
	b.Source.RetryAfter = scale(b.Source.RetryAfter)
	b.Update.Steps = slices.Clone(b.Update.Steps)
	for i := range b.Update.Steps {
		b.Update.Steps[i].After = scale(b.Update.Steps[i].After)
		b.Update.Steps[i].Off = scale(b.Update.Steps[i].Off)
	}
	b.Power.Off = scale(b.Power.Off)
	return b
}

// messages is a way to pass messages on: answers apart from the ACK, slow answers,
// notifications that take most of the settle time, and small blocks. Each is as often
// left out.
func (d die) messages(settle time.Duration) (m sim.Messages) {
	m.Separate = d.IntN(2) == 0
	m.Block = pick(d, 0, 0, 0, 0, 16, 64, 256, 512)
	if d.IntN(2) == 0 {
		m.AnswerAfter = d.span(time.Millisecond, slowest)
	}
	if !m.Separate { // a Device that takes longer than the Client waits for the ACK sends it apart
		m.AnswerAfter /= 4
	}
	if m.Block > 0 { // each block is an answer
		m.AnswerAfter /= 10
	}
	if d.IntN(2) == 0 {
		m.TellAfter = d.span(time.Millisecond, settle*3/4)
	}
	return m
}

// sleep is how one Device in sleepsOf sleeps. It stays awake for longer than a request
// takes to reach it over the slowest network, and its answer to come back.
func (d die) sleep() (s sim.Sleep) {
	if d.IntN(sleepsOf) == 0 {
		s.Awake = d.span(3*slowest, time.Minute)
		s.Every = s.Awake * time.Duration(2+d.IntN(7))
	}
	return s
}

// schedule is shipped with other times, so that a process of the Device's own begins at any
// moment of a scenario, often or only once.
func (d die) schedule(shipped *sim.Schedule) *sim.Schedule {
	if shipped == nil {
		return nil
	}
	drawn := *shipped
	drawn.After = d.span(10*time.Millisecond, 10*time.Minute)
	drawn.Every = d.span(5*time.Second, 10*time.Minute)
	return &drawn
}

// variant is a set of lawful quirks that can be combined. It is often empty.
func (d die) variant(secured bool, id string) (sim.Variant, error) {
	v := sim.Variant{Name: "drawn", Says: "Whatever is lawful.", Secured: secured}
	if secured && id == edition.OCF10 {
		v.Edition = pick(d, "", edition.OCF22)
	}
	all := ranked(d, sim.LawfulQuirks(), func(name string) string { return name })
	for _, quirk := range all[:d.IntN(10)] {
		grown := v
		grown.Quirks = append(slices.Clone(v.Quirks), quirk)
		if sim.Compatible(grown.Quirks) {
			v = grown
		}
	}
	return v, nil
}

// network is a network that loses, duplicates, delays and reorders datagrams, each
// more or less, or not at all.
func (d die) network() memnet.Impairment {
	longest, loss := 2*time.Second, 0.2
	some := func(most float64) float64 {
		if d.IntN(3) == 0 {
			return 0
		}
		return most * d.Float64() * d.Float64()
	}
	var n memnet.Impairment
	n.Loss, n.Duplicate, n.Reorder = some(loss), some(0.2), some(0.3)
	if d.IntN(2) == 0 {
		n.Delay = d.span(time.Millisecond, longest)
	}
	if d.IntN(2) == 0 {
		n.Jitter = d.span(time.Millisecond, longest)
	}
	return n
}
