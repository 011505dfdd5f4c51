package fleet_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/dtls/v3"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// The owner reads, writes and observes over its session.
func TestSession(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		p := w.session(asOwner(), 1)
		p.want("40 01 0001"+pstat, "60 45 0001")
		p.want("42 01 0005 0b0e 60"+afterObserve, "62 45 0005 0b0e 61")
		p.want(startV, "60 44 0002")
		for _, want := range []string{"'cm'00 62'tm'1840", "'cm'1840 62'tm'1840", "'cm'1840 62'tm'00"} {
			if got := p.receiveWithin(5 * time.Second); !containsText(got, string(bytesOf(t, want))) {
				t.Errorf("notification %x lacks %s", got, want)
			}
		}
		if w.fleet.Sessions() != 1 || w.fleet.State(0).TM != 0 {
			t.Errorf("%d sessions, %+v", w.fleet.Sessions(), w.fleet.Stats())
		}
	})
}

// A session belongs to one Client and one Device. Message ids and tokens of others
// mean nothing in it, nor do those of the same Client's plain CoAP or earlier
// session.
func TestSessionsDoNotMix(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		party := w.share(w.fleet.SecureAddr(1))
		first, err := w.callFrom(asOwner(), party.line(), w.fleet.SecureAddr(1))
		if err != nil {
			w.Fatal(err)
		}
		rest := w.session(asOther(), 1)
		first.want("42 01 0005 0b0e 60"+afterObserve, "62 45 0005 0b0e 61")
		rest.want("42 01 0005 0b0e 60"+afterObserve, "62 45 0005 0b0e 61")
		rest.send("70 00 0005") // it matches nothing that was sent in this session
		w.dial("127.1.0.2:5683").want("40 01 0005 b3'oic' 01'd'", "60 45 0005")
		if s := w.fleet.Stats(); s.Duplicates != 0 || s.Observers != 2 {
			t.Errorf("%+v", s)
		}
		again, err := w.callFrom(asOwner(), party.line(), w.fleet.SecureAddr(1))
		if err != nil {
			w.Fatal(err)
		}
		again.want("40 02 0005"+pstat+"12 2710 ff a162'tm'00", "60 44 0005")
		synctest.Wait() // a Client has its session a moment before the fleet does
		if s := w.fleet.Stats(); s.Duplicates != 0 || s.Observers != 1 || s.Secure.Sessions != 2 || s.Secure.Handshakes != 3 {
			t.Errorf("the second session of a Client has not replaced the first: %+v", s)
		}
	})
}

// TestRefusals covers Clients that are refused, and told so.
func TestRefusals(t *testing.T) {
	stranger := ocf.UUID{1}
	for name, c := range map[string]struct {
		client secure.Client
		reason string
	}{
		"wrong key":             {secure.Client{Identity: owner[:], Key: otherKey}, "BadRecordMac"},
		"unknown identity":      {secure.Client{Identity: stranger[:], Key: ownerKey[:]}, "BadRecordMac"},
		"identity of no uuid":   {secure.Client{Identity: []byte("owner"), Key: ownerKey[:]}, "BadRecordMac"},
		"anonymous":             {secure.Client{OTM: new(secure.JustWorks)}, "InsufficientSecurity"},
		"key of somebody else":  {secure.Client{Identity: other[:], Key: ownerKey[:]}, "BadRecordMac"},
		"Random PIN of nothing": {secure.Client{OTM: new(secure.RandomPIN), PIN: "12345678", Device: stranger}, "BadRecordMac"},
	} {
		t.Run(name, func(t *testing.T) {
			inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
				began := time.Now()
				_, err := w.call(c.client, w.fleet.SecureAddr(1))
				if err == nil {
					w.Fatal("it was let in")
				}
				if took := time.Since(began); took > 5*time.Second || errors.Is(err, net.ErrClosed) {
					t.Errorf("after %v: %v", took, err)
				}
				if !strings.Contains(err.Error(), c.reason) {
					t.Errorf("%v, want %q", err, c.reason)
				}
				synctest.Wait()
				if s := w.fleet.Stats().Secure; s.Handshakes != 0 || s.Failures != 1 || s.Sessions != 0 || s.Underway != 0 {
					t.Errorf("%+v", s)
				}
				w.session(asOwner(), 1).want("40 01 0001"+pstat, "60 45 0001")
			})
		})
	}
}

// A Client that offers only suites foreign to OCF is refused with an alert.
func TestSuiteRefused(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		raw, err := w.net.Dial(w.fleet.SecureAddr(0))
		if err != nil {
			w.Fatal(err)
		}
		conn, err := dtls.ClientWithOptions(raw, raw.RemoteAddr(),
			dtls.WithPSK(func([]byte) ([]byte, error) { return ownerKey[:], nil }), dtls.WithPSKIdentityHint(owner[:]),
			dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CCM_8, dtls.TLS_PSK_WITH_AES_128_GCM_SHA256))
		if err != nil {
			w.Fatal(err)
		}
		if err = conn.HandshakeContext(w.Context()); err == nil || !strings.Contains(err.Error(), "InsufficientSecurity") {
			t.Errorf("%v", err)
		}
		_ = conn.Close()
	})
}

