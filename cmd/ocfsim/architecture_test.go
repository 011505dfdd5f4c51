package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ocfsim/ocfsim"

// A room says what a package may import: our own packages by their path below the
// module, and the packages of others by their module. all lifts both limits.
type room struct {
	ours, foreign []string
	all           bool
}

const (
	cborModule   = "github.com/fxamacker/cbor/v2"
	coapModule   = "github.com/plgd-dev/go-coap/v3"
	yamlModule   = "go.yaml.in/yaml/v4"
	schemaModule = "github.com/santhosh-tekuri/jsonschema/v6"
	dtlsModule   = "github.com/pion/dtls/v3"
)

// rooms is the table of docs/adr/0059 and 0062: each of our packages, and what it may import.
// "/..." stands for a package and all packages below it.
func rooms() map[string]room {
	return map[string]room{
		"ocf":                         {foreign: []string{cborModule}},
		"ocf/secure":                  {ours: []string{"ocf"}, foreign: []string{dtlsModule, "github.com/pion/logging"}},
		"ocf/capture":                 {},
		"sim":                         {ours: []string{"ocf"}},
		"sim/source":                  {ours: []string{"ocf"}},
		"sim/source/certs":            {},
		"sim/source/ddi":              {},
		"sim/source/depot":            {ours: []string{"sim/source", "sim/source/ddi"}},
		"sim/source/coap":             {ours: []string{"sim/source", "sim/source/certs", "sim/source/depot"}, foreign: []string{coapModule, dtlsModule}},
		"sim/source/web":              {ours: []string{"sim/source", "sim/source/certs", "sim/source/ddi", "sim/source/depot"}},
		"sim/source/suit":             {foreign: []string{cborModule, "github.com/veraison/go-cose"}},
		"sim/source/genuine":          {ours: []string{"sim/source", "sim/source/suit", "sim/source/updater"}},
		"sim/source/updater/overcoap": {ours: []string{"sim/source/updater"}, foreign: []string{coapModule, dtlsModule}},
		"sim/source/updater":          {ours: []string{"sim/source", "sim/source/ddi", "sim/source/suit"}},
		"sim/store":                   {ours: []string{"ocf", "sim", "sim/fleet"}, foreign: []string{"go.etcd.io/bbolt"}},
		"sim/memnet":                  {ours: []string{"sim/fleet", "sim/impair"}},
		"sim/impair":                  {ours: []string{"sim/fleet"}},
		"sim/fleet":                   {ours: []string{"ocf", "ocf/capture", "ocf/secure", "sim", "sim/source"}, foreign: []string{coapModule, dtlsModule, "golang.org/x/net", "golang.org/x/sys"}},
		"conformance":                 {ours: []string{"ocf"}},
		"conformance/edition":         {ours: []string{"ocf", "fixtures/editions", "fixtures/strictyaml"}},
		"conformance/judge":           {ours: []string{"ocf", "conformance", "conformance/edition"}},
		"conformance/client":          {ours: []string{"ocf", "conformance", "conformance/judge"}},
		"conformance/assess":          {ours: []string{"ocf", "conformance", "conformance/edition", "conformance/judge", "conformance/client"}},
		"conformance/script":          {ours: []string{"ocf", "conformance", "fixtures/bounded"}},
		"conformance/target":          {ours: []string{"ocf", "ocf/capture", "ocf/secure", "conformance", "conformance/edition", "fixtures/strictyaml", "fixtures/bounded"}, foreign: []string{coapModule, dtlsModule, yamlModule, "golang.org/x/net"}},
		"conformance/durable":         {},
		"conformance/clause":          {},
		"conformance/ledger":          {ours: []string{"ocf", "conformance/target", "conformance/durable", "fixtures/bounded"}, foreign: []string{"github.com/gofrs/flock"}},
		"conformance/steps":           {ours: []string{"ocf", "conformance", "conformance/edition", "fixtures/bounded"}, foreign: []string{"github.com/cucumber/", "github.com/onsi/gomega"}},
		"conformance/suite": {ours: []string{
			"ocf", "ocf/capture", "ocf/secure", "conformance", "conformance/edition", "conformance/judge", "conformance/assess", "conformance/target", "conformance/steps", "conformance/waiver", "conformance/durable", "features", "fixtures/bounded", "reports",
		}},
		"conformance/waiver":  {ours: []string{"conformance", "conformance/assess", "fixtures/strictyaml", "fixtures/bounded"}},
		"reports":             {ours: []string{"ocf", "conformance", "conformance/edition", "conformance/assess", "conformance/clause", "conformance/durable", "features", "fixtures/bounded"}, foreign: []string{"github.com/cucumber/"}},
		"features":            {},
		"fixtures":            {ours: []string{"sim", "sim/source/depot", "ocf", "fixtures/strictyaml", "fixtures/bounded"}},
		"fixtures/fleetfile":  {ours: []string{"fixtures", "fixtures/strictyaml", "fixtures/bounded", "sim", "ocf"}},
		"fixtures/seeds":      {},
		"fixtures/editions":   {},
		"fixtures/bounded":    {},
		"fixtures/strictyaml": {foreign: []string{yamlModule, schemaModule}},
		"cmd/ocfsim/...":      {all: true},

		// it lists the requirements for judge, and imports nothing
		"conformance/judge/internal/catalogue": {},
	}
}

