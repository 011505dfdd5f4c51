package sim_test

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"
	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// names are the Clients of scripts. On an owned Device, those after the owner have a
// credential, and an ACE as guests gives it.
var names = []string{
	"owner", "other", "second", "updater", "reader", "notified", "stranger", "role", "admin", "expired", "current", "wild", "creator",
}

// party holds the Clients of a secured Device and their sessions.
type party struct {
	vias     map[string]sim.Via
	sessions uint32
	secured  bool
}

// idOf returns the uuid of a Client, which is made from its name.
func idOf(name string) (id ocf.UUID) {
	if name == "nobody" {
		return id
	}
	copy(id[:], name)
	return id
}

// keyOf returns the key of a Client.
func keyOf(name string) []byte { return []byte((name + strings.Repeat("-", 16))[:16]) }

// ownerKey is the key that the shell derives over a Device Onboarding Connection.
var ownerKey = [16]byte([]byte("derived-owner-16"))

// requested is the certificate signing request of a Device.
func requested(id ocf.UUID) ocf.CSR {
	return ocf.CSR{Data: []byte("-----BEGIN CERTIFICATE REQUEST----- uuid:" + id.String()), Encoding: ocf.EncodingPEM}
}

// secure makes the Devices of config secured.
func secure(config *sim.Config, arg datadriven.CmdArg) error {
	if config.Security == nil {
		config.Security = &sim.Security{}
	}
	s := config.Security
	switch arg.Key {
	case "secured":
		if arg.Vals[0] == "owned" {
			s.Owner, s.OwnerKey = idOf("owner"), [16]byte(keyOf("owner"))
		}
	case "edition":
		s.Edition = arg.Vals[0]
	case "pin":
		s.PIN = arg.Vals[0]
	case "csr":
		s.CSR = requested
	case "methods":
		for _, text := range arg.Vals {
			n, err := strconv.ParseUint(text, 10, 16)
			if err != nil {
				return err
			}
			s.Methods = append(s.Methods, uint16(n))
			if n == ocf.OXMCertificate {
				s.Shipped = []ocf.Cred{{
					Type: ocf.Certificate, Subject: "*", Usage: ocf.UsageMfgCert,
					Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: []byte("-----BEGIN CERTIFICATE-----")},
				}}
			}
		}
	}
	return nil
}

// guests gives an owned Device its Clients, with a credential and an ACE each.
func guests(config *sim.Config) {
	s := config.Security
	if s == nil || s.Owner.IsNil() {
		return
	}
	pstat := []ocf.ResourceRef{{Href: ocf.PathPstat}}
	to := func(name string) ocf.Subject { return ocf.Subject{UUID: idOf(name)} }
	role := ocf.Role{Name: "oic.role.admin"}
	const everything = ocf.MayRead | ocf.MayUpdate | ocf.MayNotified
	s.ACEs = []ocf.ACE{
		{Subject: to("second"), Resources: pstat, Permission: everything},
		{Subject: to("updater"), Resources: pstat, Permission: ocf.MayUpdate},
		{Subject: to("reader"), Resources: pstat, Permission: ocf.MayRead},
		{Subject: to("notified"), Resources: pstat, Permission: ocf.MayNotified},
		{Subject: to("creator"), Resources: pstat, Permission: ocf.MayCreate},
		{Subject: ocf.Subject{Role: role}, Resources: pstat, Permission: everything},
		{
			Subject: to("expired"), Resources: pstat, Permission: everything,
			Validity: []ocf.Validity{{Period: "20200101T000000Z/20201231T235959Z"}},
		},
		{
			Subject: to("current"), Resources: pstat, Permission: everything,
			Validity: []ocf.Validity{{Period: "20200101T080000Z/PT8H"}, {Period: "20260101T000000Z/20261231T235959Z"}},
		},
		{Subject: to("wild"), Resources: []ocf.ResourceRef{{Wildcard: "*"}}, Permission: everything},
	}
	editions := []string{s.Edition, config.Variant.Edition}
	for i := range config.Deviations {
		editions = append(editions, config.Deviations[i].Edition)
	}
	if slices.Contains(editions, "ocf-2.2") {
		s.ACEs = append(s.ACEs, ocf.ACE{Subject: ocf.Subject{Conn: ocf.AuthCrypt}, Resources: pstat, Permission: everything})
	}
	for _, name := range names[2:] {
		c := ocf.Cred{Type: ocf.SymmetricPair, Subject: idOf(name).String(), Private: ocf.Key{Encoding: ocf.EncodingRaw, Data: keyOf(name)}}
		if name == "admin" {
			c.Role = role
		}
		s.Creds = append(s.Creds, c)
	}
}

// via is the session of a Client, or plain CoAP if it has none.
func (w *world) via(name string) sim.Via { return w.vias[name] }

