package clients

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/client"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// most is how many conversations are recorded at a time: each has a file open, and its
// record in memory until the end. Further ones are counted.
const most = 200

// everyDevice stands for the index of a Device in what a Client says to all of them.
const everyDevice = -1

// timelinesDir is where in the folder of a Client its records are.
const timelinesDir = "timelines"

// Config says what is recorded.
type Config struct {
	Dir     string // where the reports go; it must exist
	Tool    string // "ocfsim 1.2.3", for the records
	Edition string
	Secured bool // the Devices accept sessions
	Strict  bool // a breach of a recommendation fails
}

// Recording is a fleet.Witness that writes down what each Client says to each Device, and
// what it is told. Its methods may be called from any goroutine.
type Recording struct {
	Config

	mu      sync.Mutex
	clients map[string]*watched
	order   []*watched
	states  map[int]ocf.Pstat // what each Device is in
	full    int               // records that have no room left
	talks   int               // conversations
	passed  map[string]bool   // those that were not recorded
	err     error
}

// watched is a Client and its conversations, by Device.
type watched struct {
	name, folder string
	profile      conformance.Profile
	talks        map[int]*talk
	order        []*talk
}

// talk is what one Client and one Device say to each other.
type talk struct {
	device   int
	scribe   *client.Scribe
	recorder *conformance.Recorder
	file     *os.File
	sum      string // of the packed file, once there is one
	name     string // of the file, relative to the Client's folder
	full     bool
}

// New begins a Recording.
func New(c Config) *Recording {
	return &Recording{Config: c, clients: map[string]*watched{}, states: map[int]ocf.Pstat{}, passed: map[string]bool{}}
}

var _ fleet.Witness = (*Recording)(nil)

// Sighted writes down what the fleet has seen.
func (r *Recording) Sighted(s fleet.Sight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch s.Kind {
	case fleet.Became:
		p := pstatOf(s.State)
		r.states[s.Device] = p
		r.each(s.Device, func(t *talk) { t.scribe.Became(p) })
	case fleet.WentDown, fleet.CameUp:
		r.each(s.Device, func(t *talk) { t.scribe.Power(s.Kind == fleet.CameUp) })
	case fleet.Came:
		if !r.tookOfGroup(s) {
			r.note(r.talk(s, begins(s.Data)), s)
		}
	case fleet.CameToAll, fleet.Opened, fleet.Refused:
		r.note(r.talk(s, true), s)
	case fleet.Left:
		if !r.pingedOfGroup(s) {
			r.note(r.talk(s, false), s)
		}
	case fleet.Ended:
		r.note(r.talk(s, false), s)
	case fleet.LeftForAll:
		r.note(r.group(s), s)
	}
}

// note writes down what passed in a conversation; nil is none.
func (r *Recording) note(t *talk, s fleet.Sight) {
	if t != nil {
		t.sighted(s)
		r.noteFull(t)
	}
}

// begins reports whether a Client's message begins a conversation: an ACK or RST answers
// something that the Device sent of its own accord.
func begins(data []byte) bool {
	const acknowledgement = 2 // the first of the two types, RFC 7252 section 3
	return len(data) == 0 || data[0]>>4&3 < acknowledgement
}

// group is the conversation of a Client with all Devices at once; nil if it has none.
func (r *Recording) group(s fleet.Sight) *talk {
	s.Device = everyDevice
	return r.talk(s, false)
}

// tookOfGroup writes down an ACK or RST for an answer to a request to a group. It reports
// whether s is one.
func (r *Recording) tookOfGroup(s fleet.Sight) bool {
	if s.Session != 0 || begins(s.Data) {
		return false
	}
	t := r.group(s)
	return t != nil && t.scribe.TookOfGroup(s.Local.String(), s.Peer.String(), s.Data)
}

// pingedOfGroup writes down an empty CON to a Client that has talked to all Devices at once and
// not to this one. It reports whether s is one.
func (r *Recording) pingedOfGroup(s fleet.Sight) bool {
	if t := r.talk(s, false); s.Session != 0 || t != nil && t.scribe.Knows(s.Peer.String()) {
		return false
	}
	t := r.group(s)
	return t != nil && t.scribe.PingedOfGroup(s.Local.String(), s.Peer.String(), s.Data)
}

// sighted writes down what passed between the two.
func (t *talk) sighted(s fleet.Sight) {
	end := s.Peer.String()
	if s.Session != 0 {
		end = client.Within(s.Session)
	}
	switch s.Kind {
	case fleet.Came:
		t.scribe.Came(end, s.Data)
	case fleet.CameToAll:
		t.scribe.CameToGroup(end, s.Local.String(), s.Data)
	case fleet.Left:
		t.scribe.Left(end, s.Data)
	case fleet.LeftForAll:
		t.scribe.LeftForGroup(s.DI.String(), s.Local.String(), end, s.Data)
	case fleet.Opened:
		t.scribe.Session(end, conformance.Opened, "from "+s.Peer.String())
	case fleet.Refused:
		t.scribe.Session(end, conformance.Refused, s.Text)
	case fleet.Ended:
		t.scribe.Session(end, conformance.Closed, ending(s.Text))
	}
}

