package depot

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Config is how a Depot is set up. The zero value offers packages that it makes up.
type Config struct {
	Releases []Release     // oldest first; none: one is made for each version asked for
	Shelf    Shelf         // what is served instead of Releases; nil: nothing
	Flawed   bool          // Shelf knows of a flaw, under which an update fails
	Strikes  []Strike      // what goes wrong
	Size     int64         // of a package that is made up, in bytes; 0 is source.DefaultSize
	Confirms bool          // a Device that asks by DDI has to confirm an action before it may have it
	Silence  time.Duration // how long Silence and Mute last; 0 is 24 h
	Tell     func(Entry)   // is told of each entry as it ends; nil: nobody
}

// Depot keeps packages and breaks as it is told. Its methods may be called from any
// goroutine.
type Depot struct {
	config Config
	source *source.Source

	mu      sync.Mutex
	mode    mode                // which strikes are on
	newer   bool                // something newer is on offer
	spoiled map[string]Effect   // packages that were replaced or withdrawn, by name
	counted map[counter]int     // requests since the conditions changed
	made    map[string]*Release // packages made up, by version
	shelved []Release           // what Shelf has put there
	parts   map[part]*spans     // what each Device has got of each package

	controllers map[string]*controller // Devices that ask by DDI
	last        *source.Handed
	said        string // what a Device said last of an action
	entries     uint64
	era         int      // rises with each change of the conditions
	deeds       uint64   // actions that there ever were
	watched     []func() // are called when the conditions have changed
}

// counter names what is counted: connections over a transport, or requests for a package.
type counter struct{ stage, of string }

// part names what a Device has got of a package.
type part struct{ device, etag string }

// mode says which strikes are on.
type mode uint8

const (
	free    mode = iota // all of them: no condition has been asked for yet
	working             // those with which a compliant Device copes
	failing             // these, and those under which its update ends without a success
)

// New makes a Depot. Until a condition is asked for, something newer is on offer and all
// strikes are on. Without a Shelf it never fails.
func New(c Config) (*Depot, error) {
	if c.Size <= 0 || c.Size > source.MaxSize {
		c.Size = source.DefaultSize
	}
	if c.Silence <= 0 {
		c.Silence = 24 * time.Hour
	}
	if c.Tell == nil {
		c.Tell = func(Entry) {}
	}
	d := &Depot{
		config: c, source: source.New(source.Config{}),
		made: map[string]*Release{}, parts: map[part]*spans{}, controllers: map[string]*controller{},
	}
	return d, d.arrange(true, free)
}

// Fails reports whether an update under the strike can't end in success.
func (s Strike) Fails() bool {
	return s.Compliant.Ends == EndsFailure || s.Compliant.Ends == EndsNoUpdate
}

// on reports whether a strike is on in mode m. What a compliant Device may take either
// way is on in neither condition: the harness could not tell what to expect.
func (m mode) on(s Strike) bool {
	return m == free && !s.Spare || s.Compliant.Ends == EndsSuccess || m == failing && s.Fails()
}

// Close ends all questions without an answer.
func (d *Depot) Close() error { return d.source.Close() }

// Silence is how long Silence and Mute last.
func (d *Depot) Silence() time.Duration { return d.config.Silence }

// Watch has f called whenever the conditions have changed, before Condition returns.
func (d *Depot) Watch(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watched = append(d.watched, f)
}

// arrange sets what is on offer, and which strikes are on; requests are counted anew.
func (d *Depot) arrange(newer bool, m mode) error {
	var shelved []Release
	if d.config.Shelf != nil {
		var err error
		if shelved, err = d.config.Shelf(newer, d.config.Flawed && m != working); err != nil {
			return err
		}
	}
	d.source.Set("", source.Offer{Newer: newer})
	d.mu.Lock()
	d.mode, d.newer, d.shelved = m, newer, shelved
	d.era++
	d.counted, d.spoiled = map[counter]int{}, map[string]Effect{}
	watched := slices.Clone(d.watched)
	d.mu.Unlock()
	for _, f := range watched {
		f()
	}
	return nil
}

// Connect counts a new connection over a transport and returns what strikes it, at
// AtConnection or AtHandshake.
func (d *Depot) Connect(over string, stage Stage) []Strike {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.strikesOn(over, d.count(counter{string(stage), over}), "", stage)
}

