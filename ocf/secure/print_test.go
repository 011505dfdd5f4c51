package secure_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// Nothing that holds a key gives it to a printer, in any verb.
func TestKeysAreWithheld(t *testing.T) {
	const text = "0123456789abcdef"
	doorman := must[*secure.Doorman](t)(secure.NewDoorman(strings.NewReader(strings.Repeat(text, 2))))
	var trace []string
	for _, v := range []any{
		secure.Key(text), secure.KeyBlock(text), secure.PIN(text),
		secure.Client{Key: secure.Key(text), PIN: text},
		&secure.Client{Key: secure.Key(text), PIN: text},
		secure.Server{PIN: text},
		[]any{secure.Key(text)},
		map[string]secure.Key{"key": secure.Key(text)},
		doorman, *doorman,
		struct{ D *secure.Doorman }{doorman},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%b", "%o", "%c", "%U", "%t"} {
			trace = append(trace, fmt.Sprintf(verb, v))
		}
		trace = append(trace, fmt.Sprint(v), fmt.Sprintln(v))
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("v", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("v", "v", v)
		trace = append(trace, log.String())
		if b, err := json.Marshal(v); err == nil { // a func can't be marshalled
			trace = append(trace, string(b))
		}
	}
	all := strings.ToLower(strings.Join(trace, "\n"))
	for _, form := range []string{
		text, "30313233", "30 31 32", "48 49 50", "48, 49", "0x30, 0x31", "110000 110001", "u+0030 u+0031", "60 61 62", "mdeymzq1",
	} {
		if strings.Contains(all, form) {
			i := strings.Index(all, form)
			t.Errorf("a key is printed as %q, in %q", form, all[max(0, i-80):i])
		}
	}
	if !strings.Contains(all, "[key withheld]") {
		t.Error("nothing says that a key is withheld")
	}
	for _, v := range []interface {
		fmt.Stringer
		fmt.GoStringer
		slog.LogValuer
	}{secure.Key(text), secure.KeyBlock(text), secure.PIN(text)} {
		if v.String() != "[key withheld]" || v.GoString() != "[key withheld]" || v.LogValue().String() != "[key withheld]" {
			t.Errorf("%T prints itself", v)
		}
	}
}

// A session prints no key either.
func TestSessionIsWithheld(t *testing.T) {
	m := meet(t, secure.Server{OTM: ptr(secure.JustWorks)}, secure.Client{OTM: ptr(secure.JustWorks)})
	ready(t, m)
	block := must[secure.KeyBlock](t)(m.client.KeyBlock())
	var printed string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		printed += fmt.Sprintf(verb+" "+verb+" ", m.client, m.server.Session)
	}
	if want := "session with 00000000-0000-0000-0000-000000000000 by TLS_ECDH_ANON_WITH_AES_128_CBC_SHA256"; strings.Count(printed, want) != 12 {
		t.Errorf("prints %s", printed)
	}
	for _, form := range []string{fmt.Sprint([]byte(block[:8]))[1:20], fmt.Sprintf("%x", []byte(block[:8]))} {
		if strings.Contains(printed, form) {
			t.Errorf("the key block is printed as %q", form)
		}
	}
}

// A CA's and a leaf's private numbers stay in too.
func TestPrivateKeysAreWithheld(t *testing.T) {
	ca := must[*secure.CA](t)(secure.NewCA("root"))
	leaf := must[*tls.Certificate](t)(ca.Identity(mustUUID(t, deviceID)))
	key := must[[]byte](t)(leaf.PrivateKey.(*ecdsa.PrivateKey).Bytes())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, ca); got != `CA "root"` {
			t.Errorf("%s prints %s", verb, got)
		}
		printed := fmt.Sprintf(verb, secure.Client{Certificate: leaf}) + fmt.Sprintf(verb, secure.Server{Certificate: leaf})
		for _, form := range []string{fmt.Sprint(key[:6])[1:12], fmt.Sprintf("%x", key[:6]), new(big.Int).SetBytes(key).String()} {
			if strings.Contains(printed, form) {
				t.Errorf("%s prints a private key as %q", verb, form)
			}
		}
	}
	if got := fmt.Sprint(new(secure.CA)); got != `CA "nobody"` {
		t.Error(got)
	}
}

// The DTLS library has a logger of its own, which the environment can wake.
func TestLibraryIsSilent(t *testing.T) {
	for _, level := range []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR"} {
		t.Setenv("PION_LOG_"+level, "all")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	s, c := psk(t)
	m := meet(t, s, c)
	os.Stdout, os.Stderr = stdout, stderr
	_ = w.Close()
	ready(t, m)
	if printed, err := io.ReadAll(r); err != nil || len(printed) > 0 {
		t.Errorf("printed %q, %v", printed, err)
	}
}
