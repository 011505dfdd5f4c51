package ocf

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

type encoder = func(dst []byte, iface Interface) []byte

// securityKinds are what the wire files of the security resources say.
var securityKinds = map[string]func(t *testing.T, b []byte) ([]string, encoder){
	"cred":         sayCred,
	"cred-update":  sayCredUpdate,
	"acl2":         sayACL,
	"acl2-update":  sayACLUpdate,
	"doxm-update":  sayDoxmUpdate,
	"sp":           saySP,
	"sp-update":    saySPUpdate,
	"sdi":          saySDI,
	"sdi-update":   saySDIUpdate,
	"csr":          sayCSR,
	"roles":        sayRoles,
	"roles-update": sayRolesUpdate,
	"ael":          sayAEL,
	"ael-update":   sayAELUpdate,

	"swupdate":        saySoftwareUpdate,
	"swupdate-update": saySoftwareUpdateUpdate,
}

func sayCred(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeCreds(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems(append(sayCreds(x.List), fmt.Sprint("rowneruuid ", x.Rowner)), problems), x.AppendCBOR
}

func sayCredUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	u, err := DecodeCredsUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	return append(sayCreds(u.List), sayRowner(u.HasRowner, u.Rowner)), noInterface(u.AppendCBOR)
}

func sayRoles(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeRoles(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems(sayCreds(x.List), problems), x.AppendCBOR
}

func sayRolesUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	x, err := DecodeRolesUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	return sayCreds(x.List), noInterface(x.AppendUpdate)
}

func sayRowner(has bool, u UUID) string {
	if !has {
		return "rowneruuid absent"
	}
	return fmt.Sprint("rowneruuid ", u)
}

func sayCreds(list []Cred) []string {
	var says []string
	for _, c := range list {
		line := fmt.Sprintf("cred %d type %d subject %s", c.ID, c.Type, orDash(c.Subject))
		if c.Usage != "" {
			line += " usage " + c.Usage
		}
		if c.Role != (Role{}) {
			line += " role " + c.Role.Name + " of " + orDash(c.Role.Authority)
		}
		if c.Period != "" {
			line += " period " + c.Period
		}
		says = append(says, line)
		for _, k := range []struct {
			name string
			key  Key
		}{{"privatedata", c.Private}, {"publicdata", c.Public}, {"optionaldata", c.Optional}} {
			if k.key.Encoding != "" {
				says = append(says, fmt.Sprintf("%s %s %s", k.name, k.key.Encoding, sayData(k.key.Data)))
			}
		}
	}
	return says
}

func sayData(b []byte) string {
	if len(b) > 0 && utf8.Valid(b) && b[0] == '-' {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("h'%x'", b)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func noInterface(encode func(dst []byte) []byte) encoder {
	return func(dst []byte, _ Interface) []byte { return encode(dst) }
}

func sayACL(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeACL(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems(append(sayACEs(x.List), fmt.Sprint("rowneruuid ", x.Rowner)), problems), x.AppendCBOR
}

func sayACLUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	u, err := DecodeACLUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	return append(sayACEs(u.List), sayRowner(u.HasRowner, u.Rowner)), noInterface(u.AppendCBOR)
}

func sayACEs(list []ACE) []string {
	var says []string
	for _, e := range list {
		words := []string{"ace", fmt.Sprint(e.ID), saySubject(e.Subject), e.Permission.String()}
		for _, ref := range e.Resources {
			if ref.Href != "" {
				words = append(words, ref.Href)
			}
			for _, w := range []struct{ name, value string }{
				{"wc", ref.Wildcard},
				{"rt", strings.Join(ref.RT, ",")},
				{"if", strings.Join(ref.IF, ",")},
			} {
				if w.value != "" {
					words = append(words, w.name+"="+w.value)
				}
			}
		}
		for _, v := range e.Validity {
			words = append(append(words, "valid", v.Period), v.Recurrence...)
		}
		says = append(says, strings.Join(words, " "))
	}
	return says
}

func saySubject(s Subject) string {
	switch {
	case s.Conn != "":
		return "conntype " + s.Conn
	case s.Role.Name != "":
		return "role " + s.Role.Name + " of " + orDash(s.Role.Authority)
	case s.UUID.IsNil():
		return "-"
	}
	return fmt.Sprint("uuid ", s.UUID)
}

func sayDoxmUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	u, err := DecodeDoxmUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	says := "set"
	for _, q := range []struct {
		bit  DoxmProperties
		name string
		v    any
	}{
		{DoxmOXMSel, "oxmsel", u.OXMSel},
		{DoxmOwned, "owned", u.Owned},
		{DoxmDevice, "deviceuuid", u.Device},
		{DoxmDevOwner, "devowneruuid", u.DevOwner},
		{DoxmRowner, "rowneruuid", u.Rowner},
	} {
		if u.Set.Has(q.bit) {
			says += fmt.Sprintf(" %s=%v", q.name, q.v)
		}
	}
	return []string{says}, noInterface(u.AppendCBOR)
}

func saySP(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeSP(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems(sayProfiles(x), problems), x.AppendCBOR
}

func saySPUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	x, err := DecodeSPUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	return sayProfiles(x), noInterface(x.AppendUpdate)
}

func sayProfiles(x SP) []string {
	return []string{
		strings.TrimSpace("currentprofile " + x.Current),
		strings.TrimSpace("supportedprofiles " + strings.Join(x.Supported, " ")),
	}
}

func saySDI(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeSDI(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems([]string{
		fmt.Sprint("uuid ", x.UUID), strings.TrimSpace("name " + x.Name), fmt.Sprint("priv ", x.Private),
	}, problems), x.AppendCBOR
}

func saySDIUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	u, err := DecodeSDIUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	says := "set"
	if u.Set.Has(SDIUUID) {
		says += fmt.Sprint(" uuid=", u.UUID)
	}
	if u.Set.Has(SDIName) {
		says += " name=" + u.Name
	}
	if u.Set.Has(SDIPrivate) {
		says += fmt.Sprint(" priv=", u.Private)
	}
	return []string{says}, noInterface(u.AppendCBOR)
}

func sayCSR(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeCSR(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems([]string{"csr " + sayData(x.Data), strings.TrimSpace("encoding " + x.Encoding)}, problems), x.AppendCBOR
}

func sayAEL(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeAEL(b)
	if err != nil {
		t.Fatal(err)
	}
	says := []string{
		fmt.Sprintf("filters %d %d", x.CategoryFilter, x.PriorityFilter),
		fmt.Sprintf("space %d of %d", x.UsedSpace, x.MaxSpace),
	}
	for _, e := range x.Events {
		says = append(says, strings.TrimSpace(fmt.Sprintf("event %d %d %s %s", e.Category, e.Priority, e.Time, e.Message)))
	}
	return sayProblems(says, problems), x.AppendCBOR
}

func sayAELUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	u, err := DecodeAELUpdate(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	says := "set"
	if u.Set.Has(AELCategoryFilter) {
		says += fmt.Sprint(" categoryfilter=", u.CategoryFilter)
	}
	if u.Set.Has(AELPriorityFilter) {
		says += fmt.Sprint(" priorityfilter=", u.PriorityFilter)
	}
	return []string{says}, noInterface(u.AppendCBOR)
}
