// Package counter is the counter-exam of the suite: it draws compliant Devices, and
// networks to reach them over, from seeds and runs the suite against them. None of
// them may ever fail.
package counter

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
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
	Specimen  lab.Specimen
	Unsecured bool
	Settle    time.Duration // time that the Device declares
	Scenarios []steps.Scenario
	Networks  []memnet.Impairment
}

const (
	impaired  = 2  // impaired networks, besides the clean one
	fewest    = 3  // scenarios of a Draw, at least
	most      = 10 // scenarios of a Draw, at most
	securedOf = 48 // one Device in 48 is secured: a handshake costs more than a scenario
)

// Urn holds the scenarios and behaviours that Draws are drawn from.
type Urn struct {
	scenarios  []steps.Scenario
	behaviours []sim.Behaviour // of compliant Devices
}

// NewUrn fills an Urn with the scenarios and every shipped behaviour of a
// compliant Device.
func NewUrn(scenarios []steps.Scenario) Urn {
	compliant := slices.DeleteFunc(fixtures.Behaviours(), func(b sim.Behaviour) bool { return !b.Compliant() })
	return Urn{scenarios, compliant}
}

// Draw draws an examinee from seed. The same seed draws the same examinee.
func (u Urn) Draw(seed uint64) (Draw, error) {
	d := die{rand.New(rand.NewPCG(seed, 0x636f756e746572))}
	out := Draw{Seed: seed, Unsecured: d.IntN(securedOf) > 0, Networks: []memnet.Impairment{{}}}
	behaviour := d.behaviour(u.behaviours)
	variant, err := d.variant(!out.Unsecured)
	if err != nil {
		return out, fmt.Errorf("seed %d: %w", seed, err)
	}
	out.Specimen = lab.Specimen{
		Name: fmt.Sprintf("seed %d", seed), Own: pick(d, target.JustWorks, target.RandomPIN, target.ManufacturerCertificate),
		Config: sim.Config{Behaviour: behaviour, Variant: variant},
	}
	out.Settle = d.span(50*time.Millisecond, 2*time.Second)
	for _, i := range d.Perm(len(u.scenarios))[:min(len(u.scenarios), fewest+d.IntN(most-fewest+1))] {
		out.Scenarios = append(out.Scenarios, u.scenarios[i])
	}
	for range impaired {
		out.Networks = append(out.Networks, d.network())
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
	return fmt.Sprintf("%s, %s, like %s (ends %s, check %v, timeout %v, announce %v, jitter %d %%), settle %v, quirks [%s], edition %q, %d scenarios",
		d.Specimen.Name, security, b.Name, b.Ends, b.Validation.Takes, b.Source.Timeout, b.Announce, b.Jitter, d.Settle,
		strings.Join(v.Quirks, " "), v.Edition, len(d.Scenarios))
}

// die is the random number generator of one Draw.
type die struct{ *rand.Rand }

func pick[T any](d die, of ...T) T { return of[d.IntN(len(of))] }

// span is a length of time between least and most. Its logarithm is distributed
// evenly, so each order of magnitude is equally likely.
func (d die) span(least, most time.Duration) time.Duration {
	low, high := math.Log(float64(least)), math.Log(float64(most))
	return time.Duration(math.Exp(low + d.Float64()*(high-low))).Round(time.Millisecond)
}

// behaviour is a shipped behaviour of a compliant Device with other times.
func (d die) behaviour(shipped []sim.Behaviour) sim.Behaviour {
	b := pick(d, shipped...)
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

// variant is a set of lawful quirks that can be combined. It is often empty.
func (d die) variant(secured bool) (sim.Variant, error) {
	v := sim.Variant{Name: "drawn", Says: "Whatever is lawful.", Secured: secured}
	if secured {
		v.Edition = pick(d, "", "ocf-2.2")
	}
	all := sim.LawfulQuirks()
	some := d.Perm(len(all))[:d.IntN(10)]
	for _, i := range some {
		grown := v
		grown.Quirks = append(slices.Clone(v.Quirks), all[i])
		if sim.Compatible(grown.Quirks) {
			v = grown
		}
	}
	return v, nil
}

// network is a network that loses, duplicates, delays and reorders datagrams, each
// more or less, or not at all.
func (d die) network() memnet.Impairment {
	some := func(most float64) float64 {
		if d.IntN(3) == 0 {
			return 0
		}
		return most * d.Float64() * d.Float64()
	}
	var n memnet.Impairment
	n.Loss, n.Duplicate, n.Reorder = some(0.2), some(0.2), some(0.3)
	if d.IntN(2) == 0 {
		n.Delay = d.span(time.Millisecond, 2*time.Second)
	}
	if d.IntN(2) == 0 {
		n.Jitter = d.span(time.Millisecond, 2*time.Second)
	}
	return n
}
