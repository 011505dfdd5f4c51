package fleet_test

import (
	"crypto"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// pem makes a credential that holds certificates.
func pem(usage, subject string, data []byte) ocf.Cred {
	return ocf.Cred{Type: ocf.Certificate, Usage: usage, Subject: subject, Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: data}}
}

// A Client with an identity certificate is the one that the certificate names;
// Clients with keys work beside it. A Client whose certificate a stranger has signed
// is nobody.
func TestIdentityCertificates(t *testing.T) {
	ca, err := secure.NewCA("ocfsim domain")
	if err != nil {
		t.Fatal(err)
	}
	device, err := ca.Identity(ocf.UUID{1})
	if err != nil {
		t.Fatal(err)
	}
	s := owned()
	s.Creds = append(s.Creds,
		pem(ocf.UsageTrustCA, owner.String(), []byte("no certificate")),
		pem(ocf.UsageCert, ocf.UUID{1}.String(), secure.EncodeChain(device.Certificate)),
		pem(ocf.UsageTrustCA, owner.String(), ca.PEM()))
	change := func(c *fleet.Config) { c.Secure.Key = device.PrivateKey.(crypto.Signer) }
	inSecureWorld(t, s, memnet.Impairment{}, change, func(w *world) {
		mine, err := ca.Identity(owner)
		if err != nil {
			w.Fatal(err)
		}
		w.session(secure.Client{Certificate: mine, Roots: ca.Roots()}, 1).
			want("40 02 0001"+pstat+"12 2710 ff a162'tm'00", "60 44 0001")
		w.session(asOwner(), 1).want("40 01 0001"+pstat, "60 45 0001")
		stranger, err := secure.NewCA("somebody else")
		if err != nil {
			w.Fatal(err)
		}
		forged, err := stranger.Identity(owner)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.call(secure.Client{Certificate: forged, Roots: ca.Roots()}, w.fleet.SecureAddr(1)); err == nil {
			t.Error("a forged certificate was taken")
		}
	})
}

// A Device believes those who vouch for its Clients until it is told to forget them, and
// not a handshake longer.
func TestTrustIsWithdrawn(t *testing.T) {
	ca, err := secure.NewCA("ocfsim domain")
	if err != nil {
		t.Fatal(err)
	}
	device, err := ca.Identity(ocf.UUID{1})
	if err != nil {
		t.Fatal(err)
	}
	mine, err := ca.Identity(owner)
	if err != nil {
		t.Fatal(err)
	}
	change := func(c *fleet.Config) { c.Secure.Key = device.PrivateKey.(crypto.Signer) }
	inSecureWorld(t, ownedByCertificate(ca, device), memnet.Impairment{}, change, func(w *world) {
		certified := secure.Client{Certificate: mine, Roots: ca.Roots()}
		w.session(certified, 1).want("40 01 0001"+pstat, "60 45 0001")
		c := &caller{conn: w.session(asOwner(), 1).conn}
		for _, s := range []struct {
			step
			answer codes.Code
		}{
			{post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 2}}), codes.Changed},
			{step{codes.DELETE, ocf.PathCred + "?credid=3", nil}, codes.Deleted}, // behind the owner's key and the Device's certificate
			{post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 3}}), codes.Changed},
		} {
			if answer, _, err := c.do(s.code, s.path, s.payload); answer != s.answer {
				t.Errorf("%v %s: %v, %v; want %v", s.code, s.path, answer, err, s.answer)
			}
		}
		if _, err := w.call(certified, w.fleet.SecureAddr(1)); err == nil {
			t.Error("a Client got a session by a certificate of somebody whom the Device has forgotten")
		}
		w.session(certified, 0).want("40 01 0001"+pstat, "60 45 0001") // nobody has told this one
	})
}

// An owned Device that restarts with its saved state is still owned, and its
// sessions are gone.
func TestOwnerIsKept(t *testing.T) {
	st := kept(t, t.TempDir())
	keep := func(c *fleet.Config) { c.Store = st }
	var key secure.Key
	given := ocf.UUID{0xaa, 6: 0x40, 8: 0x80, 15: 1}
	inSecureWorld(t, &sim.Security{}, memnet.Impairment{}, keep, func(w *world) {
		o := &owning{w: w, device: given}
		var err error
		if key, err = o.take(1); err != nil {
			w.Fatal(err)
		}
	})
	inSecureWorld(t, &sim.Security{}, memnet.Impairment{}, keep, func(w *world) {
		if w.fleet.DI(1) != given || w.fleet.DI(0) != w.fleet.ID(0) {
			t.Errorf("it is %v", w.fleet.DI(1))
		}
		w.fleet.SwitchOff(1)
		w.fleet.SwitchOn(1)
		if err := (&owning{w: w, device: given}).use(1, key); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute) // in the bubble's time
		if w.fleet.DI(1) == given {
			t.Error("RESET was without effect")
		}
	})
}

// A credid or aceid that is not a number is refused; without the query the request
// would apply to every entry.
func TestEntryQueries(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		c := &caller{conn: w.session(asOwner(), 1).conn}
		for _, s := range []struct {
			step
			answer codes.Code
		}{
			{post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 2}}), codes.Changed},
			{step{codes.DELETE, ocf.PathCred + "?credid=x", nil}, codes.BadRequest},
			{step{codes.DELETE, ocf.PathCred + "?credid=0", nil}, codes.BadRequest},
			{step{codes.DELETE, ocf.PathCred + "?credid=4294967296", nil}, codes.BadRequest},
			{step{codes.DELETE, ocf.PathACL + "?aceid=", nil}, codes.BadRequest},
			{step{codes.DELETE, ocf.PathACL + "?aceid=1", nil}, codes.Deleted},
			{step{codes.GET, ocf.PathPstat + "?credid=x", nil}, codes.Content},
		} {
			if answer, _, err := c.do(s.code, s.path, s.payload); answer != s.answer {
				t.Errorf("%v %s: %v, %v; want %v", s.code, s.path, answer, err, s.answer)
			}
		}
	})
}
