package fleet_test

import (
	"testing"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Who gets a session is what the Replay says, as far as the keys allow: one that the Device has,
// or had, and never one that it was not given.
func TestAReplayDecidesWhoGetsASession(t *testing.T) {
	stranger := ocf.UUID{0x33, 0x40}
	wrong := asOther()
	wrong.Key = ownerKey[:]
	for name, c := range map[string]struct {
		says    fleet.Admission
		client  secure.Client
		deleted bool // its credential
		want    bool
	}{
		"as the Device has it":                 {fleet.AsTheDevice, asOther(), false, true},
		"a credential that the Device has":     {fleet.Admitted, asOther(), false, true},
		"turned away":                          {fleet.TurnedAway, asOther(), false, false},
		"as the Device has it, deleted":        {fleet.AsTheDevice, asOther(), true, false},
		"a credential that was deleted":        {fleet.Admitted, asOther(), true, true},
		"turned away, and deleted":             {fleet.TurnedAway, asOther(), true, false},
		"the wrong key for what was deleted":   {fleet.Admitted, wrong, true, false},
		"a Client that the Device never knew":  {fleet.Admitted, secure.Client{Identity: stranger[:], Key: otherKey}, false, false},
		"a Client whose identity is no uuid":   {fleet.Admitted, secure.Client{Identity: []byte("lamp"), Key: otherKey}, false, false},
		"a Client whose identity is the text":  {fleet.TurnedAway, secure.Client{Identity: []byte(other.String()), Key: otherKey}, false, false},
		"the text of what was deleted as well": {fleet.Admitted, secure.Client{Identity: []byte(other.String()), Key: otherKey}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			var met []ocf.UUID
			p := &player{meets: func(m fleet.Met) fleet.Admission {
				if m.Identity == owner {
					return fleet.AsTheDevice
				}
				if m.Device != 1 || m.DI.IsNil() || m.Owner != owner {
					t.Errorf("met at %+v", m.Scene)
				}
				met = append(met, m.Identity)
				return c.says
			}}
			inSecureWorld(t, owned(), memnet.Impairment{}, func(cfg *fleet.Config) { cfg.Replay = p }, func(w *world) {
				if c.deleted {
					deleteOther(t, w)
				}
				_, err := w.call(c.client, w.fleet.SecureAddr(1))
				if got := err == nil; got != c.want {
					t.Errorf("a session: %v, want %v: %v", got, c.want, err)
				}
			})
			if id, err := ocf.ParseUUID(string(c.client.Identity)); err == nil && (len(met) != 1 || met[0] != id) {
				t.Errorf("met %v", met)
			}
		})
	}
}

// deleteOther has Device 1 delete the other Client's credential.
func deleteOther(t *testing.T, w *world) {
	t.Helper()
	c := &caller{conn: w.session(asOwner(), 1).conn}
	for _, s := range []struct {
		step
		answer codes.Code
	}{
		{post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 2}}), codes.Changed},
		{step{codes.DELETE, ocf.PathCred + "?credid=2", nil}, codes.Deleted},
		{post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 3}}), codes.Changed},
	} {
		if answer, _, err := c.do(s.code, s.path, s.payload); answer != s.answer {
			t.Fatalf("%v %s: %v, %v; want %v", s.code, s.path, answer, err, s.answer)
		}
	}
}
