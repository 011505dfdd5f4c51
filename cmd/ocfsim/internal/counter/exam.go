package counter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// patience is how long the harness looks for the Device before it gives up. On a
// network that loses datagrams this takes long: when one is lost four times in a row,
// 30 s have gone by. In blocks of 16 bytes, with two seconds under way, one look takes as
// long.
const patience = 20 * time.Minute

// Result is the result of a run.
type Result struct {
	Report    assess.Report // its verdict is error if the harness gave up
	Datagrams memnet.Counts
}

// Run drives the Device through its scenarios over one of its networks, in virtual
// time, and judges it. The results are written to dir, or nowhere if dir is empty.
func (d Draw) Run(network int, dir string) (Result, error) {
	return d.Over(d.Networks[network], dir)
}

// Over is Run over any network, also one that was not drawn. If the harness gives up,
// Over returns an error.
func (d Draw) Over(network memnet.Impairment, dir string) (out Result, err error) {
	return d.until(network, never, dir)
}

// Off is Over a clean network on which the Device is switched off after this time and
// stays off: from then on no datagram arrives.
func (d Draw) Off(after time.Duration) (Result, error) {
	return d.until(memnet.Impairment{}, after, "")
}

// never is a time after the end of every run.
const never = 1000 * time.Hour

func (d Draw) until(network memnet.Impairment, off time.Duration, dir string) (out Result, err error) {
	cfg := lab.Config{Specimens: []lab.Specimen{d.Specimen}, Unsecured: d.Unsecured, Seed: d.Seed, Moves: d.Moves}
	err = bubble.Run(func() error {
		net := memnet.New(d.Seed, memnet.Impairment{})
		l, err := lab.OpenVirtual(cfg, net)
		if err != nil {
			return err
		}
		net.Impair(network)
		silence := time.AfterFunc(off, func() { net.Impair(memnet.Impairment{Loss: 1}) })
		defer silence.Stop()
		t := l.Targets()[0]
		t.Profile.Timing.Settle, t.OpenTimeout = d.Settle, patience
		results, err := suite.Run(context.Background(), suite.Config{
			Targets: []target.Config{t}, Edition: d.Edition, Selection: suite.Selection{Scenarios: d.Scenarios, Partial: true}, Dir: dir, Version: "counter-exam", Plain: true,
		})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		out = Result{results[0].Report, net.Counts()}
		if err := l.Close(); err != nil {
			return err
		}
		return results[0].Err
	})
	if err != nil {
		return out, fmt.Errorf("%v over %+v: %w", d, network, err)
	}
	return out, nil
}
