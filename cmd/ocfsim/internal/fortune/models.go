package fortune

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim"
)

// ModelConfig says what all Devices of a run have in common.
type ModelConfig struct {
	Terms // a Speed of 0 is 1
	// Secure is the security of Devices with an owner, as Device.Owner names it: "" for
	// nobody. Nil: there are no secured Devices.
	Secure Owners
}

// Owners returns the security of Devices with an owner.
type Owners func(owner string) (*sim.Security, error)

// kindred is what Devices have in common that share a model.
type kindred struct {
	behaviour, variant, deviation, quirk, edition, owner string
	name, manufacturer                                   string
	secured                                              bool
	slow                                                 float64
	skew                                                 time.Duration
}

// Models are the models of a run's Devices. Devices that are alike share one.
type Models struct {
	all   []*sim.Model
	which []uint16 // by the index of the Device
}

// maxModels is how many models a run may have.
const maxModels = 1 << 16

// Models makes the models of the Devices of the fortune.
func (c *Fortune) Models(cfg ModelConfig) (*Models, error) {
	m := &Models{which: make([]uint16, c.count)}
	known := map[kindred]uint16{}
	for i := range c.count {
		k := kindredOf(c.plan.Device(c.first + i))
		at, ok := known[k]
		if !ok {
			if len(m.all) == maxModels {
				return nil, fmt.Errorf("the Devices are of more than %d kinds", maxModels)
			}
			model, err := k.model(cfg)
			if err != nil {
				return nil, err
			}
			at = uint16(len(m.all))
			m.all, known[k] = append(m.all, model), at
		}
		m.which[i] = at
	}
	return m, nil
}

// Of is the model of the fleet's i-th Device.
func (m *Models) Of(i int) *sim.Model { return m.all[m.which[i]] }

func kindredOf(d fleetfile.Device) kindred {
	return kindred{
		behaviour: d.Behaviour, variant: d.Variant, deviation: d.Deviation, quirk: d.Quirk, edition: d.Edition,
		name: d.Model, manufacturer: d.Manufacturer, owner: d.Owner, secured: d.Secured, slow: d.Slow, skew: d.Skew,
	}
}

// model makes the model of such Devices.
func (k kindred) model(c ModelConfig) (*sim.Model, error) {
	if c.Speed == 0 {
		c.Speed = 1
	}
	cfg := sim.Config{Name: k.name, Manufacturer: k.manufacturer, Edition: k.edition, Speed: c.Speed / k.slow, Epoch: c.Epoch.Add(k.skew)}
	var err error
	if cfg.Behaviour, err = fixtures.Behaviour(k.behaviour); err != nil {
		return nil, err
	}
	if k.variant != "" {
		if cfg.Variant, err = fixtures.Variant(k.variant); err != nil {
			return nil, err
		}
	}
	if k.deviation != "" {
		d, err := fixtures.Deviation(k.deviation)
		if err != nil {
			return nil, err
		}
		cfg.Deviations = append(cfg.Deviations, d)
	}
	if k.quirk != "" {
		if slices.Contains(sim.LawfulQuirks(), k.quirk) {
			cfg.Variant.Quirks = append(slices.Clone(cfg.Variant.Quirks), k.quirk)
		} else {
			cfg.Deviations = append(cfg.Deviations, sim.Deviation{Name: k.quirk, Quirks: []string{k.quirk}})
		}
	}
	if err := k.secure(&cfg, c); err != nil {
		return nil, err
	}
	return sim.NewModel(cfg)
}

// secure gives cfg the security of such Devices.
func (k kindred) secure(cfg *sim.Config, c ModelConfig) error {
	if !k.secured {
		return nil
	}
	if c.Secure == nil {
		return errors.New("the plan has secured Devices, and there is no security for them")
	}
	s, err := c.Secure(k.owner)
	if err != nil {
		return err
	}
	own := *s
	own.Edition, own.Epoch = k.edition, cfg.Epoch
	cfg.Security = &own
	return nil
}
