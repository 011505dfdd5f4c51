package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// ready is what --json writes once the Devices can be reached.
type ready struct {
	Event       string `json:"event"` // "ready"
	Devices     int    `json:"devices"`
	First       string `json:"first"` // URI without security
	Last        string `json:"last"`
	Secure      string `json:"secure,omitempty"` // URI of the first Device with security
	SecureLast  string `json:"secure_last,omitempty"`
	DI          string `json:"di"` // of the first Device
	Behaviour   string `json:"behaviour"`
	Control     string `json:"control,omitempty"`
	Source      string `json:"source,omitempty"`
	HTTP        string `json:"http,omitempty"` // metrics, health and Devices
	Unsecured   bool   `json:"unsecured"`
	Unowned     bool   `json:"unowned,omitempty"`
	Credentials string `json:"credentials,omitempty"` // file of the owner's credential
	Trust       string `json:"trust,omitempty"`       // file of the manufacturer's root certificate
	Twin        *aTwin `json:"twin,omitempty"`        // of whom, and what is known of it
	Fleet       *aPlan `json:"fleet,omitempty"`       // of a fleet file: what is planned
}

// shown is what --json writes when a Device shows a PIN.
type shown struct {
	Event  string `json:"event"` // "pin"
	Device string `json:"device"`
	DI     string `json:"di"`
	PIN    string `json:"pin"`
}

// announcement collects what the user is told of f.
func announcement(flags runFlags, s secured, f *fleet.Fleet, d doors) ready {
	last := f.Len() - 1
	r := ready{
		Event: "ready", Devices: f.Len(), First: "coap://" + f.Addr(0).String(), Last: "coap://" + f.Addr(last).String(),
		DI: f.DI(0).String(), Behaviour: flags.behaviour, Unsecured: flags.security.unsecured, Unowned: flags.security.unowned,
		Credentials: s.credentials, Trust: s.trust,
	}
	if !r.Unsecured {
		r.Secure, r.SecureLast = "coaps://"+f.SecureAddr(0).String(), "coaps://"+f.SecureAddr(last).String()
	}
	if d.control != nil {
		r.Control = d.control.URL()
	}
	if d.source != nil {
		r.Source = d.source.URL()
	}
	flags.fleet.inFleet(&r, f)
	if d.seen != nil {
		r.HTTP = strings.TrimSuffix(d.seen.URL(), "/")
	}
	return r
}

// text is r in the words that a person reads.
func (r ready) text() string {
	how, first, last := "secured and owned", r.Secure, r.SecureLast
	switch {
	case r.Unsecured:
		how, first, last = "unsecured", r.First, r.Last
	case r.Unowned:
		how, first, last = "waiting for an owner", r.First+" "+r.Secure, r.Last+" "+r.SecureLast
	}
	var b strings.Builder
	switch {
	case r.Fleet != nil:
		b.WriteString(r.Fleet.text())
	case r.Devices > 1:
		fmt.Fprintf(&b, "%d Devices, behaviour %s, %s\n  %s\n  ... to\n  %s\n", r.Devices, r.Behaviour, how, first, last)
	default:
		fmt.Fprintf(&b, "a Device, behaviour %s, %s\n  %s\n", r.Behaviour, how, first)
	}
	for _, line := range []struct{ says, what string }{
		{"owner's credential in ", r.Credentials},
		{"manufacturer's root in ", r.Trust},
		{"conditions at ", r.Control},
		{"trusted source at ", r.Source},
		{"metrics and Devices at ", r.HTTP},
	} {
		if line.what != "" {
			fmt.Fprintf(&b, "%s%s\n", line.says, line.what)
		}
	}
	b.WriteString(r.Twin.text())
	b.WriteString("Press Ctrl-C to end them.\n")
	return b.String()
}

// teller writes what `ocfsim run` says. Its pin may be called by any goroutine.
type teller struct {
	w      io.Writer
	json   bool
	stderr io.Writer // of the program; never nil
	screen *screen   // nil unless --watch has one

	mu    sync.Mutex
	fleet *fleet.Fleet // nil before ready
}

// ready says that the Devices of f can be reached.
func (t *teller) ready(r ready, f *fleet.Fleet) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fleet = f
	if t.json {
		return json.NewEncoder(t.w).Encode(r)
	}
	_, err := io.WriteString(t.w, r.text())
	return err
}

// pin shows a Device's PIN, as the display of a real Device would.
func (t *teller) pin(i int, pin string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := fmt.Sprintf("Device %d", i)
	row := shown{Event: "pin", PIN: pin}
	if t.fleet != nil {
		row.Device, row.DI = "coap://"+t.fleet.Addr(i).String(), t.fleet.DI(i).String()
		at = row.Device
	}
	if t.json {
		_ = json.NewEncoder(t.w).Encode(row)
		return
	}
	fmt.Fprintf(t.w, "PIN of %s: %s\n", at, pin)
}
