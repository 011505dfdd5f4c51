package lab_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestRequestsWaitForASleepingDevice asks a Device that sleeps, with and without a
// session: the request leaves when the Device is awake, and once. Where the target does
// not say that it sleeps, the same request is lost.
func TestRequestsWaitForASleepingDevice(t *testing.T) {
	specimens, err := lab.Specimens([]string{"sleepy"})
	if err != nil {
		t.Fatal(err)
	}
	for _, unsecured := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l, err := lab.OpenVirtual(lab.Config{Specimens: specimens, Unsecured: unsecured}, memnet.New(1, memnet.Impairment{}))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			cfg := l.Targets()[0]
			sleep := cfg.Profile.Sleep
			dev, err := target.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			rec := conformance.NewRecorder(conformance.Header{}, nil)
			c, err := dev.Client(t.Context(), conformance.Privileged, rec)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				time.Sleep(sleep.Awake + sleep.Every/7)
				asked := time.Now()
				n, err := c.Do(t.Context(), conformance.Call{Method: "GET", Path: ocf.PathPstat})
				if o := rec.Timeline().Observations[n]; err != nil || o.Kind != conformance.Response {
					t.Fatalf("unsecured %v: %v, %v: %s", unsecured, err, o.Kind, o.Text)
				}
				if took := time.Since(asked); took > sleep.Every+sleep.Awake {
					t.Errorf("unsecured %v: it took %v", unsecured, took)
				}
			}
			for _, o := range rec.Timeline().Observations {
				if strings.HasPrefix(o.Text, "retransmission") {
					t.Errorf("unsecured %v: %s", unsecured, o.Text)
				}
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if err := dev.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestADeviceThatDoesNotWake is asked though nobody is there: the request is sent when
// the time is over within which the Device would have woken, and is lost as ever.
func TestADeviceThatDoesNotWake(t *testing.T) {
	specimens, err := lab.Specimens([]string{"sleepy"})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New(1, memnet.Impairment{})
		l, err := lab.OpenVirtual(lab.Config{Specimens: specimens, Unsecured: true}, network)
		if err != nil {
			t.Fatal(err)
		}
		cfg := l.Targets()[0]
		dev, err := target.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		rec := conformance.NewRecorder(conformance.Header{}, nil)
		c, err := dev.Client(t.Context(), conformance.Privileged, rec)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(cfg.Profile.Sleep.Every)
		asked := time.Now()
		n, err := c.Do(t.Context(), conformance.Call{Method: "GET", Path: ocf.PathPstat})
		if err != nil || rec.Timeline().Observations[n].Kind != conformance.Lost {
			t.Fatalf("%v, %+v", err, rec.Timeline().Observations)
		}
		if took := time.Since(asked); took < cfg.Profile.Sleep.Every+cfg.Profile.Sleep.Awake {
			t.Errorf("it was given up after %v, before it would have woken", took)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestADeviceThatSleepsEarlier has a target file that declares the Device awake for twice as long
// as it is: the report says what was measured.
func TestADeviceThatSleepsEarlier(t *testing.T) {
	specimens, err := lab.Specimens([]string{"sleepy"})
	if err != nil {
		t.Fatal(err)
	}
	for _, times := range []time.Duration{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			l, err := lab.OpenVirtual(lab.Config{Specimens: specimens, Unsecured: true}, memnet.New(1, memnet.Impairment{}))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			cfg := l.Targets()[0]
			cfg.Profile.Sleep.Awake *= times
			dev, err := target.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			rec := conformance.NewRecorder(conformance.Header{}, nil)
			c, err := dev.Client(t.Context(), conformance.Privileged, rec)
			if err != nil {
				t.Fatal(err)
			}
			awake := cfg.Profile.Sleep.Awake
			for range 4 {
				for _, pause := range []time.Duration{awake / 4, awake * 5 / 8} {
					time.Sleep(pause)
					if _, err := c.Do(t.Context(), conformance.Call{Method: "GET", Path: ocf.PathPstat}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := errors.Join(c.Close(), dev.Close(t.Context())); err != nil {
				t.Error(err)
			}
			run := assess.Run{Target: cfg.Profile, Partial: true, Scenarios: []conformance.ScenarioRun{{ID: "one", Timeline: rec.Timeline()}}}
			remarks := run.Assess().Remarks
			if said := len(remarks) == 1 && strings.Contains(remarks[0].Says, "it sleeps earlier than it declares"); said != (times > 1) {
				t.Errorf("declared %v: %v", awake, remarks)
			}
		})
	}
}