// apart are the two packages of which neither imports the other, directly or
// through a third package: the judge must not share a rule with what it judges.
var apart = [2]string{"sim", "conformance"}

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestImportDirections(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			pkgs := list(t, system)
			if len(pkgs) < 50 {
				t.Fatalf("go list names %d packages: that can't be all", len(pkgs))
			}
			for _, v := range violations(pkgs, rooms()) {
				t.Error(v)
			}
		})
	}
}

// TestEveryRoomExists checks that each room of the table has a package. When a
// package moves and the table still has its old path, its rule no longer holds.
func TestEveryRoomExists(t *testing.T) {
	pkgs := list(t, "linux")
	for path := range rooms() {
		path = strings.TrimSuffix(path, "/...")
		if !slices.ContainsFunc(pkgs, func(p pkg) bool { return p.ImportPath == module+"/"+path }) {
			t.Errorf("the table has a room for %s, and there is no such package", path)
		}
	}
}

func list(t *testing.T, system string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports,Standard", "./...")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &stderr)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// violations names every import that the table does not allow, in the order of pkgs.
func violations(pkgs []pkg, table map[string]room) []string {
	byPath := map[string]pkg{}
	for _, p := range pkgs {
		byPath[p.ImportPath] = p
	}
	var found []string
	for _, p := range pkgs {
		path, ours := strings.CutPrefix(p.ImportPath, module+"/")
		if !ours {
			continue
		}
		r, ok := roomOf(path, table)
		if !ok {
			found = append(found, fmt.Sprintf("%s is not in the table of rooms: add it, with what it may import", path))
			continue
		}
		for _, imported := range p.Imports {
			if why := forbidden(r, imported, byPath); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", path, strings.TrimPrefix(imported, module+"/"), why))
			}
		}
		found = append(found, meetings(p, byPath)...)
	}
	slices.Sort(found)
	return found
}

func roomOf(path string, table map[string]room) (room, bool) {
	if r, ok := table[path]; ok {
		return r, true
	}
	for pattern, r := range table {
		if below, ok := strings.CutSuffix(pattern, "/..."); ok && within(path, below) {
			return r, true
		}
	}
	return room{}, false
}

// forbidden says why a package in r may not import path; empty where it may.
func forbidden(r room, path string, byPath map[string]pkg) string {
	ours, isOurs := strings.CutPrefix(path, module+"/")
	switch {
	case r.all, byPath[path].Standard:
		return ""
	case isOurs && !slices.Contains(r.ours, ours):
		return fmt.Sprintf("of our packages it may import %s", orNothing(r.ours))
	case !isOurs && !slices.ContainsFunc(r.foreign, func(m string) bool { return within(path, m) }):
		return fmt.Sprintf("of other modules it may import %s", orNothing(r.foreign))
	}
	return ""
}

