package campaign

import (
	"cmp"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/strictyaml"
	"github.com/ocfsim/ocfsim/ocf"
)

//go:embed campaign.schema.json
var schema []byte

//go:embed example.yaml
var example string

// Schema is the JSON Schema of campaign files.
func Schema() []byte { return slices.Clone(schema) }

// Example is a campaign file with comments, to begin with.
func Example() string { return example }

// Plan is what is to be done with a fleet of Devices. Each duration is above 0 unless
// it is said that 0 means none.
type Plan struct {
	Name    string
	Edition string // whose letters tm and cm are told in, and by which a sample is judged; "" if none is named
	Check   bool   // ends with the check: nothing is updated
	// OnlyName and OnlyVersion are patterns, as of path.Match, that n of /oic/d and the
	// software version have to fit; "" fits everything.
	OnlyName, OnlyVersion string
	Shuffle               bool // the order of the Devices is drawn from Seed
	Seed                  uint64
	Waves                 []Wave // at least one
	AtOnce                int    // how many Devices are under way at a time
	Handshakes            int    // how many sessions are being opened at a time
	PerSecond             float64
	Failures              Share         // the campaign begins no further Device beyond so many failures
	Tries                 int           // how often a request is made that is answered by a fault, or by nobody
	Unheard               int           // how often, as long as none of several Devices has answered anything; 0: Tries
	Validation            time.Duration // how long a check may take
	Update                time.Duration // how long an update may take
	Answer                time.Duration // how long an answer may take that the Device has promised by an ACK
	Poll                  bool          // reads pstat again and again, and does not observe it
	Look                  time.Duration // how often pstat is read, or its observation renewed
	Version               string        // where the software version is read: VersionOfDevice, VersionOfPlatform or VersionUndeclared
	First                 string        // first address that requests come from; "" leaves it to the system
	Sources               int           // how many addresses, or ports of one, they come from
	Security              Security
}

// Where Devices show the version of their software, as in target files. An update that
// leaves the version as it was is not proven, except where it is undeclared.
const (
	VersionOfDevice   = ocf.PathD + "#sv"
	VersionOfPlatform = ocf.PathP + "#mnfv"
	VersionUndeclared = "undeclared" // sv, which may be of something else than what is updated
)

// Versions are the places where a version can be read.
func Versions() []string { return []string{VersionOfDevice, VersionOfPlatform, VersionUndeclared} }

// Wave is a part of the Devices that is begun after the wave before it has ended.
type Wave struct {
	Devices  Share         // the zero Share: all that are left
	Pause    time.Duration // before the next wave; 0: none
	Failures Share         // the campaign ends with this wave beyond so many
}

// GivenUp is how long a Device is asked at most while none of several has answered: MAX_TRANSMIT_WAIT (RFC 7252 section 4.8.2) for each request.
func (p *Plan) GivenUp() time.Duration {
	return time.Duration(cmp.Or(p.Unheard, p.Tries)) * (ackTimeout + ackRandom) * (1<<(maxRetransmit+1) - 1)
}

// Share is a number of Devices, or a part of all of them.
type Share struct {
	Count   int
	Percent float64
	Set     bool
}

// Of is the share of n Devices; a part that is not whole is rounded down, but for a part
// above 0 it is never 0 Devices.
func (s Share) Of(n int) int {
	if s.Percent == 0 {
		return min(s.Count, n)
	}
	return max(1, int(s.Percent*float64(n)/100))
}

// exceeded reports whether so many failures among n Devices are more than s allows. A Share
// that is not set allows any number.
func (s Share) exceeded(failures, n int) bool {
	switch {
	case !s.Set:
		return false
	case s.Percent > 0:
		return float64(failures)*100 > s.Percent*float64(n)
	}
	return failures > s.Count
}

// Security is how Devices are reached that need a session. The zero value is for those
// that a target file speaks for, and for plain CoAP.
type Security struct {
	Credential string // file with the owner's credential
	Like       string // target file, whose security holds for all Devices
	Own        string // owner transfer method, where Devices have no owner: justworks or pin
	PIN        string
}

// file is a campaign file as it is written.
type file struct {
	Name    string `yaml:"name"`
	Edition string `yaml:"edition"`
	Do      string `yaml:"do"`
	Only    struct {
		Name    string `yaml:"name"`
		Version string `yaml:"version"`
	} `yaml:"only"`
	Order string `yaml:"order"`
	Seed  uint64 `yaml:"seed"`
	Waves []struct {
		Devices  any    `yaml:"devices"`
		Pause    string `yaml:"pause"`
		Failures any    `yaml:"failures"`
	} `yaml:"waves"`
	Limits struct {
		AtOnce     int      `yaml:"at-once"`
		Handshakes int      `yaml:"handshakes"`
		PerSecond  *float64 `yaml:"per-second"`
		Failures   any      `yaml:"failures"`
		Tries      int      `yaml:"tries"`
	} `yaml:"limits"`
	Timing struct {
		Validation string `yaml:"validation"`
		Update     string `yaml:"update"`
		Answer     string `yaml:"answer"`
	} `yaml:"timing"`
	Watch struct {
		By    string `yaml:"by"`
		Every string `yaml:"every"`
	} `yaml:"watch"`
	Version  string `yaml:"version"`
	Requests struct {
		From    string `yaml:"from"`
		Sources int    `yaml:"sources"`
	} `yaml:"requests"`
	Security struct {
		Credential string `yaml:"credential"`
		Like       string `yaml:"like"`
		Own        string `yaml:"own"`
		PIN        string `yaml:"pin"`
	} `yaml:"security"`
}

