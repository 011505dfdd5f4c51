package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// sourceReady is what --json writes once Devices can ask.
type sourceReady struct {
	Event   string `json:"event"` // "ready"
	HTTPS   string `json:"https,omitempty"`
	HTTP    string `json:"http,omitempty"`
	CoAPS   string `json:"coaps,omitempty"`
	CoAP    string `json:"coap,omitempty"`
	Control string `json:"control,omitempty"`
	Trust   string `json:"trust,omitempty"` // file of the CA's root certificate
	PSK     string `json:"psk,omitempty"`   // file of the pre-shared key
	Root    string `json:"root,omitempty"`  // file of the vendor's root
}

// text is r in the words that a person reads.
func (r sourceReady) text() string {
	var b strings.Builder
	b.WriteString("trusted source\n")
	for _, at := range []string{r.HTTPS, r.HTTP, r.CoAPS, r.CoAP} {
		if at != "" {
			fmt.Fprintf(&b, "  %s\n", at)
		}
	}
	for _, line := range []struct{ says, what string }{
		{"root of its certificate in ", r.Trust},
		{"pre-shared key in ", r.PSK},
		{"vendor's root in ", r.Root},
		{"conditions at ", r.Control},
	} {
		if line.what != "" {
			fmt.Fprintf(&b, "%s%s\n", line.says, line.what)
		}
	}
	b.WriteString("Press Ctrl-C to end it.\n")
	return b.String()
}

// answered is what --json writes of each answer.
type answered struct {
	Event string `json:"event"` // "answer"
	depot.Entry
}

// sourceTeller writes what `ocfsim source` says. Its methods may be called by any
// goroutine.
type sourceTeller struct {
	w    io.Writer
	json bool
	mu   sync.Mutex
}

// ready says where the source is.
func (t *sourceTeller) ready(r sourceReady) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		return json.NewEncoder(t.w).Encode(r)
	}
	_, err := io.WriteString(t.w, r.text())
	return err
}

// entry says what became of a question.
func (t *sourceTeller) entry(e depot.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.json {
		_ = json.NewEncoder(t.w).Encode(answered{"answer", e}) // the program ends with the error in the end
		return
	}
	fmt.Fprintln(t.w, sentence(e))
}

// sentence is an entry in one line: which bytes left, to whom, and what went wrong.
func sentence(e depot.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d  %s  %s  %s  %s", e.Number, e.At.Format("15:04:05.000"), e.Over, e.Peer, e.Asks)
	if e.Upto > 0 {
		fmt.Fprintf(&b, "  bytes %d-%d of %d", e.From, e.Upto-1, e.Size)
	}
	if e.Says != "" {
		fmt.Fprintf(&b, "  %q", e.Says)
	}
	if h := e.Doubt; h != nil {
		fmt.Fprintf(&b, "  the Device can't have installed %s %s as it is: %d of %d bytes", h.Package, h.Version, h.Bytes, h.Of)
		for _, f := range h.Faults {
			fmt.Fprintf(&b, ", %s", f)
		}
	}
	if len(e.Faults) > 0 {
		fmt.Fprintf(&b, "  %s", strings.Join(e.Faults, " "))
	}
	fmt.Fprintf(&b, "  %s", e.Ended)
	return b.String()
}

// keyBytes is the length of a pre-shared key that is made.
const keyBytes = 16

// sharedKey reads IDENTITY:KEY, the key in hex, from a file. If there is no such file it
// makes a key and writes it there, readable for its owner alone.
func sharedKey(name string) (identity string, key []byte, err error) {
	identity, key, err = readSharedKey(name)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, keyBytes)
		_, _ = rand.Read(key) // never fails
		return "ocfsim", key, writeWhole(name, durable.Private, []byte("ocfsim:"+hex.EncodeToString(key)+"\n"))
	}
	return identity, key, err
}

// readSharedKey reads a pre-shared key from a file.
func readSharedKey(name string) (identity string, key []byte, err error) {
	text, err := bounded.ReadText(name)
	if err != nil {
		return "", nil, err
	}
	identity, digits, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	key, err = hex.DecodeString(digits)
	if !ok || err != nil || identity == "" || len(key) == 0 {
		return "", nil, usage(fmt.Errorf("%s:1:1: expected IDENTITY:KEY, the key in hex", name))
	}
	return identity, key, nil
}