// TestSessionEnds covers the ways in which a session ends, and checks that nothing
// of it is left.
func TestSessionEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(w *world, p *peer)
		told bool // close_notify tells the Client
	}{
		"the Client closes":        {func(_ *world, p *peer) { _ = p.conn.Close() }, true},
		"idle":                     {func(*world, *peer) { time.Sleep(time.Hour) }, true},
		"the Device loses power":   {func(w *world, _ *peer) { w.fleet.SwitchOff(1) }, false},
		"the Device restarts":      {func(w *world, _ *peer) { w.condition("reboot") }, false},
		"the fleet is closed":      {func(w *world, _ *peer) { _ = w.fleet.Close() }, true},
		"the Device is reset":      {func(w *world, _ *peer) { w.condition("factory-reset") }, true},
		"a Client of another name": {func(w *world, p *peer) { _ = p.conn.Close(); w.session(asOther(), 0) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
				p := w.session(asOwner(), 1)
				p.want("42 01 0005 0b0e 60"+afterObserve, "62 45 0005 0b0e 61")
				c.end(w, p)
				synctest.Wait()
				if told := p.ended(); told != c.told {
					t.Errorf("told: %v", told)
				}
				_, _ = p.conn.Write(bytesOf(t, "40 01 0001"+pstat)) // nobody hears this
				s := w.fleet.Stats()
				if name != "a Client of another name" && s.Secure.Sessions != 0 || s.Observers != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func (w *world) condition(name string) {
	w.Helper()
	if _, err := w.fleet.Condition(w.fleet.ID(1).String(), name); err != nil {
		w.Fatal(err)
	}
}

// Packets in either direction keep a session open; silence ends it.
func TestIdle(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, func(c *fleet.Config) { c.Secure.Idle = time.Minute }, func(w *world) {
		p := w.session(asOwner(), 1)
		for mid := range 5 {
			time.Sleep(50 * time.Second) // in the bubble's time
			p.want("40 01 000"+string(rune('1'+mid))+pstat, "60 45")
		}
		time.Sleep(61 * time.Second)
		if s := w.fleet.Stats().Secure; s.Sessions != 0 || s.Idle != 1 {
			t.Errorf("%+v", s)
		}
		if !p.ended() {
			t.Error("the Client was not told")
		}
	})
}

// Sessions and handshakes are bounded, and a Client that comes too late is told.
func TestSessionsAreBounded(t *testing.T) {
	bound := func(c *fleet.Config) { c.Secure.MaxSessions = 2 }
	inSecureWorld(t, owned(), memnet.Impairment{}, bound, func(w *world) {
		first := w.session(asOwner(), 1)
		w.session(asOther(), 1)
		if _, err := w.call(asOwner(), w.fleet.SecureAddr(0)); err == nil || !strings.Contains(err.Error(), "InternalError") {
			t.Errorf("a third session: %v", err)
		}
		synctest.Wait() // a Client has its session a moment before the fleet does
		if s := w.fleet.Stats().Secure; s.Full != 1 || s.Sessions != 2 {
			t.Errorf("%+v", s)
		}
		_ = first.conn.Close()
		synctest.Wait()
		w.session(asOwner(), 0).want("40 01 0001"+pstat, "60 45 0001")
	})
}

// Sessions work on a network that loses, duplicates and reorders datagrams.
func TestSessionsOnABadNetwork(t *testing.T) {
	impair := memnet.Impairment{Loss: 0.1, Duplicate: 0.1, Reorder: 0.1, Delay: 20 * time.Millisecond, Jitter: 20 * time.Millisecond}
	inSecureWorld(t, owned(), impair, func(c *fleet.Config) { c.Secure.HandshakeTimeout = time.Minute }, func(w *world) {
		const calls = 20
		for i := range calls {
			p := w.session(asOwner(), i%3)
			for p.send("40 01 0001" + pstat); p.receiveWithin(2*time.Second) == nil; {
				p.send("40 01 0001" + pstat)
			}
		}
		if s := w.fleet.Stats().Secure; s.Handshakes != calls {
			t.Errorf("%+v", s)
		}
	})
}

// The first requests of a session are answered in their order, though its Device may
// still be about to open it: they come while the Device sends its last flight.
func TestRequestsBeforeTheSession(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{Delay: 20 * time.Millisecond}, nil, func(w *world) {
		for i := range 3 {
			p := w.session(asOwner(), i)
			for mid := range 5 {
				p.send("40 01 000" + string(rune('1'+mid)) + pstat)
			}
			for mid := range 5 {
				if got := p.receive(); !begins(t, got, "60 45 000"+string(rune('1'+mid))) {
					t.Errorf("answer %d is %x", mid+1, got)
				}
			}
		}
		if s := w.fleet.Stats().Secure; s.Overflow != 0 || s.Strays != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A Client of a session that tells of something, or sends more than a request can be,
// keeps its session; the fleet counts it.
func TestRecordsWithoutUse(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		p := w.session(asOwner(), 1)
		if _, err := p.conn.Write(make([]byte, 2049)); err != nil {
			t.Fatal(err)
		}
		p.want("40 01 0001"+pstat, "60 45 0001")
		if s := w.fleet.Stats(); s.Malformed != 1 || s.Requests != 1 || s.Secure.Sessions != 1 {
			t.Errorf("%+v", s)
		}
	})
}
