package conformance

import (
	"testing"
)

// TestWhoMayDoWhat: who is not privileged may not write; who may write may
// read, but for one that an ACE grants U alone.
func TestWhoMayDoWhat(t *testing.T) {
	type may struct{ write, read bool }
	want := map[string]may{
		Privileged: {true, true}, Second: {true, true}, UpdateOnly: {true, false},
		Unprivileged: {}, Anonymous: {}, WithoutACE: {}, WrongRole: {}, Expired: {}, DeletedCredential: {},
		WrongKey: {}, OtherResource: {}, Wildcard: {}, AuthCryptACE: {},
		ReadOnly: {false, true}, NotifyOnly: {false, true},
	}
	for client, w := range want {
		if got := (may{MayWrite(client), MayRead(client)}); got != w {
			t.Errorf("%s: %+v, want %+v", client, got, w)
		}
	}
	listed := UnprivilegedClients()
	if len(listed) != len(want)-4 {
		t.Errorf("%d unprivileged Clients are listed, want %d", len(listed), len(want)-4)
	}
	for _, client := range listed {
		if MayWrite(client) {
			t.Errorf("%s may write", client)
		}
	}
}
