package ocf

// What the members of an ACE have to be, in the words of Problem.Want.
const (
	wantACEs     = "array of access control entries"
	wantSubject  = "one of uuid, role and conntype"
	wantResource = "href, wc or rt"
)

// DecodeACL reads a representation of /oic/sec/acl2 as a Client sees it. It is
// as tolerant as DecodePstat.
func DecodeACL(payload []byte) (ACL, []Problem, error) {
	var x ACL
	var r reader
	err := r.representation(payload, []field{
		r.aces(&x.List),
		uuidField("rowneruuid", &x.Rowner),
	})
	return x, r.problems, err
}

// DecodeACLUpdate reads the payload of a POST to /oic/sec/acl2 as a Device
// does. An entry must be whole and must not have a property that the schema
// does not have, because a property that is not understood could be the one
// that restricts the entry. Properties other than aclist2 and rowneruuid are
// passed over, and aclist2 and resources may be null, as some Clients write an
// empty list.
func DecodeACLUpdate(payload []byte) (ACLUpdate, error) {
	var u ACLUpdate
	r := reader{update: true}
	err := r.readUpdate(payload, MaxListBytes, []field{
		r.aces(&u.List),
		has(uuidField("rowneruuid", &u.Rowner), &u.HasRowner),
	})
	if err != nil {
		return ACLUpdate{}, err
	}
	return u, nil
}

// aces reads aclist2 into to.
func (r *reader) aces(to *[]ACE) field {
	return r.list("aclist2", wantACEs, "", func(it item, at string) {
		if !r.isMap(it, at) {
			return
		}
		var e ACE
		at += "."
		fields := []field{
			r.unlessUpdate(numberField("aceid", &e.ID)),
			r.subject(at, &e.Subject),
			r.resources(at, &e.Resources),
			uintField("permission", "unsigned integer 0 to 31", uint64(MayAll), &e.Permission),
			opt(r.validity(at, &e.Validity)),
			opt(passedOver("tag")),
			opt(passedOver("href")), // IoTivity's, and it means nothing
		}
		r.object(it, at, fields)
		r.others(it, at, fields)
		*to = append(*to, e)
	})
}

// passedOver is a property whose value does not matter.
func passedOver(name string) field {
	return field{name: name, read: func(item) bool { return true }}
}

// subject reads the subject of an ACE into to.
func (r *reader) subject(at string, to *Subject) field {
	return field{name: "subject", want: wantMap, read: func(it item) bool {
		if it.major() != MajorMap {
			return false
		}
		var s Subject
		before := len(r.problems)
		fields := []field{
			opt(uuidField("uuid", &s.UUID)),
			opt(textField("role", &s.Role.Name)),
			opt(textField("authority", &s.Role.Authority)),
			opt(wordOf("conntype", &s.Conn, AuthCrypt, AnonClear)),
		}
		r.object(it, at+"subject.", fields)
		r.others(it, at+"subject.", fields)
		if len(r.problems) > before {
			return true
		}
		kinds := 0
		for _, is := range [...]bool{!s.UUID.IsNil(), s.Role.Name != "", s.Conn != ""} {
			if is {
				kinds++
			}
		}
		switch {
		case kinds == 0:
			r.wrong(Problem{at + "subject", wantSubject, "none"})
		case kinds > 1 || s.Role.Name == "" && s.Role.Authority != "":
			r.wrong(Problem{at + "subject", wantSubject, "several"})
		default:
			*to = s
		}
		return true
	}}
}

// resources reads what an ACE is about into to.
func (r *reader) resources(at string, to *[]ResourceRef) field {
	return r.list("resources", "array of resources", at, func(it item, at string) {
		if !r.isMap(it, at) {
			return
		}
		var ref ResourceRef
		before := len(r.problems)
		fields := []field{
			opt(textField("href", &ref.Href)),
			opt(wordOf("wc", &ref.Wildcard, "*", "+", "-")),
			opt(textsField("rt", &ref.RT)),
			opt(textsField("if", &ref.IF)),
		}
		r.object(it, at+".", fields)
		r.others(it, at+".", fields)
		switch {
		case len(r.problems) > before:
		case ref.Href != "" && ref.Wildcard != "":
			r.wrong(Problem{at, wantResource, "href and wc"})
		case ref.Href == "" && ref.Wildcard == "" && len(ref.RT) == 0:
			r.wrong(Problem{at, wantResource, "none"})
		}
		*to = append(*to, ref)
	})
}

// validity reads when an ACE holds into to. A recurrence is an array; some
// Clients write its only text.
func (r *reader) validity(at string, to *[]Validity) field {
	return r.list("validity", "array of time patterns", at, func(it item, at string) {
		if !r.isMap(it, at) {
			return
		}
		var v Validity
		fields := []field{
			textField("period", &v.Period),
			opt(field{name: "recurrence", want: wantList, read: func(it item) bool {
				if text, ok := it.text(); ok {
					v.Recurrence = []string{string(text)}
					return true
				}
				list, ok := it.texts()
				v.Recurrence = list
				return ok
			}}),
		}
		r.object(it, at+".", fields)
		r.others(it, at+".", fields)
		*to = append(*to, v)
	})
}