// session opens a session as a shell does: by what Door says.
func (w *world) session(td *datadriven.TestData) error {
	name, key := td.CmdArgs[0].Key, ""
	for _, arg := range td.CmdArgs[1:] {
		key = arg.Vals[0]
	}
	door := w.device.Door()
	via := sim.Via{Session: w.sessions + 1, Subject: idOf(name)}
	word := "session"
	switch {
	case door.Closed:
		w.say("refused: closed")
		return nil
	case door.OTM:
		via.Subject, via.OTM, via.OwnerKey = ocf.UUID{}, true, ownerKey
		word = fmt.Sprintf("transfer by method %d", door.Method)
		if door.PIN != key {
			w.say("refused: wrong PIN")
			return nil
		}
	default:
		known := func(c ocf.Cred) bool {
			return c.Subject == idOf(name).String() && bytes.Equal(c.Private.Data, []byte(cmp.Or(key, string(keyOf(name)))))
		}
		if !slices.ContainsFunc(door.Creds, known) {
			w.say("refused: unknown identity or wrong key")
			return nil
		}
	}
	w.sessions++
	w.vias[name] = via
	w.say(word)
	w.apply(sim.Event{Kind: sim.SessionOpened, Request: sim.Request{Via: via}})
	return nil
}

func (w *world) close(td *datadriven.TestData) error {
	name := td.CmdArgs[0].Key
	via, ok := w.vias[name]
	if !ok {
		return fmt.Errorf("%s has no session", name)
	}
	delete(w.vias, name)
	w.apply(sim.Event{Kind: sim.SessionClosed, Request: sim.Request{Via: via}})
	return nil
}

func (w *world) say(text string) { w.lines = append(w.lines, fmt.Sprintf("%v %s", w.now, text)) }

// matrix sends a request for each path without a session and over each session, and
// shows the codes. The payload of a POST is empty, so no POST is ever accepted: a
// 4.00 means that access was granted. Each request goes to a Device of its own, so
// nothing changes.
func (w *world) matrix(td *datadriven.TestData) {
	clients := []string{"anyone"}
	for _, name := range names {
		if _, ok := w.vias[name]; ok {
			clients = append(clients, name)
		}
	}
	head := fmt.Sprintf("%-17s", "")
	for _, name := range clients {
		head += fmt.Sprintf(" | %-14s", name)
	}
	w.lines = append(w.lines, strings.TrimRight(head, " "))
	for _, arg := range td.CmdArgs {
		line := fmt.Sprintf("%-17s", arg.Key)
		for _, name := range clients {
			line += " |"
			for _, kind := range []sim.EventKind{sim.Get, sim.Post, sim.Delete} {
				device := w.device
				ev := sim.Event{Kind: kind, At: w.now, Request: sim.Request{
					Path: arg.Key, Format: ocf.FormatOCFCBOR, ID: 999, Via: w.via(name),
				}}
				for _, e := range device.Apply(&ev, nil) {
					if e.Kind == sim.Respond {
						line += " " + code(e.Code)
					}
				}
			}
		}
		w.lines = append(w.lines, strings.TrimRight(line, " "))
	}
}

// endpoints are the ones that the shell passes to Encode.
func (w *world) endpoints() []string {
	eps := []string{"coap://127.1.0.1:5683"}
	if w.secured {
		eps = append(eps, "coaps://127.1.0.1:5684")
	}
	return eps
}

// body encodes the text under a post as CBOR. The text is JSON, with $NAME for a
// uuid and "hex:..." or "key:NAME" for bytes.
func body(text string) ([]byte, error) {
	text = strings.ReplaceAll(text, "$nobody", ocf.UUID{}.String())
	for _, name := range names {
		text = strings.ReplaceAll(text, "$"+name, idOf(name).String())
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	v, err := plain(v)
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(v)
}

// plain turns JSON types into CBOR types.
func plain(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		return v.Int64()
	case []any:
		for i := range v {
			if v[i], err = plain(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = plain(v[k]); err != nil {
				return nil, err
			}
		}
	case string:
		if digits, ok := strings.CutPrefix(v, "hex:"); ok {
			return hex.DecodeString(digits)
		}
		if name, ok := strings.CutPrefix(v, "key:"); ok {
			return keyOf(name), nil
		}
	}
	return v, nil
}

// named replaces the uuids of Clients by their names.
func named(text string) string {
	for _, name := range names {
		text = strings.ReplaceAll(text, idOf(name).String(), "$"+name)
	}
	return strings.ReplaceAll(text, ocf.UUID{}.String(), "$nobody")
}

// acl shows an ACL in short form.
func acl(data []byte) string {
	x, problems, err := ocf.DecodeACL(data)
	if err != nil || len(problems) > 0 {
		return fmt.Sprint(err, problems)
	}
	text := "of " + x.Rowner.String() + ":"
	for i := range x.List {
		e := &x.List[i]
		subject := e.Subject.Conn + e.Subject.Role.Name
		if subject == "" {
			subject = e.Subject.UUID.String()
		}
		text += fmt.Sprintf(" %d(%s %v", e.ID, subject, e.Permission)
		for _, ref := range e.Resources {
			text += " " + ref.Href + ref.Wildcard
		}
		for _, v := range e.Validity {
			text += " " + v.Period
		}
		text += ")"
	}
	return named(text)
}

// creds shows a list of credentials in short form.
func creds(data []byte) string {
	x, problems, err := ocf.DecodeCreds(data)
	if err != nil || len(problems) > 0 {
		return fmt.Sprint(err, problems)
	}
	text := "of " + x.Rowner.String() + ":"
	for i := range x.List {
		c := &x.List[i]
		text += fmt.Sprintf(" %d(%s", c.ID, c.Subject)
		if c.Usage != "" {
			text += " " + strings.TrimPrefix(c.Usage, "oic.sec.cred.")
		}
		if c.Role.Name != "" {
			text += " " + c.Role.Name
		}
		text += ")"
	}
	return named(text)
}
