package counter

import (
	"context"
	"fmt"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Run drives the Device over one of its networks through its scenarios, in
// virtual time, and judges it. What dir names is where the results are written
// to; empty for nowhere.
func (d Draw) Run(network int, dir string) (report conformance.Report, err error) {
	cfg := lab.Config{Specimens: []lab.Specimen{d.Specimen}, Unsecured: d.Unsecured, Seed: d.Seed}
	err = bubble.Run(func() error {
		net := memnet.New(d.Seed, memnet.Impairment{})
		l, err := lab.OpenVirtual(cfg, net)
		if err != nil {
			return err
		}
		net.Impair(d.Networks[network])
		t := l.Targets()[0]
		t.Profile.Timing.Settle = d.Settle
		res := suite.Run(context.Background(), suite.Config{Target: t, Scenarios: d.Scenarios, Partial: true, Dir: dir, Version: "counter-exam"})
		report = res.Report
		if err := l.Close(); err != nil {
			return err
		}
		return res.Err
	})
	if err != nil {
		return report, fmt.Errorf("%v over %+v: %w", d, d.Networks[network], err)
	}
	return report, nil
}
