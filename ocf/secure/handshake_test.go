package secure_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

const (
	deviceID = "8b0c1a5e-2f1d-4c60-9c7a-3d4f1e2a7b90"
	ownerID  = "5c1f0d1b-77aa-4b8e-8f2d-94a0c0ffee01"
	otherID  = "0f0e0d0c-0b0a-4908-8706-050403020100"
)

func ptr[T any](v T) *T { return &v }

// sameKeys checks that both ends came to the same key block of n bytes, and to
// the same owner's key.
func sameKeys(t *testing.T, m met, otm secure.OTM, n int) {
	t.Helper()
	a, err := m.client.KeyBlock()
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.server.KeyBlock()
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != n || !bytes.Equal(a, b) {
		t.Fatalf("key blocks of %d and %d bytes, want %d equal ones", len(a), len(b), n)
	}
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	x, y := secure.OwnerPSK(a, otm, owner, device), secure.OwnerPSK(b, otm, owner, device)
	if len(x) != 16 || !bytes.Equal(x, y) {
		t.Fatal("owner's keys differ")
	}
}

func ready(t *testing.T, m met) {
	t.Helper()
	if m.clientErr != nil || m.serverErr != nil {
		t.Fatalf("client: %v; server: %v", m.clientErr, m.serverErr)
	}
	talk(t, m.client, m.server)
}

func TestJustWorks(t *testing.T) {
	m := meet(t, secure.Server{OTM: ptr(secure.JustWorks), Device: mustUUID(t, deviceID)}, secure.Client{OTM: ptr(secure.JustWorks)})
	ready(t, m)
	sameKeys(t, m, secure.JustWorks, 96)
	want := secure.Peer{Suite: secure.ECDHAnonAES128CBCSHA256}
	if diff := cmp.Diff([]secure.Peer{want, want}, []secure.Peer{m.client.Peer(), m.server.Peer()}); diff != "" {
		t.Error(diff)
	}
}

func TestRandomPIN(t *testing.T) {
	device := mustUUID(t, deviceID)
	m := meet(t, secure.Server{OTM: ptr(secure.RandomPIN), PIN: "63794068", Device: device},
		secure.Client{OTM: ptr(secure.RandomPIN), PIN: "63794068"})
	ready(t, m)
	sameKeys(t, m, secure.RandomPIN, 96)
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, Hint: secure.PINHint(device)}, m.client.Peer()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, Identity: []byte(secure.PINIdentity)}, m.server.Peer()); diff != "" {
		t.Error(diff)
	}
}

// psk is a Device that shares a key with the owner.
func psk(t *testing.T) (secure.Server, secure.Client) {
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	key := secure.Key("0123456789abcdef")
	s := secure.Server{Device: device, Key: func(identity []byte) (secure.Key, bool) {
		return key, bytes.Equal(identity, owner[:])
	}}
	return s, secure.Client{Identity: owner[:], Key: key, Device: device}
}

func TestSharedKey(t *testing.T) {
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	s, c := psk(t)
	m := meet(t, s, c)
	ready(t, m)
	sameKeys(t, m, secure.RandomPIN, 96)
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, ID: device, Hint: device[:]}, m.client.Peer()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, ID: owner, Identity: owner[:]}, m.server.Peer()); diff != "" {
		t.Error(diff)
	}
}
