package conformance

import (
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// shown is an answer to the GET n, or a notification where n is below 0, of tm
// by privileged. A number below 0 stands for no Observe option.
func shown(n, number int, tm ocf.DPM, token string) Observation {
	all := ocf.PropDOS | ocf.PropTM | ocf.PropCM
	p := ocf.Pstat{TM: tm, DOS: ocf.RFNOP, Present: all}
	o := Observation{Kind: Notification, Client: Privileged, Frame: &Frame{
		Code: CodeContent, Path: ocf.PathPstat, Token: []byte(token), Payload: p.AppendCBOR(nil, ocf.InterfaceDefault),
	}}
	if n >= 0 {
		o.Kind, o.For = Response, &n
	}
	if number >= 0 {
		observe := uint32(number)
		o.Frame.Observe = &observe
	}
	return o
}

// asked is a GET of pstat by client. A number below 0 stands for no Observe option.
func asked(client string, number int, token string) Observation {
	o := Observation{Kind: Request, Client: client, Frame: &Frame{Code: MethodGET, Path: ocf.PathPstat, Token: []byte(token)}}
	if number >= 0 {
		observe := uint32(number)
		o.Frame.Observe = &observe
	}
	return o
}

// Of a notification it is only known that the Device was in that state at some
// time since the registration; of an answer, since its own request.
func TestWhenASampleIsOf(t *testing.T) {
	tl := Timeline{Observations: []Observation{
		asked(Privileged, -1, "g"),      // 0
		shown(0, -1, 1, "g"),            // 1: a plain answer
		asked(Privileged, 0, "o"),       // 2
		shown(2, 10, 2, "o"),            // 3: the registration's
		asked("second", 0, "o"),         // 4: the same token, of another Client
		asked(Privileged, -1, "o"),      // 5: the same token, and no registration
		shown(-1, 11, 4, "o"),           // 6
		shown(-1, 11, 8, "o"),           // 7: it came twice
		shown(-1, 12, 16, "o"),          // 8
		{Kind: Waiting},                 // 9
		shown(5, -1, 32, "o"),           // 10
		{Kind: Message, Frame: nil},     // 11
		asked(Privileged, 0, "another"), // 12
		shown(-1, 13, 64, "o"),          // 13
	}}
	want := []Sample{
		{N: 1, Since: 0, Stream: -1, Pstat: ocf.Pstat{TM: 1}},
		{N: 3, Since: 2, Stream: 2, Pstat: ocf.Pstat{TM: 2}},
		{N: 6, Since: 2, Stream: 2, Pstat: ocf.Pstat{TM: 4}, Notified: true},
		{N: 8, Since: 2, Stream: 2, Pstat: ocf.Pstat{TM: 16}, Notified: true},
		{N: 10, Since: 5, Stream: -1, Pstat: ocf.Pstat{TM: 32}},
		{N: 13, Since: 2, Stream: 2, Pstat: ocf.Pstat{TM: 64}, Notified: true},
	}
	got := tl.Samples()
	if len(got) != len(want) {
		t.Fatalf("%d samples, want %d", len(got), len(want))
	}
	for i, s := range got {
		w := want[i]
		if s.N != w.N || s.Since != w.Since || s.Stream != w.Stream || s.Notified != w.Notified || s.Pstat.TM != w.Pstat.TM || s.Client != Privileged || !s.HasDOS() {
			t.Errorf("sample %d: %+v, want %+v", i, s, w)
		}
	}
}

// A Watch sees of a record that grows what a look at all of it shows, and may be asked for
// what it showed earlier.
func TestAWatchSeesWhatIsNew(t *testing.T) {
	whole := Timeline{Observations: []Observation{
		asked(Privileged, 0, "o"), shown(0, 10, 1, "o"), shown(-1, 11, 2, "o"), shown(-1, 11, 4, "o"), shown(-1, 9, 8, "o"),
		asked(Privileged, -1, "g"), shown(5, -1, 16, "g"), shown(-1, 12, 32, "o"),
	}}
	var w Watch
	for _, n := range []int{0, 1, 2, 2, 5, 3, 7, 8, 0, 4, 8} {
		tl := Timeline{Observations: whole.Observations[:n]}
		if got, want := w.Samples(tl), tl.Samples(); !slices.EqualFunc(got, want, func(a, b Sample) bool {
			return a.N == b.N && a.Since == b.Since && a.Stream == b.Stream && a.place == b.place && a.String() == b.String()
		}) {
			t.Errorf("of %d entries: %v, want %v", n, got, want)
		}
	}
}

// A registration may be the first entry of all, and one that nobody recorded
// counts as that.
func TestARegistrationThatIsTheFirstEntry(t *testing.T) {
	tl := Timeline{Observations: []Observation{asked(Privileged, 0, "o"), shown(0, 10, 1, "o"), shown(-1, 11, 2, "o"), shown(-1, 12, 4, "stray")}}
	for n, want := range []int{1: 0, 2: 0, 3: 0} {
		if n > 0 && tl.Registration(n) != want {
			t.Errorf("entry %d belongs to the registration %d", n, tl.Registration(n))
		}
	}
	for _, s := range tl.Samples() {
		if s.Stream != 0 || s.Since != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// Only an answer or a notification carries a state, and only one that can be read.
func TestWhatCarriesAState(t *testing.T) {
	request := shown(0, -1, 1, "")
	request.Kind = Request
	unread := shown(0, -1, 1, "")
	unread.Frame.Payload = []byte{0xff}
	bare := shown(0, -1, 1, "")
	bare.Frame.Payload = ocf.Pstat{TM: 1, Present: ocf.PropTM}.AppendCBOR(nil, ocf.InterfaceDefault)
	for name, o := range map[string]Observation{"a request": request, "no CBOR": unread, "no cm": bare} {
		if all := (Timeline{Observations: []Observation{o}}).Samples(); len(all) != 0 {
			t.Errorf("%s: %v", name, all)
		}
	}
	if _, _, ok := unread.Pstat(); ok {
		t.Error("no CBOR, and yet a state")
	}
	o := shown(0, -1, 1, "")
	o.Decode()
	o.Frame.Payload = nil // it was read once and for all
	if p, _, ok := o.Pstat(); !ok || p.TM != 1 {
		t.Errorf("%v, %v", p, ok)
	}
}

// Notifications of one observation are ordered by their numbers, all else by
// what was asked after what arrived.
func TestWhatCameBefore(t *testing.T) {
	for _, c := range []struct {
		a, b Sample
		want bool
	}{
		{Sample{Stream: 0, N: 5, place: 1}, Sample{Stream: 0, N: 3, place: 2}, true},
		{Sample{Stream: 0, N: 3, place: 2}, Sample{Stream: 0, N: 5, place: 1}, false},
		{Sample{Stream: 0, place: 1}, Sample{Stream: 0, place: 1}, false},
		{Sample{Stream: 4, N: 5, place: 1}, Sample{Stream: 6, Since: 6, place: 0}, true},
		{Sample{Stream: 4, N: 7, place: 1}, Sample{Stream: 6, Since: 6, place: 2}, false},
		{Sample{Stream: -1, N: 5}, Sample{Stream: -1, Since: 6}, true},
		{Sample{Stream: -1, N: 5, place: 2}, Sample{Stream: -1, Since: 6, place: 1}, true},
		{Sample{Stream: -1, N: 6}, Sample{Stream: -1, Since: 6}, false},
		{Sample{Stream: -1, N: 7, place: 0}, Sample{Stream: -1, Since: 6, place: 1}, false},
	} {
		if got := c.a.Before(c.b); got != c.want {
			t.Errorf("%+v before %+v: %v", c.a, c.b, got)
		}
	}
}

// Observe numbers wrap at 24 bits, and after 128 s they say nothing any more
// (RFC 7641 section 3.4).
func TestFreshness(t *testing.T) {
	for _, c := range []struct {
		a, b uint32
		want bool
	}{
		{1, 2, true},
		{2, 1, false},
		{1, 1, false},
		{ObserveMask, 0, true},
		{0, ObserveMask, false},
		{5, 5 + 1<<23 - 1, true},
		{5, 5 + 1<<23, false},
		{1<<23 + 5, 4, true},
		{1<<23 + 5, 5, false},
	} {
		if got := Newer(c.a, c.b); got != c.want {
			t.Errorf("%d after %d: %v", c.b, c.a, got)
		}
	}
	var f Freshness
	take := func(number int, at time.Duration, want bool) {
		t.Helper()
		o := shown(-1, number, 0, "")
		o.At = at
		if got := f.Take(*o.Frame.Observe, o.At); got != want {
			t.Errorf("number %d at %v is taken: %v, want %v", number, at, got, want)
		}
	}
	take(0, time.Second, true)
	take(7, 2*time.Second, true)
	take(7, 3*time.Second, false)
	take(6, 2*time.Second+TrustedFor, false) // 128 s after the one that was taken last
	take(6, 2*time.Second+TrustedFor+1, true)
	take(6, 3*time.Second+TrustedFor, false)
	if f.count != 3 {
		t.Errorf("%d were taken, want 3", f.count)
	}
}

// The answer to a registration that comes apart from its ACK may be a late notification,
// where the Client observed with the same token before.
func TestAnAnswerThatMayBeANotification(t *testing.T) {
	apart, piggybacked := shown(5, 12, 4, "o"), shown(5, 12, 4, "o")
	apart.Frame.Type, piggybacked.Frame.Type = "CON", "ACK"
	for _, c := range []struct {
		name   string
		answer Observation
		token  string
		since  int
	}{
		{"apart from its ACK", apart, "o", 1},
		{"in its ACK", piggybacked, "o", 5},
		{"with a token of its own", apart, "new", 5},
	} {
		c.answer.Frame.Token = []byte(c.token)
		tl := Timeline{Observations: []Observation{
			asked("second", 0, c.token), asked(Privileged, 0, "o"), shown(1, 10, 1, "o"), asked(Privileged, -1, c.token), shown(3, -1, 2, c.token),
			asked(Privileged, 0, c.token), c.answer,
		}}
		if s := tl.Samples()[2]; s.Since != c.since || s.Stream != 5 {
			t.Errorf("%s: %+v, want since %d", c.name, s, c.since)
		}
	}
}

// What comes in blocks shows the state that its Observe number was given to where an ETag
// says that all blocks are of one representation; else it may show a later one.
func TestWhatBlocksShow(t *testing.T) {
	const plain, tagged = "\x40\x45\x00\x01", "\x40\x45\x00\x01\x41e"
	message := func(client, text, raw string, mid uint16) Observation {
		return Observation{Kind: Message, Client: client, Text: text, Frame: &Frame{MID: mid, Token: []byte("o"), Raw: []byte(raw)}}
	}
	first, changed := message(Privileged, FirstBlock, tagged, 7), message(Privileged, ChangedBetween, tagged, 8)
	for _, c := range []struct {
		name    string
		between []Observation
		later   bool
	}{
		{"one datagram", nil, false},
		{"one datagram, while another notification changes", []Observation{message(Privileged, FirstBlock, tagged, 6), changed}, false},
		{"blocks of one representation", []Observation{first, message(Privileged, "one block of the answer", tagged, 8)}, false},
		{"another representation", []Observation{first, changed}, true},
		{"it had changed before", []Observation{changed, first}, false},
		{"that of another Client", []Observation{first, message("second", ChangedBetween, tagged, 8)}, false},
		{"blocks without ETag", []Observation{message(Privileged, FirstBlock, plain, 7)}, true},
	} {
		tl := Timeline{Observations: append([]Observation{asked(Privileged, 0, "o"), shown(0, 10, 1, "o")}, c.between...)}
		n := len(tl.Observations)
		tl.Observations = append(tl.Observations, shown(-1, 11, 2, "o"), shown(-1, 12, 4, "o"), asked(Privileged, -1, "g"), shown(n+2, -1, 4, "g"))
		tl.Observations[n].Frame.MID = 7
		all := tl.Samples()
		if tl.Later(n) != c.later || all[1].Before(all[2]) == c.later {
			t.Errorf("%s: later %v, before the next one %v", c.name, tl.Later(n), all[1].Before(all[2]))
		}
		if !all[0].Before(all[1]) || !all[1].Before(all[3]) {
			t.Errorf("%s: it is not before the GET, or not after the registration", c.name)
		}
	}
	tl := Timeline{Observations: []Observation{asked(Privileged, 0, "o"), changed, shown(0, 10, 1, "o"), shown(-1, 11, 2, "o")}}
	if all := tl.Samples(); !tl.Later(2) || all[0].Before(all[1]) {
		t.Error("the answer to a registration may show a later state, too")
	}
}