// Refuses reports whether the port of a transport is closed now.
func (d *Depot) Refuses(over string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.counted[counter{string(AtConnection), over}] + 1
	return slices.ContainsFunc(d.strikesOn(over, n, "", AtConnection), func(s Strike) bool { return s.Does == Refuse })
}

// Shakes reports whether there are strikes of connections over a transport: then a
// connection of before must not outlive a change of the conditions.
func (d *Depot) Shakes(over string) bool {
	return slices.ContainsFunc(d.config.Strikes, func(s Strike) bool {
		return s.Speaks(over) && (s.Does.Stage() == AtConnection || s.Does.Stage() == AtHandshake)
	})
}

// count counts one more and returns how many there were, with it.
func (d *Depot) count(c counter) int {
	d.counted[c]++
	return d.counted[c]
}

// strikesOn are the strikes that are on at some stages of request n, for the package name.
func (d *Depot) strikesOn(over string, n int, name string, stages ...Stage) []Strike {
	var on []Strike
	for _, s := range d.config.Strikes {
		if slices.Contains(stages, s.Does.Stage()) && s.Speaks(over) && d.mode.on(s) && s.strikes(n, name) {
			on = append(on, s)
		}
	}
	return on
}

// Request is a question as a transport has read it.
type Request struct {
	Over    string // https, http, coaps or coap
	Peer    string // address of whoever asks
	Device  string // as it calls itself; "" if it does not
	Version string // installed, as it says; "" if it does not say
	Asks    string // in the words of the transport: "GET /packages/1.0.1.bin"
	Name    string // of the package that is asked for; "" for the one that is on offer
	From    int64  // the first byte that is asked for
	Upto    int64  // behind the last one; 0 is the end
	Block   int64  // bytes of a block; 0 is BlockSize
	Action  uint64 // by DDI: the number of the action that it is about; 0 is none
	Arrived string // the Redirect that it follows; "" for none
}

// who is by what name the Device is known.
func (r Request) who() string {
	if r.Device != "" {
		return r.Device
	}
	host := r.Peer
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return host
}

// installed is the version that a Device has that does not say which.
func installed(version string) string {
	if nameable(version) {
		return version
	}
	return "1.0.0"
}

// offered is what is newer than version: the newest release that is not that, or one
// made up.
func (d *Depot) offered(version string) *Release {
	if d.config.Shelf != nil {
		return named(d.shelved, func(r *Release) bool { return r.Part == Package })
	}
	for i := len(d.config.Releases) - 1; i >= 0; i-- {
		if r := &d.config.Releases[i]; r.Version != version || i == 0 {
			return r
		}
	}
	return d.make(source.Newer(installed(version)))
}

// most is how many packages are kept that were made up.
const most = 16

// make is the package of a version, made up.
func (d *Depot) make(version string) *Release {
	if r := d.made[version]; r != nil {
		return r
	}
	if len(d.made) >= most {
		clear(d.made)
	}
	r := Make(version, d.config.Size)
	d.made[version] = &r
	return &r
}

// find is the package of a name, or nil.
func (d *Depot) find(r Request) *Release {
	if r.Action != 0 {
		return d.fileOf(r)
	}
	if r.Name == "" {
		return d.offered(r.Version)
	}
	all := d.config.Releases
	if d.config.Shelf != nil {
		all = d.shelved
	}
	if found := named(all, func(o *Release) bool { return o.Name == r.Name }); found != nil {
		return found
	}
	version, ok := strings.CutSuffix(r.Name, made)
	if !ok || len(d.config.Releases) > 0 || d.config.Shelf != nil || !nameable(version) {
		return nil
	}
	return d.make(version)
}

// named is the first of all that is wanted, or nil.
func named(all []Release, wanted func(*Release) bool) *Release {
	for i := range all {
		if wanted(&all[i]) {
			return &all[i]
		}
	}
	return nil
}

// part is what the file that is asked for is for.
func (d *Depot) part(r Request) Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch found := d.find(r); {
	case found != nil:
		return found.Part
	case d.config.Shelf != nil, r.Action != 0:
		return Beside // there is no such file, which needs no question
	}
	return Package
}
