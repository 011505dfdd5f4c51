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

// sleeper is a Device that sleeps, and a Client of it with what it recorded.
type sleeper struct {
	lab    *lab.Lab
	cfg    target.Config
	device *target.Target
	client *target.Client
	rec    *conformance.Recorder
}

// withSleeper runs a test in a bubble with a Device that sleeps. What the target says of it
// may be changed before it is opened.
func withSleeper(t *testing.T, cfg lab.Config, change func(*target.Config), test func(t *testing.T, s *sleeper)) {
	t.Helper()
	var err error
	if cfg.Specimens, err = lab.Specimens([]string{"sleepy"}); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &sleeper{rec: conformance.NewRecorder(conformance.Header{}, nil)}
		if s.lab, err = lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{})); err != nil {
			t.Fatal(err)
		}
		defer s.lab.Close()
		s.cfg = s.lab.Targets()[0]
		if change != nil {
			change(&s.cfg)
		}
		if s.device, err = target.Open(t.Context(), s.cfg); err != nil {
			t.Fatal(err)
		}
		if s.client, err = s.device.Client(t.Context(), conformance.Privileged, s.rec); err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

// read reads pstat and returns what came of it.
func (s *sleeper) read(t *testing.T) conformance.Observation {
	t.Helper()
	n, err := s.client.Do(t.Context(), conformance.Call{Method: "GET", Path: ocf.PathPstat})
	if err != nil {
		t.Fatal(err)
	}
	return s.rec.Timeline().Observations[n]
}

// TestRequestsWaitForASleepingDevice asks a Device that sleeps, with and without a
// session: the request leaves when the Device is awake, and once. Where the target does
// not say that it sleeps, the same request is lost.
func TestRequestsWaitForASleepingDevice(t *testing.T) {
	for _, unsecured := range []bool{true, false} {
		withSleeper(t, lab.Config{Unsecured: unsecured}, nil, func(t *testing.T, s *sleeper) {
			sleep := s.cfg.Profile.Sleep
			for range 3 {
				time.Sleep(sleep.Awake + sleep.Every/7)
				asked := time.Now()
				if o := s.read(t); o.Kind != conformance.Response {
					t.Fatalf("unsecured %v: %v: %s", unsecured, o.Kind, o.Text)
				}
				if took := time.Since(asked); took > sleep.Every+sleep.Awake {
					t.Errorf("unsecured %v: it took %v", unsecured, took)
				}
			}
			for _, o := range s.rec.Timeline().Observations {
				if strings.HasPrefix(o.Text, "retransmission") {
					t.Errorf("unsecured %v: %s", unsecured, o.Text)
				}
			}
			if err := errors.Join(s.client.Close(), s.device.Close(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestADeviceThatDoesNotWake is asked though nobody is there: the request is sent when
// the time is over within which the Device would have woken, and is lost as ever.
func TestADeviceThatDoesNotWake(t *testing.T) {
	withSleeper(t, lab.Config{Unsecured: true}, nil, func(t *testing.T, s *sleeper) {
		if err := s.lab.Close(); err != nil {
			t.Fatal(err)
		}
		sleep := s.cfg.Profile.Sleep
		time.Sleep(sleep.Every)
		asked := time.Now()
		if o := s.read(t); o.Kind != conformance.Lost {
			t.Fatalf("%+v", s.rec.Timeline().Observations)
		}
		if took := time.Since(asked); took < sleep.Every+sleep.Awake {
			t.Errorf("it was given up after %v, before it would have woken", took)
		}
		if err := s.client.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestADeviceThatSleepsEarlier has a target file that declares the Device awake for twice as long
// as it is: the report says what was measured.
func TestADeviceThatSleepsEarlier(t *testing.T) {
	for _, times := range []time.Duration{1, 2} {
		declare := func(c *target.Config) { c.Profile.Sleep.Awake *= times }
		withSleeper(t, lab.Config{Unsecured: true}, declare, func(t *testing.T, s *sleeper) {
			awake := s.cfg.Profile.Sleep.Awake
			for range 4 {
				for _, pause := range []time.Duration{awake / 4, awake * 5 / 8} {
					time.Sleep(pause)
					s.read(t)
				}
			}
			if err := errors.Join(s.client.Close(), s.device.Close(t.Context())); err != nil {
				t.Error(err)
			}
			run := assess.Run{Target: s.cfg.Profile, Partial: true, Scenarios: []conformance.ScenarioRun{{ID: "one", Timeline: s.rec.Timeline()}}}
			remarks := run.Assess().Remarks
			if said := len(remarks) == 1 && strings.Contains(remarks[0].Says, "it sleeps earlier than it declares"); said != (times > 1) {
				t.Errorf("declared %v: %v", awake, remarks)
			}
		})
	}
}
