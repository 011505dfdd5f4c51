package secure_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// The reference is written from RFC 2104, RFC 5246 section 5 and RFC 8018
// section 5.2, slowly, and shares nothing with the package.

func slowHMAC(key, message []byte) []byte {
	if len(key) > 64 {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var inner, outer [64]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	first := sha256.Sum256(append(inner[:], message...))
	second := sha256.Sum256(append(outer[:], first[:]...))
	return second[:]
}

func slowP(secret []byte, seed string, n int) []byte {
	var out []byte
	for i := 1; len(out) < n; i++ {
		a := []byte(seed)
		for range i {
			a = slowHMAC(secret, a)
		}
		out = append(out, slowHMAC(secret, append(a, seed...))...)
	}
	return out[:n]
}

func slowPBKDF2(password, salt []byte) []byte {
	u := slowHMAC(password, append(append([]byte{}, salt...), 0, 0, 0, 1))
	out := append([]byte{}, u...)
	for range 999 {
		u = slowHMAC(password, u)
		for i := range out {
			out[i] ^= u[i]
		}
	}
	return out[:16]
}

// counting is n bytes that count up from first.
func counting(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// The vector for P_SHA256 that was published with TLS 1.2, and the reference.
func TestReference(t *testing.T) {
	secret, _ := hex.DecodeString("9bbe436ba940f017b17652849a71db35")
	seed, _ := hex.DecodeString("a0ba9f936cda311827a6f796ffd5198c")
	const want = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a" +
		"6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab" +
		"4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701" +
		"87347b66"
	if got := hex.EncodeToString(slowP(secret, "test label"+string(seed), 100)); got != want {
		t.Errorf("P_SHA256 is %s", got)
	}
}

func TestKeyBlockOfAnonymousSuite(t *testing.T) {
	master, client, server := counting(0, 48), counting(100, 32), counting(200, 32)
	const want = "de62d3ee5dc8b42d2f657afce5c1a5bd07033d2a02facf4db7c22ce88bf3cca3" +
		"5f352e46b91ee32d419c4f53c604599625ee4e7a5eb33026440c206cf046931b" +
		"15997d79a841d73916832493177294f30b8d166c80af4fdb8d5338b54ac23bb2"
	for _, isClient := range []bool{true, false} {
		var got secure.KeyBlock
		suite := secure.AnonymousSuite(func(kb secure.KeyBlock) { got = kb })
		if suite.IsInitialized() {
			t.Error("has keys before Init")
		}
		if err := suite.Init(master, client, server, isClient); err != nil || !suite.IsInitialized() {
			t.Fatal(err)
		}
		if hex.EncodeToString(got) != want {
			t.Errorf("key block is %x", []byte(got))
		}
		if reference := slowP(master, "key expansion"+string(server)+string(client), 96); string(reference) != string(got) {
			t.Error("the reference has another key block")
		}
	}
	if id := secure.AnonymousSuite(nil).ID(); id != 0xFF00 {
		t.Errorf("suite %#x", id)
	}
}

func TestOwnerPSK(t *testing.T) {
	block := secure.KeyBlock(slowP(counting(0, 48), "key expansion"+string(counting(200, 32))+string(counting(100, 32)), 96))
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	for _, c := range []struct {
		otm         secure.OTM
		label, want string
	}{
		{secure.JustWorks, "oic.sec.doxm.jw", "d327dfa30620f63974060aad3fe04c04"},
		{secure.RandomPIN, "oic.sec.doxm.rdp", "0896716425a2d9c61e35733fc5c292d7"},
		{secure.ManufacturerCertificate, "oic.sec.doxm.mfgcert", "e7263136ccd141228f5c13dab6770feb"},
	} {
		got := secure.OwnerPSK(block, c.otm, owner, device)
		if hex.EncodeToString(got) != c.want {
			t.Errorf("%v: %x", c.otm, []byte(got))
		}
		if reference := slowP(block, c.label+string(owner[:])+string(device[:]), 16); string(reference) != string(got) {
			t.Errorf("%v: the reference has another key", c.otm)
		}
		if c.otm.Label() != c.label {
			t.Errorf("%v: label %q", c.otm, c.otm.Label())
		}
	}
}

func TestStretchPIN(t *testing.T) {
	device := mustUUID(t, deviceID)
	got := secure.StretchPIN("63794068", device)
	if hex.EncodeToString(got) != "4ad8e65061bd3fe518f0a90bee7a2497" {
		t.Errorf("%x", []byte(got))
	}
	if string(slowPBKDF2([]byte("63794068"), device[:])) != string(got) {
		t.Error("the reference has another key")
	}
	if hint := secure.PINHint(device); string(hint) != "oic.sec.doxm.rdp:"+string(device[:]) || len(hint) != 33 {
		t.Errorf("hint %x", hint)
	}
}

func FuzzOwnerPSK(f *testing.F) {
	f.Add([]byte("block"), byte(0), []byte("owner"), []byte("device"))
	f.Fuzz(func(t *testing.T, block []byte, otm byte, owner, device []byte) {
		var o, d ocf.UUID
		copy(o[:], owner)
		copy(d[:], device)
		m := secure.OTM(otm)
		if want := slowP(block, m.Label()+string(o[:])+string(d[:]), 16); string(want) != string(secure.OwnerPSK(block, m, o, d)) {
			t.Error("the reference has another key")
		}
	})
}

func TestOTMWords(t *testing.T) {
	for _, m := range []secure.OTM{secure.JustWorks, secure.RandomPIN, secure.ManufacturerCertificate} {
		if got, err := secure.ParseOTM(m.String()); err != nil || got != m {
			t.Errorf("%v is read as %v, %v", m, got, err)
		}
	}
	if _, err := secure.ParseOTM("nosuch"); err == nil {
		t.Error("nosuch is read")
	}
	if got := secure.OTM(9); got.String() != "OTM(9)" || got.Label() != "" {
		t.Errorf("%v, label %q", got, got.Label())
	}
}

// The names and numbers of the registry, and OCF's own.
func TestSuiteNames(t *testing.T) {
	for suite, want := range map[secure.Suite]string{
		0xFF00: "TLS_ECDH_ANON_WITH_AES_128_CBC_SHA256", 0xC037: "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
		0xC0AC: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", 0xC0AE: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 1: "Suite(0x0001)",
	} {
		if suite.String() != want {
			t.Errorf("%#x is %v", uint16(suite), suite)
		}
	}
}