// ending is how a session ended, in the words that the judge knows.
func ending(how string) string {
	switch how {
	case fleet.EndedByClient:
		return client.ClosedByClient
	case fleet.EndedIdle:
		return client.LeftOpen + ": the Device closed it, for nothing had come for too long"
	case fleet.EndedReplaced:
		return client.LeftOpen + ", which opened another one from the same address"
	}
	return "closed by the Device"
}

// noteFull counts the records that have no room left, so that the next ones get less.
func (r *Recording) noteFull(t *talk) {
	if !t.full && t.recorder.Full() {
		t.full = true
		r.full++
	}
}

// each calls f with every conversation of a Device.
func (r *Recording) each(device int, f func(*talk)) {
	for _, w := range r.order {
		if t := w.talks[device]; t != nil {
			f(t)
		}
	}
}

// talk finds the conversation that s belongs to. begin says that it begins one if
// there is none: what a Device sends of its own accord begins none.
func (r *Recording) talk(s fleet.Sight, begin bool) *talk {
	name := nameOf(s)
	w := r.clients[name]
	if w != nil && w.talks[s.Device] != nil {
		return w.talks[s.Device]
	}
	if !begin || r.err != nil {
		return nil
	}
	if r.talks >= most {
		r.passed[fmt.Sprint(name, " ", s.Device)] = true
		return nil
	}
	t, err := r.begin(name, s)
	if err != nil {
		r.err = err
		return nil
	}
	return t
}

// nameOf is who the Client is: the uuid that its session authenticated, else its
// address without the port, which changes whenever the Client is started again.
func nameOf(s fleet.Sight) string {
	if !s.Subject.IsNil() {
		return s.Subject.String()
	}
	return "at " + s.Peer.Addr().Unmap().String()
}

// pstatOf is what a Device in this state shows.
func pstatOf(s sim.State) ocf.Pstat {
	return ocf.Pstat{DOS: s.DOS, Pending: s.Pending, ISOP: s.ISOP, CM: s.CM, TM: s.TM, OM: s.OM, SM: s.SM}
}

// begin opens the record of a conversation.
func (r *Recording) begin(name string, s fleet.Sight) (*talk, error) {
	w := r.clients[name]
	if w == nil {
		w = &watched{name: name, folder: folderOf(name), talks: map[int]*talk{}}
		w.profile = conformance.Profile{
			Name: "Client " + name, Endpoint: "udp://" + s.Peer.Addr().Unmap().String(), Secured: r.Secured, Client: true,
			Policy: conformance.Policy{Strict: r.Strict},
		}
		if !s.Subject.IsNil() {
			w.profile.DI = name
		}
		if err := r.makeFolder(w); err != nil {
			return nil, err
		}
		r.clients[name], r.order = w, append(r.order, w)
	}
	id, title := conversation(s)
	t := &talk{device: s.Device, name: timelinesDir + "/" + id + ".jsonl"}
	var err error
	if t.file, err = os.Create(filepath.Join(r.Dir, w.folder, filepath.FromSlash(t.name))); err != nil {
		return nil, err
	}
	t.recorder = conformance.NewRecorder(conformance.Header{
		Tool: r.Tool, Edition: r.Edition, Scenario: id, Name: title,
		Feature: "Client", Target: w.profile,
	}, t.file)
	t.recorder.Confine(conformance.FullRoom().Less(r.full))
	t.scribe = client.NewScribe(t.recorder)
	w.talks[s.Device], w.order = t, append(w.order, t)
	r.talks++
	if p, ok := r.states[s.Device]; ok {
		t.scribe.Became(p)
	}
	return t, nil
}

// conversation is the id of the record that s belongs to, and its title.
func conversation(s fleet.Sight) (id, title string) {
	if s.Kind == fleet.CameToAll {
		return "multicast", "With all Devices, by multicast"
	}
	return fmt.Sprintf("device-%d", s.Device), fmt.Sprintf("With Device %s at %s", s.DI, s.Local)
}

// Passed is how many conversations were not recorded, because there were too many at a
// time.
func (r *Recording) Passed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.passed)
}

// Conclude ends the records and reports on each Client: results.json, junit.xml,
// report.html in a folder for each, and an index above. tool is who judges. The results
// are in the order in which the Clients came.
func (r *Recording) Conclude(version, commit string) ([]suite.Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	problems := []error{r.err}
	for _, w := range r.order {
		for _, t := range w.order {
			t.scribe.Close()
			problems = append(problems, t.recorder.Err(), r.pack(w, t))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return r.report(version, commit)
}
