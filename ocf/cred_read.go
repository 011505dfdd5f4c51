package ocf

import (
	"bytes"
	"encoding/base64"
)

// DecodeCreds reads a representation of /oic/sec/cred as a Client sees it. It
// is as tolerant as DecodePstat; no Problem and no error reveals one of its
// values.
func DecodeCreds(payload []byte) (Creds, []Problem, error) {
	var x Creds
	r := reader{secret: true}
	err := r.representation(payload, []field{
		r.creds("creds", &x.List),
		uuidField("rowneruuid", &x.Rowner),
	})
	return x, r.problems, err
}

// DecodeCredsUpdate reads the payload of a POST to /oic/sec/cred as a Device
// does. If a property of the schema is wrong, the error names it and never its
// value; other properties are passed over, because tools write some of their
// own. creds and data may be null, a uuid may end in a NUL, and a key may come
// as a text string that is not UTF-8. A base64 key is decoded, and its Encoding
// is then EncodingRaw; a privatedata without data keeps its Encoding, which
// tells it from an absent one. Whether a credential makes sense is for the
// Device to say.
func DecodeCredsUpdate(payload []byte) (CredsUpdate, error) {
	var u CredsUpdate
	r := reader{update: true, secret: true}
	err := r.readUpdate(payload, MaxListBytes, []field{
		r.creds("creds", &u.List),
		has(uuidField("rowneruuid", &u.Rowner), &u.HasRowner),
	})
	if err != nil {
		return CredsUpdate{}, err
	}
	return u, nil
}

// creds reads a list of credentials into to; the credentials of roles have no
// subject.
func (r *reader) creds(name string, to *[]Cred) field {
	return r.list(name, "array of credentials", "", func(it item, at string) {
		if !r.isMap(it, at) {
			return
		}
		var c Cred
		subject := subjectField(&c.Subject)
		subject.optional = name == "roles"
		r.object(it, at+".", []field{
			r.unlessUpdate(numberField("credid", &c.ID)),
			wordField("credtype", &c.Type),
			subject,
			opt(textField("credusage", &c.Usage)),
			opt(r.roleField(at, &c.Role)),
			opt(r.keyField("privatedata", at, &c.Private)),
			opt(r.keyField("publicdata", at, &c.Public)),
			opt(r.keyField("optionaldata", at, &c.Optional)),
			opt(textField("period", &c.Period)),
		})
		if r.update {
			r.plain(at, &c.Private)
		}
		*to = append(*to, c)
	})
}

// subjectField reads the subject of a credential into to.
func subjectField(to *string) field {
	return field{name: "subjectuuid", want: `uuid or "*"`, read: func(it item) bool {
		if text, ok := it.text(); ok && string(bytes.TrimSuffix(text, []byte{0})) == "*" {
			*to = "*"
			return true
		}
		u, ok := it.uuid()
		if ok {
			*to = u.String()
		}
		return ok
	}}
}

// roleField reads roleid into to.
func (r *reader) roleField(at string, to *Role) field {
	return field{name: "roleid", want: "map with role", read: func(it item) bool {
		if it.major() != MajorMap {
			return false
		}
		r.object(it, at+".roleid.", []field{
			textField("role", &to.Name),
			opt(textField("authority", &to.Authority)),
		})
		return true
	}}
}

// keyField reads one of the three data objects into to. An encoding that is
// missing is raw.
func (r *reader) keyField(name, at string, to *Key) field {
	return field{name: name, want: "map with data", read: func(it item) bool {
		if it.major() != MajorMap {
			return false
		}
		to.Encoding = EncodingRaw
		r.object(it, at+"."+name+".", []field{
			opt(textField("encoding", &to.Encoding)),
			opt(r.dataField("data", &to.Data)),
		})
		if to.Encoding == "" {
			to.Encoding = EncodingRaw
		}
		return true
	}}
}

// plain decodes a base64 key.
func (r *reader) plain(at string, k *Key) {
	if k.Encoding != EncodingBase64 || len(k.Data) == 0 {
		return
	}
	data, err := base64.StdEncoding.AppendDecode(nil, bytes.TrimSuffix(k.Data, []byte{0}))
	if err != nil {
		r.wrong(Problem{at + ".privatedata.data", "base64", "something else"})
		return
	}
	k.Encoding, k.Data = EncodingRaw, append([]byte(nil), data...)
}
