package lamp_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"example.com/lamp/sentences"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// bench is where the lamp under test stands. Here the lamp is a virtual one, so
// that the example runs anywhere. With LAMP, the URI of a real one, and BENCH, the URL
// of the hook that brings it into a state, it is that lamp:
//
//	LAMP=coap://192.0.2.7:5683 BENCH=http://192.0.2.1:9000/ go test
type bench struct{ lamp *fleet.Running }

// Apply brings the lamp, or what it is told of updates, into a state: the bench
// is the target.Conditions of its lamp. Yours would talk to your update server.
func (b bench) Apply(_ context.Context, name string) (*conformance.SourceReport, error) {
	report, err := b.lamp.Condition(b.lamp.URI(0), name)
	switch {
	case errors.Is(err, fleet.ErrUnsupported):
		return nil, fmt.Errorf("%w: %s", target.ErrUnsupported, name)
	case err != nil || name != conformance.ReportSource:
		return nil, err
	}
	return &conformance.SourceReport{
		Checks: report.Checks, Fetches: report.Fetches, Served: report.Served, Holding: report.Holding, Version: report.Version,
	}, nil
}

// switchOn has a lamp on the bench until the test ends.
func switchOn(t testing.TB) bench {
	t.Helper()
	success, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	lamp, err := fleet.Start(context.Background(), fleet.Options{Behaviours: []sim.Behaviour{success}, Speed: 50})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lamp.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench{lamp}
}

// config is the run of the suite that the tests of this package share: the lamp of
// the target file, and some built-in scenarios beside one of our own.
func config(t testing.TB) suite.Config {
	t.Helper()
	lamp, err := target.Load("lamp.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if real := os.Getenv("LAMP"); real != "" {
		lamp.Profile.Endpoint, lamp.Conditions = real, &target.HTTP{URL: os.Getenv("BENCH")}
	} else {
		b := switchOn(t)
		lamp.Profile.Endpoint, lamp.Conditions = b.lamp.URI(0), b
	}
	return suite.Config{
		Targets: []target.Config{lamp},
		Selection: suite.Selection{
			Features: []fs.FS{features.FS, os.DirFS("features")},
			Tags:     "@SVV-6 and @SVV-8", // without it, all of them are run
		},
		Sentences: sentences.All(),
	}
}
