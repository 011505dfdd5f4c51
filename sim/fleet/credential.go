package fleet

import (
	"encoding/base64"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// keyOfIdentity finds a pre-shared key by its identity: the 16 bytes of a
// uuid, or its text, which is all that a command line can give.
func keyOfIdentity(creds []ocf.Cred) func([]byte) (secure.Key, bool) {
	return func(identity []byte) (secure.Key, bool) {
		id, ok := uuidOf(identity)
		if !ok {
			return nil, false
		}
		subject := id.String()
		for i := range creds {
			if c := &creds[i]; c.Type == ocf.SymmetricPair && c.Subject == subject {
				key := keyOfCred(c.Private)
				return key, len(key) > 0
			}
		}
		return nil, false
	}
}

// keyOfCred is the key itself; nil where it is written in no way that a key is.
func keyOfCred(k ocf.Key) secure.Key {
	if k.Encoding == ocf.EncodingBase64 {
		key, err := base64.StdEncoding.DecodeString(string(k.Data))
		if err != nil {
			return nil
		}
		return key
	}
	return k.Data
}

// uuidOf reads the identity of a pre-shared key.
func uuidOf(identity []byte) (ocf.UUID, bool) {
	if len(identity) == len(ocf.UUID{}) {
		return ocf.UUID(identity), true
	}
	id, err := ocf.ParseUUID(string(identity))
	return id, err == nil
}

// subjectOf is whom a normal session authenticated.
func subjectOf(p secure.Peer) ocf.UUID {
	if p.Identity == nil {
		return p.ID
	}
	id, _ := uuidOf(p.Identity)
	return id
}
