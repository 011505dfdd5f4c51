package target

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/strictyaml"
	"github.com/ocfsim/ocfsim/ocf"
)

//go:embed target.schema.json
var schema []byte

// file is a target file as it is written.
type file struct {
	Name     string `yaml:"name"`
	Vendor   string `yaml:"vendor"`
	Product  string `yaml:"product"`
	Version  string `yaml:"version"`
	Contact  string `yaml:"contact"`
	Edition  string `yaml:"edition"`
	Endpoint string `yaml:"endpoint"`
	Discover struct {
		DI        string `yaml:"di"`
		Interface string `yaml:"interface"`
	} `yaml:"discover"`
	Security *securityFile `yaml:"security"`
	Supports struct {
		Validation     *bool `yaml:"validation"`
		Update         *bool `yaml:"update"`
		Autonomous     bool  `yaml:"autonomous"`
		SoftwareUpdate bool  `yaml:"softwareupdate-resource"`
		Availability   *bool `yaml:"availability"`
	} `yaml:"supports"`
	Timing struct {
		Validation string `yaml:"validation"`
		Update     string `yaml:"update"`
		Settle     string `yaml:"settle"`
		Reboot     string `yaml:"reboot"`
		Scenario   string `yaml:"scenario"`
	} `yaml:"timing"`
	Sleep struct {
		Every string `yaml:"every"`
		Awake string `yaml:"awake"`
	} `yaml:"sleep"`
	Transmission struct {
		ACKTimeout    string `yaml:"ack_timeout"`
		MaxRetransmit int    `yaml:"max_retransmit"`
	} `yaml:"transmission"`
	Update struct {
		DOS     any    `yaml:"dos"`
		Reboots bool   `yaml:"reboots"`
		Version string `yaml:"version"`
	} `yaml:"update"`
	Policy struct {
		SSUStartClears string `yaml:"ssu_start_clears"`
	} `yaml:"policy"`
	Always     []string `yaml:"always"`
	Conditions struct {
		Exec    []string `yaml:"exec"`
		HTTP    string   `yaml:"http"`
		Lines   []string `yaml:"lines"`
		Prompt  bool     `yaml:"prompt"`
		Timeout string   `yaml:"timeout"`
	} `yaml:"conditions"`
}

// Load reads a target file. A mistake in it is an error that reads
// "file:line:column: what was expected". Relative paths of hooks are relative
// to the file.
func Load(path string) (Config, error) {
	data, err := bounded.ReadFile(path, bounded.Text)
	if err != nil {
		return Config{}, fmt.Errorf("read target file: %w", err)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Config{}, fmt.Errorf("target file %s: %w", path, err)
	}
	return parse(path, dir, data)
}

// parse reads a target file's text; dir is where its hooks live.
func parse(name, dir string, data []byte) (Config, error) {
	var f file
	if err := strictyaml.Decode(name, data, schema, &f); err != nil {
		return Config{}, err
	}
	r := reader{name: name, data: data}
	c := Config{
		Profile:  f.profile(&r),
		Identity: Identity{Vendor: f.Vendor, Product: f.Product, Version: f.Version, Contact: f.Contact},
	}
	if f.Discover.DI != "" {
		di, err := ocf.ParseUUID(f.Discover.DI)
		r.check(err, "discover", "di")
		c.Find, c.Interface = di, f.Discover.Interface
	}
	c.Security = f.Security.read(&r, dir)
	c.ConditionTimeout = r.duration(f.Conditions.Timeout, "conditions", "timeout")
	c.ACKTimeout = r.duration(f.Transmission.ACKTimeout, "transmission", "ack_timeout")
	c.MaxRetransmit = f.Transmission.MaxRetransmit
	c.Conditions = f.conditions(dir)
	c = c.withDefaults()
	r.check(c.validate(), "endpoint")
	if r.err != nil {
		return Config{}, r.err
	}
	return c, nil
}