// Load reads a campaign file. A mistake in it is an error that reads
// "file:line:column: what was expected".
func Load(name string) (Plan, []byte, error) {
	data, err := bounded.ReadFile(name, bounded.Text)
	if err != nil {
		return Plan{}, nil, fmt.Errorf("read campaign file: %w", err)
	}
	p, err := Parse(name, data)
	return p, data, err
}

// Parse reads the campaign file data; name stands in errors.
func Parse(name string, data []byte) (Plan, error) {
	var f file
	if err := strictyaml.Decode(name, data, schema, &f); err != nil {
		return Plan{}, err
	}
	r := &reader{name: name, data: data}
	p := Plan{
		Name: f.Name, Edition: f.Edition, Check: f.Do == "check", OnlyName: f.Only.Name, OnlyVersion: f.Only.Version,
		Shuffle: f.Order == "random", Seed: f.Seed,
		AtOnce: f.Limits.AtOnce, Handshakes: f.Limits.Handshakes, PerSecond: 1000, Failures: r.share(f.Limits.Failures, "limits", "failures"), Tries: f.Limits.Tries,
		Validation: r.duration(f.Timing.Validation, time.Minute, "timing", "validation"),
		Update:     r.duration(f.Timing.Update, 5*time.Minute, "timing", "update"),
		Answer:     r.duration(f.Timing.Answer, 30*time.Second, "timing", "answer"),
		Poll:       f.Watch.By == "poll", Look: r.duration(f.Watch.Every, 30*time.Second, "watch", "every"),
		Version: cmp.Or(f.Version, VersionOfDevice), First: f.Requests.From, Sources: f.Requests.Sources,
		Security: Security{Credential: f.Security.Credential, Like: f.Security.Like, Own: f.Security.Own, PIN: f.Security.PIN},
	}
	if p.AtOnce == 0 {
		p.AtOnce = 100
	}
	if p.Handshakes == 0 {
		p.Handshakes = 64
	}
	if p.Tries == 0 {
		p.Tries, p.Unheard = 3, 1
	}
	if p.Sources == 0 {
		p.Sources = 1
	}
	if f.Limits.PerSecond != nil {
		p.PerSecond = *f.Limits.PerSecond
	}
	for i, w := range f.Waves {
		at := []string{"waves", strconv.Itoa(i)}
		p.Waves = append(p.Waves, Wave{
			Devices:  r.share(w.Devices, append(at, "devices")...),
			Pause:    r.duration(w.Pause, 0, append(at, "pause")...),
			Failures: r.share(w.Failures, append(at, "failures")...),
		})
	}
	if len(p.Waves) == 0 {
		p.Waves = []Wave{{}}
	}
	return p, r.check(p)
}

// reader finds what a schema can't: the first mistake stays.
type reader struct {
	name string
	data []byte
	err  error
}

func (r *reader) wrong(text string, at ...string) {
	if r.err == nil {
		r.err = strictyaml.At(r.name, r.data, text, at...)
	}
}

func (r *reader) duration(text string, otherwise time.Duration, at ...string) time.Duration {
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		r.wrong(fmt.Sprintf("%q: expected a duration above 0, such as 30s", text), at...)
	}
	return d
}

// share reads 10, 10% and rest; the schema knows their forms.
func (r *reader) share(v any, at ...string) Share {
	switch v := v.(type) {
	case nil:
		return Share{}
	case int:
		return Share{Count: v, Set: true}
	case uint64:
		return Share{Count: int(v), Set: true}
	case string:
		if v == "rest" {
			return Share{}
		}
		percent, err := strconv.ParseFloat(strings.TrimSuffix(v, "%"), 64)
		if err != nil || percent > 100 {
			r.wrong(fmt.Sprintf("%q: expected at most 100%%", v), at...)
		}
		return Share{Percent: percent, Set: true}
	}
	r.wrong(fmt.Sprintf("%v: expected a number of Devices or a part such as 10%%", v), at...)
	return Share{}
}

// leastPoll is how often pstat may be read again: what is faster and does not observe is a
// burden to Devices (WATCH-3).
const leastPoll = 6 * time.Second

// check holds p to what concerns several keys.
func (r *reader) check(p Plan) error {
	for i, w := range p.Waves {
		if !w.Devices.Set && i < len(p.Waves)-1 {
			r.wrong("only the last wave can take the rest", "waves", strconv.Itoa(i))
		}
	}
	for key, pattern := range map[string]string{"name": p.OnlyName, "version": p.OnlyVersion} {
		if _, err := path.Match(pattern, ""); err != nil {
			r.wrong(fmt.Sprintf("%q: expected a pattern such as 1.0.*", pattern), "only", key)
		}
	}
	if _, known := edition.Named(p.Edition); p.Edition != "" && !known {
		r.wrong(fmt.Sprintf("%q: expected %s", p.Edition, strings.Join(edition.IDs(), " or ")), "edition")
	}
	switch {
	case p.Poll && p.Look < leastPoll:
		r.wrong(fmt.Sprintf("%v: expected at least %v, since Devices are not to be asked again and again; or watch by observing", p.Look, leastPoll), "watch", "every")
	case p.Security.PIN != "" && p.Security.Own != "pin":
		r.wrong("a PIN is for own: pin", "security", "pin")
	case p.Security.Own == "pin" && p.Security.PIN == "":
		r.wrong("own: pin needs the PIN that the Devices show", "security", "own")
	case p.Security.Own != "" && p.Security.Credential != "":
		r.wrong("own is for Devices without an owner, credential for those that have one: give one of them", "security")
	case p.Security.Like != "" && (p.Security.Own != "" || p.Security.Credential != ""):
		r.wrong("like says all that a target file says of security: give it alone", "security", "like")
	}
	return r.err
}
