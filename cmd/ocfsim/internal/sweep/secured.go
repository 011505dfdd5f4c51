package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Secured cuts the power of secured Devices like specimen at each durable write of a
// whole visit: the harness makes itself the owner, tells the Device about its Clients,
// plays a history and gives the Device back. The cut may end the visit; the next visit
// has to succeed, with no hand on the Device in between. The methods of the transfer
// differ only there, so that all the rest is swept for Just Works alone.
func (s *Sweep) Secured(specimen lab.Specimen, flaw Flaw) (Result, error) {
	var out Result
	whole, err := s.visits(specimen, Cut{}, flaw)
	if err == nil && len(whole.wrong()) > 0 {
		err = errors.New(strings.Join(whole.wrong(), "; "))
	}
	if err != nil {
		return out, fmt.Errorf("%s, with no cut: %w", specimen.Name, err)
	}
	out.Writes = len(whole.written)
	for _, cut := range whole.cuts() {
		if !whole.transfer(cut) && specimen.Own != target.JustWorks {
			continue
		}
		out.Cuts++
		v, err := s.visits(specimen, cut, flaw)
		if err != nil {
			return out, fmt.Errorf("%s, cut %v: %w", specimen.Name, cut, err)
		}
		if wrong := v.wrong(); len(wrong) > 0 {
			out.Broken = append(out.Broken, Broken{s.visit.Name, cut, wrong})
		}
	}
	return out, nil
}

// visits is a visit with a power cut, and the next one.
type visits struct {
	course
	failed error         // of the first visit, which may have one for the cut
	next   error         // of the next one
	owed   []target.Debt // after both
}

// visits plays both in a new Device.
func (s *Sweep) visits(specimen lab.Specimen, cut Cut, flaw Flaw) (v visits, err error) {
	maker, err := lab.NewMaker()
	if err != nil {
		return v, err
	}
	secured := specimen.Config
	secured.Security = maker.Security()
	if v.model, err = sim.NewModel(secured); err != nil {
		return v, err
	}
	err = bubble.Run(func() error {
		net := memnet.New(1, memnet.Impairment{})
		p := &power{net: net, cut: cut, flaw: flaw, off: lasts(specimen)}
		l, err := lab.OpenVirtual(lab.Config{Specimens: []lab.Specimen{specimen}, Seed: 1, Store: p}, net)
		if err != nil {
			return err
		}
		p.fleet = l.Fleet()
		kept := &ledger{}
		cfg := l.Targets()[0]
		cfg.Ledger = kept
		v.profile = cfg.Profile
		ctx := context.Background()
		visit := func(h steps.Scenario) (j judged, err error) {
			t, err := target.Open(ctx, cfg)
			if err != nil {
				return j, err
			}
			v.profile = t.Profile()
			j.ScenarioRun = s.runner.On(p.watch(bubble.Settled(suite.Drive(t)))).Play(ctx, h)
			return j, suite.Restore(ctx, t)
		}
		v.run, v.failed = visit(s.visit)
		<-time.After(p.off + time.Millisecond) // the cut may have come last
		v.written, v.outage = p.told()
		v.further, v.next = visit(s.further)
		v.end = p.fleet.State(0)
		v.owed, _ = kept.Debts()
		return l.Close()
	})
	return v, err
}

// transfer reports whether the cut comes before the Device has left RFOTM.
func (v visits) transfer(cut Cut) bool {
	return !slices.ContainsFunc(v.written[:cut.Write-1], func(w written) bool { return w.saved.DOS != ocf.RFOTM })
}

// wrong says what is wrong after both visits.
func (v visits) wrong() []string {
	v.further.judge(v.profile, edition.First())
	wrong := v.further.wrong
	if v.run.ID != "" {
		v.run.judge(v.profile, edition.First())
		v.run.wrong = slices.DeleteFunc(v.run.wrong, func(w string) bool { return v.run.Err != "" && strings.Contains(w, v.run.Err) })
		wrong = slices.Concat(v.run.wrong, wrong)
	}
	if v.outage != nil {
		wrong = append(wrong, v.forgotten()...)
	}
	if v.failed != nil && v.outage == nil {
		wrong = append(wrong, "the visit fails: "+v.failed.Error())
	}
	if v.next != nil {
		wrong = append(wrong, "the next visit fails: "+v.next.Error())
	}
	if v.end.Owned || v.end.DOS != ocf.RFOTM {
		wrong = append(wrong, fmt.Sprintf("in the end it is in %v, owned %v", v.end.DOS, v.end.Owned))
	}
	for _, d := range v.owed {
		wrong = append(wrong, "in the end it is owed something: "+d.String())
	}
	return wrong
}

// ledger is a target.Ledger in memory: what the harness had written down before the
// power went is there when it comes again.
type ledger struct {
	mu    sync.Mutex
	debts map[string]target.Debt
}

// Enter opens the account of the Device at these addresses.
func (l *ledger) Enter(addresses ...string) (target.Account, error) {
	return &account{l, strings.Join(addresses, " ")}, nil
}

// Debts are those of all accounts.
func (l *ledger) Debts() ([]target.Debt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.debts)), nil
}

type account struct {
	in   *ledger
	name string
}

func (a *account) Debt() (target.Debt, bool, error) {
	a.in.mu.Lock()
	defer a.in.mu.Unlock()
	d, ok := a.in.debts[a.name]
	return d, ok, nil
}

func (a *account) Keep(d target.Debt) error {
	a.in.mu.Lock()
	defer a.in.mu.Unlock()
	if a.in.debts == nil {
		a.in.debts = map[string]target.Debt{}
	}
	a.in.debts[a.name] = d
	return nil
}

func (a *account) Settle() error {
	a.in.mu.Lock()
	defer a.in.mu.Unlock()
	delete(a.in.debts, a.name)
	return nil
}

func (a *account) Close() error { return nil }