// profile is what f declares.
func (f *file) profile(r *reader) conformance.Profile {
	p := conformance.Profile{Name: f.Name, Endpoint: f.Endpoint, Edition: f.Edition}
	if _, known := edition.Named(f.Edition); f.Edition != "" && !known {
		r.fail(fmt.Sprintf("unknown edition %q, expected %s", f.Edition, strings.Join(edition.IDs(), " or ")), "edition")
	}
	if f.Endpoint != "" {
		_, secured, err := parseNamed(f.Endpoint)
		r.check(err, "endpoint")
		p.Secured = secured
	}
	if f.Security != nil {
		if f.Security.Unsecured && p.Secured {
			r.fail("a coaps endpoint is not unsecured", "security")
		}
		p.Secured = !f.Security.Unsecured
	}
	p.Supports = conformance.Supports{
		Validation:     f.Supports.Validation == nil || *f.Supports.Validation,
		Update:         f.Supports.Update == nil || *f.Supports.Update,
		Autonomous:     f.Supports.Autonomous,
		SoftwareUpdate: f.Supports.SoftwareUpdate,
		Availability:   f.Supports.Availability,
	}
	p.Timing = conformance.Timing{
		Validation: r.duration(f.Timing.Validation, "timing", "validation"),
		Update:     r.duration(f.Timing.Update, "timing", "update"),
		Settle:     r.duration(f.Timing.Settle, "timing", "settle"),
		Reboot:     r.duration(f.Timing.Reboot, "timing", "reboot"),
		Scenario:   r.duration(f.Timing.Scenario, "timing", "scenario"),
	}
	p.Sleep = conformance.Sleep{Every: r.duration(f.Sleep.Every, "sleep", "every"), Awake: r.duration(f.Sleep.Awake, "sleep", "awake")}
	p.Update = conformance.Update{Reboots: f.Update.Reboots, Version: f.Update.Version}
	p.Update.DOS, p.Update.AnyDOS = excursion(f.Update.DOS)
	p.Policy.SSUStartClears = f.Policy.SSUStartClears
	p.Always = f.Always
	return p
}

// excursion reads update.dos, which the schema has checked.
func excursion(declared any) (path []ocf.DOS, anyDOS bool) {
	switch d := declared.(type) {
	case string:
		return nil, d == "any"
	case []any:
		for _, name := range d {
			text, _ := name.(string)
			if state, err := ocf.ParseDOS(text); err == nil {
				path = append(path, state)
			}
		}
	}
	return path, false
}

// conditions is what brings the Device into a state; nil if f declares nothing.
func (f *file) conditions(dir string) Conditions {
	switch {
	case len(f.Conditions.Exec) > 0:
		return &Exec{Argv: program(dir, f.Conditions.Exec), Dir: dir}
	case len(f.Conditions.Lines) > 0:
		return &Lines{Argv: program(dir, f.Conditions.Lines), Dir: dir}
	case f.Conditions.HTTP != "":
		return &HTTP{URL: f.Conditions.HTTP}
	case f.Conditions.Prompt:
		return &Prompt{In: os.Stdin, Out: os.Stderr}
	}
	return nil
}

// program is a hook's command as a file in dir means it: a path is relative to dir, and a
// name is looked for in PATH.
func program(dir string, argv []string) []string {
	argv = append([]string(nil), argv...)
	if strings.ContainsRune(filepath.ToSlash(argv[0]), '/') && !filepath.IsAbs(argv[0]) {
		argv[0] = filepath.Join(dir, argv[0])
	}
	return argv
}

// reader keeps the first mistake that a schema can't find.
type reader struct {
	name string
	data []byte
	err  error
}

// duration reads a positive duration; empty is 0.
func (r *reader) duration(text string, path ...string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		r.fail(fmt.Sprintf("expected a positive duration such as 30s, got %q", text), path...)
	}
	return d
}

func (r *reader) check(err error, path ...string) {
	if err != nil {
		r.fail(err.Error(), path...)
	}
}

func (r *reader) fail(text string, path ...string) {
	if r.err == nil {
		r.err = strictyaml.At(r.name, r.data, text, path...)
	}
}