// meetings names the chains by which a package on one side reaches the other.
func meetings(p pkg, byPath map[string]pkg) []string {
	path := strings.TrimPrefix(p.ImportPath, module+"/")
	var found []string
	for i, side := range apart {
		other := module + "/" + apart[1-i]
		if !within(path, side) {
			continue
		}
		for _, reached := range slices.Sorted(maps.Keys(reach(p, byPath))) {
			if within(reached, other) {
				found = append(found, fmt.Sprintf("%s reaches %s: %s and %s never meet", path, strings.TrimPrefix(reached, module+"/"), apart[0], apart[1]))
			}
		}
	}
	return found
}

// reach is everything that p imports, directly or not.
func reach(p pkg, byPath map[string]pkg) map[string]bool {
	seen := map[string]bool{}
	queue := slices.Clone(p.Imports)
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if !seen[path] {
			seen[path] = true
			queue = append(queue, byPath[path].Imports...)
		}
	}
	return seen
}

// within reports whether path is root or below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, "/")+"/")
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// TestViolations tries the checker itself on invented packages.
func TestViolations(t *testing.T) {
	standard := pkg{ImportPath: "fmt", Standard: true}
	ours := func(path string, imports ...string) pkg {
		return pkg{ImportPath: module + "/" + path, Imports: imports}
	}
	m := func(path string) string { return module + "/" + path }
	for _, c := range []struct {
		name string
		pkgs []pkg
		want []string
	}{
		{"clean", []pkg{standard, ours("ocf", "fmt", cborModule), ours("sim", m("ocf")), ours("cmd/ocfsim/internal/x", m("sim"), m("conformance"), "example.org/x")}, nil},
		{"downwards alone", []pkg{standard, ours("ocf", m("sim"))}, []string{"ocf imports sim: of our packages it may import nothing"}},
		{
			"judge and judged",
			[]pkg{ours("sim", m("conformance")), ours("conformance")},
			[]string{"sim imports conformance: of our packages it may import ocf", "sim reaches conformance: sim and conformance never meet"},
		},
		{
			"through a third",
			[]pkg{ours("conformance/target", m("fixtures/strictyaml")), ours("fixtures/strictyaml", m("fixtures")), ours("fixtures", m("sim")), ours("sim")},
			[]string{
				"conformance/target reaches sim: sim and conformance never meet",
				"fixtures/strictyaml imports fixtures: of our packages it may import nothing",
			},
		},
		{
			"the record knows no judge, and the judge no report",
			[]pkg{ours("conformance", m("conformance/judge")), ours("conformance/judge", m("conformance/assess")), ours("conformance/assess", m("conformance/judge"), m("conformance"))},
			[]string{
				"conformance imports conformance/judge: of our packages it may import ocf",
				"conformance/judge imports conformance/assess: of our packages it may import ocf, conformance, conformance/edition",
			},
		},
		{
			"what drives and what reports knows no rule",
			[]pkg{ours("conformance/steps", m("conformance/judge")), ours("reports", m("conformance/judge"), m("conformance/assess"))},
			[]string{
				"conformance/steps imports conformance/judge: of our packages it may import ocf, conformance, conformance/edition, fixtures/bounded",
				"reports imports conformance/judge: of our packages it may import ocf, conformance, conformance/edition, conformance/assess, conformance/clause, conformance/durable, features, fixtures/bounded",
			},
		},
		{"foreign", []pkg{ours("sim", coapModule+"/message")}, []string{"sim imports github.com/plgd-dev/go-coap/v3/message: of other modules it may import nothing"}},
		{"a name that only begins alike", []pkg{ours("ocf", cborModule+"x")}, []string{"ocf imports github.com/fxamacker/cbor/v2x: of other modules it may import github.com/fxamacker/cbor/v2"}},
		{"unknown", []pkg{ours("util")}, []string{"util is not in the table of rooms: add it, with what it may import"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := violations(c.pkgs, rooms()); !slices.Equal(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}
