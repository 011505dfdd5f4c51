package ocf

// Roles is a representation of /oic/sec/roles, and the payload of a POST to
// it: certificates that grant roles for the length of a session.
type Roles struct {
	List []Cred
}

// AppendCBOR appends x's representation to dst. InterfaceBaseline adds rt and if.
func (x *Roles) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 1, iface, []string{RTRoles}, []string{IfRW, IfBaseline})
	dst = AppendArray(AppendText(dst, "roles"), len(x.List))
	for i := range x.List {
		public := x.List[i]
		public.Private = Key{}
		dst = public.appendCBOR(dst)
	}
	return dst
}

// AppendUpdate appends x as the payload of a POST to dst.
func (x *Roles) AppendUpdate(dst []byte) []byte { return x.AppendCBOR(dst, InterfaceRW) }

// DecodeRoles reads a representation of /oic/sec/roles as a Client sees it. It
// is as tolerant as DecodeCreds.
func DecodeRoles(payload []byte) (Roles, []Problem, error) {
	var x Roles
	r := reader{secret: true}
	err := r.representation(payload, []field{r.creds("roles", &x.List)})
	return x, r.problems, err
}

// DecodeRolesUpdate reads the payload of a POST to /oic/sec/roles as a Device
// does, with the rules of DecodeCredsUpdate. A subject may be missing.
func DecodeRolesUpdate(payload []byte) (Roles, error) {
	var x Roles
	r := reader{update: true, secret: true}
	if err := r.readUpdate(payload, MaxListBytes, []field{r.creds("roles", &x.List)}); err != nil {
		return Roles{}, err
	}
	return x, nil
}
