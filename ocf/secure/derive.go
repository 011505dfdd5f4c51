package secure

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"

	"github.com/ocfsim/ocfsim/ocf"
)

const (
	// PINIdentity is the identity that a Client of the Random PIN method gives.
	PINIdentity = "oic.sec.doxm.rdp"

	pinIterations = 1000
	pskLen        = 16
)

// OwnerPSK is the key that Device and owner share after an ownership transfer:
// P_SHA256(key_block, label || owner || device)[:16], where device is the
// deviceuuid that the owner has given the Device.
func OwnerPSK(kb KeyBlock, m OTM, owner, device ocf.UUID) Key {
	seed := make([]byte, 0, 64)
	seed = append(seed, m.Label()...)
	seed = append(seed, owner[:]...)
	seed = append(seed, device[:]...)
	return pSHA256(kb, seed, pskLen)
}

// StretchPIN is the key of a Random PIN session: PBKDF2 with HMAC-SHA256 over
// the PIN, salted with the Device's current uuid, 1000 iterations, 16 bytes.
// It takes a fraction of a millisecond, and is empty only where Go's FIPS mode
// refuses a PIN that short.
func StretchPIN(pin PIN, device ocf.UUID) Key {
	key, err := pbkdf2.Key(sha256.New, string(pin), device[:], pinIterations, pskLen)
	if err != nil {
		return nil
	}
	return key
}

// PINHint is the hint of a Device in a Random PIN session: 33 bytes, a label
// and the Device's current uuid.
func PINHint(device ocf.UUID) []byte {
	return append([]byte(PINIdentity+":"), device[:]...)
}

// pinHintDevice is the uuid in a hint of the form of PINHint.
func pinHintDevice(hint []byte) (ocf.UUID, bool) {
	const prefix = PINIdentity + ":"
	if len(hint) != len(prefix)+16 || string(hint[:len(prefix)]) != prefix {
		return ocf.UUID{}, false
	}
	return ocf.UUID(hint[len(prefix):]), true
}

// pSHA256 is P_SHA256 of RFC 5246 section 5, n bytes of it.
func pSHA256(secret, seed []byte, n int) []byte {
	mac := hmac.New(sha256.New, secret)
	out := make([]byte, 0, n+sha256.Size)
	a := seed
	for len(out) < n {
		mac.Reset()
		mac.Write(a)
		a = mac.Sum(nil)
		mac.Reset()
		mac.Write(a)
		mac.Write(seed)
		out = mac.Sum(out)
	}
	return out[:n:n]
}

// expandKeys is the key block of a session.
func expandKeys(master, clientRandom, serverRandom []byte, n int) KeyBlock {
	seed := make([]byte, 0, 80)
	seed = append(seed, "key expansion"...)
	seed = append(seed, serverRandom...)
	seed = append(seed, clientRandom...)
	return pSHA256(master, seed, n)
}
