package suite_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/features"
)

// offline is a target that no datagram reaches.
func offline(name string) target.Config {
	return target.Config{
		Profile: conformance.Profile{Name: name, Endpoint: "coap://192.0.2.1:5683"},
		Dial:    func(context.Context, string) (net.Conn, error) { return nil, errors.New("no route to the lamp") },
	}
}

// ownFeatures is one scenario of somebody's own.
func ownFeatures() fs.FS {
	return fstest.MapFS{"lamp.feature": {Data: []byte(`
Feature: lamp
  @SVV-6
  Scenario: It blinks
    Given a Device in RFNOP
    When pstat is read
    Then pstat is unchanged
`)}}
}

// What can't be run is said before anything is touched.
func TestRunRefuses(t *testing.T) {
	one := []target.Config{offline("lamp")}
	for want, cfg := range map[string]suite.Config{
		"suite: Targets: none":                    {},
		"suite: Repeat: -1 is below 0":            {Targets: one, Repeat: -1},
		"suite: Sentences: sentence":              {Targets: one, Sentences: []steps.Definition{{Word: steps.When, Text: "it blinks"}}},
		"suite: Selection: tag expression":        {Targets: one, Selection: suite.Selection{Tags: "@SVV-666"}},
		"suite: Selection: there is no scenario":  {Targets: one, Selection: suite.Selection{IDs: []string{"lamp.it-sings"}}},
		"suite: Selection: there is no *.feature": {Targets: one, Selection: suite.Selection{Features: []fs.FS{fstest.MapFS{}}}},
		"suite: Selection: features together: ":   {Targets: one, Selection: suite.Selection{Features: []fs.FS{ownFeatures(), ownFeatures()}}},
	} {
		cfg.Dir = filepath.Join(t.TempDir(), "out")
		results, err := suite.Run(t.Context(), cfg)
		if err == nil || !strings.Contains(err.Error(), want) || results != nil {
			t.Errorf("%d results, %v, want %s", len(results), err, want)
		}
		if _, err := os.Stat(cfg.Dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the folder was made, %v", want, err)
		}
	}
}

// onlyValidation is one file of the built-in features.
func onlyValidation(t *testing.T) fs.FS {
	t.Helper()
	data, err := fs.ReadFile(features.FS, "validation.feature")
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"validation.feature": {Data: data}}
}

func TestSelection(t *testing.T) {
	load := func(s suite.Selection) suite.Selection {
		t.Helper()
		s, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	all := load(suite.Selection{})
	if all.Partial || len(all.Scenarios) == 0 {
		t.Errorf("the zero value: %d scenarios, partial %v", len(all.Scenarios), all.Partial)
	}
	id, builtin := all.Scenarios[0].ID, len(all.Scenarios)
	validation := 0
	for _, s := range all.Scenarios {
		if strings.HasPrefix(s.ID, "validation.") {
			validation++
		}
	}
	for name, c := range map[string]struct {
		s       suite.Selection
		n       int
		partial bool
		of      int
	}{
		"one's own":                     {suite.Selection{Features: []fs.FS{ownFeatures()}}, 1, false, builtin + 1},
		"beside the built-in":           {suite.Selection{Features: []fs.FS{features.FS, ownFeatures()}}, builtin + 1, false, builtin + 1},
		"by a tag":                      {suite.Selection{Features: []fs.FS{ownFeatures()}, Tags: "@SVV-6"}, 1, true, builtin + 1},
		"by ids, of which one is twice": {suite.Selection{IDs: []string{id, id, all.Scenarios[1].ID}}, 2, true, builtin},
		"loaded before":                 {suite.Selection{Scenarios: all.Scenarios[:3], Tags: "not looked at"}, 3, false, 0},
		"a part of the built-in":        {suite.Selection{Features: []fs.FS{onlyValidation(t)}}, validation, false, builtin},
	} {
		if got := load(c.s); len(got.Scenarios) != c.n || got.Partial != c.partial || got.Of != c.of {
			t.Errorf("%s: %d scenarios of %d, partial %v; want %d of %d, %v", name, len(got.Scenarios), got.Of, got.Partial, c.n, c.of, c.partial)
		}
	}
}

// A target that can't be reached is an error of its result, in memory as on disk,
// and no error of the run.
func TestTargetsThatCannotBeReached(t *testing.T) {
	dir := t.TempDir()
	cfg := suite.Config{
		Targets:   []target.Config{offline("Lamp"), offline("lamp")},
		Selection: suite.Selection{Features: []fs.FS{ownFeatures()}},
	}
	remembered, err := suite.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Dir = dir
	written, err := suite.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range slices.Concat(remembered, written) {
		first := r.Concerns()[0]
		if r.Err == nil || r.Report.Verdict != conformance.Error || !first.Red() || !strings.Contains(first.Text, "no route to the lamp") {
			t.Errorf("result %d: %v, %s, %s", i, r.Err, r.Report.Verdict, first.Text)
		}
		if !strings.Contains(r.Summary(), "\nERROR          exit 4: ") {
			t.Errorf("result %d:\n%s", i, r.Summary())
		}
		if whole, err := r.Whole(); err != nil || len(whole.Requirements) != len(r.Report.Requirements) {
			t.Errorf("result %d: %d requirements of %d, %v", i, len(whole.Requirements), len(r.Report.Requirements), err)
		}
	}
	if code := suite.ExitCode(remembered); code != suite.ExitError {
		t.Errorf("exit code %d", code)
	}
	for _, name := range []string{"index.json", "lamp/results.json", "lamp-2/report.html"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if remembered[0].Dir != "" || written[1].Dir != filepath.Join(dir, "lamp-2") {
		t.Errorf("folders %q, %q", remembered[0].Dir, written[1].Dir)
	}
}
