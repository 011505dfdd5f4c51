package ocf

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

// secret is a key whose bytes are found in whatever shows them.
var secret = []byte("\xf1SECRET\x00secret\xfe!")

// shows reports whether text has a part of the secret in one of the forms that
// a value is printed in.
func shows(text string) bool {
	middle := secret[1:7]
	for _, form := range []string{
		string(middle),
		hex.EncodeToString(middle),
		strings.Trim(fmt.Sprint(middle), "[]"),
		base64.StdEncoding.EncodeToString(secret)[:8],
		"0x53, 0x45",
	} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestKeysAreNeverPrinted(t *testing.T) {
	cred := Cred{
		Type: SymmetricPair, Subject: "*",
		Private: Key{EncodingRaw, secret}, Public: Key{EncodingDER, secret}, Optional: Key{EncodingRaw, secret},
	}
	update := CredsUpdate{List: []Cred{cred}}
	values := []any{
		cred.Private, &cred.Private, cred, &cred,
		[]Cred{cred},
		map[string]Key{"k": cred.Private},
		Creds{List: update.List},
		update, &update,
		Roles{update.List},
	}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%o"} {
			if text := fmt.Sprintf(verb, v); shows(text) {
				t.Errorf("%s of %T shows a key: %s", verb, v, text)
			}
		}
		text, err := json.Marshal(v)
		if err != nil || shows(string(text)) {
			t.Errorf("JSON of %T: %s, %v", v, text, err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("j", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("t", "v", v)
		if shows(log.String()) {
			t.Errorf("a log of %T: %s", v, log.String())
		}
	}
	if got := fmt.Sprint(cred.Private, Key{}); got != "[withheld] [no data]" {
		t.Errorf("keys print as %q", got)
	}
}

// A Device's answer has no key in it, wherever the key stands.
func TestKeysAreNeverAnswered(t *testing.T) {
	for _, encoding := range []string{"", EncodingRaw, EncodingDER, EncodingPEM, EncodingBase64} {
		list := []Cred{{Type: Certificate, Subject: "*", Private: Key{encoding, secret}}}
		for _, iface := range []Interface{InterfaceDefault, InterfaceBaseline} {
			if b := (&Creds{List: list}).AppendCBOR(nil, iface); shows(string(b)) {
				t.Errorf("cred: %x", b)
			}
			if b := (&Roles{List: list}).AppendCBOR(nil, iface); shows(string(b)) {
				t.Errorf("roles: %x", b)
			}
		}
	}
}

// The key stands in every place of a payload where something else belongs.
func TestErrorsNeverTellAKey(t *testing.T) {
	asText := func(dst []byte) []byte { return AppendText(dst, string(secret)) }
	asBytes := func(dst []byte) []byte { return AppendBytes(dst, secret) }
	asKey := func(dst []byte) []byte { return AppendUint(AppendText(AppendMap(dst, 1), string(secret)), 1) }
	asByteKey := func(dst []byte) []byte { return AppendUint(AppendBytes(AppendMap(dst, 1), secret), 1) }
	inArray := func(dst []byte) []byte { return AppendBytes(AppendArray(dst, 1), secret) }
	chunks := func(dst []byte) []byte { return append(AppendBytes(append(dst, 0x5f), secret), Break) }
	for i, value := range []func([]byte) []byte{asText, asBytes, asKey, asByteKey, inArray, chunks} {
		payloads := [][]byte{value(nil), append([]byte{0xa0}, value(nil)...), value(AppendMap(nil, 1))}
		for _, name := range []string{"creds", "roles", "rowneruuid", "aclist2"} {
			payloads = append(payloads, value(AppendText(AppendMap(nil, 1), name)))
		}
		for _, list := range []string{"creds", "roles"} {
			head := AppendArray(AppendText(AppendMap(nil, 1), list), 1)
			payloads = append(payloads, value(bytes.Clone(head)))
			for _, name := range []string{
				"credid", "credtype", "subjectuuid", "credusage", "roleid", "privatedata", "publicdata", "optionaldata", "period", "else",
			} {
				at := AppendText(AppendMap(bytes.Clone(head), 1), name)
				payloads = append(payloads, value(bytes.Clone(at)))
				for _, member := range []string{"encoding", "data", "role", "authority"} {
					payloads = append(payloads, value(AppendText(AppendMap(bytes.Clone(at), 1), member)))
				}
			}
		}
		for _, p := range payloads {
			for _, text := range told(p) {
				if shows(text) {
					t.Errorf("%d: %x tells %s", i, p, text)
				}
			}
		}
	}
}

// told is everything that the decoders of credentials say of a payload.
func told(payload []byte) []string {
	u, err := DecodeCredsUpdate(payload)
	says := []string{fmt.Sprintf("%+v %v", u.HasRowner, err)}
	roles, err := DecodeRolesUpdate(payload)
	says = append(says, fmt.Sprintf("%v %v", len(roles.List), err))
	_, problems, err := DecodeCreds(payload)
	says = append(says, fmt.Sprint(problems, err))
	_, problems, err = DecodeRoles(payload)
	return append(says, fmt.Sprint(problems, err))
}

// wordsOfErrors is all that an error about a credential may say.
var wordsOfErrors = regexp.MustCompile(`^(empty payload|payload of \d+ bytes, at most \d+ are taken|payload is no CBOR: .*|\d+ bytes follow the update|` +
	`[a-z0-9.\[\]]+: want [A-Za-z0-9 "*]+, got (unsigned integer|negative integer|byte string|text string|array|map|tag|simple value|null|` +
	`missing|duplicate key|something else|\d+ bytes more))$`)
