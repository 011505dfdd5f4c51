package ocf

import (
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// again checks that what was read can be read from its own encoding, too.
func again[T any](t *testing.T, want T, payload []byte, decode func([]byte) (T, error)) {
	t.Helper()
	got, err := decode(payload)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
}

// refused checks that a refused update leaves nothing behind.
func refused(t *testing.T, u any, err error) {
	t.Helper()
	if !reflect.ValueOf(u).IsZero() {
		t.Fatalf("%v and values of %T", err, u)
	}
}

func FuzzDecodeCredsUpdate(f *testing.F) {
	seed(f, "cred", "cred-update", "roles", "roles-update")
	f.Fuzz(func(t *testing.T, payload []byte) {
		u, err := DecodeCredsUpdate(payload)
		if err != nil {
			refused(t, u, err)
			if !wordsOfErrors.MatchString(err.Error()) {
				t.Fatalf("%q may tell a value", err)
			}
		} else if b := u.AppendCBOR(nil); len(b) <= MaxListBytes {
			again(t, u, b, DecodeCredsUpdate)
		}
		roles, err := DecodeRolesUpdate(payload)
		if err != nil {
			refused(t, roles, err)
			if !wordsOfErrors.MatchString(err.Error()) {
				t.Fatalf("%q may tell a value", err)
			}
		} else if b := (&CredsUpdate{List: roles.List}).asRoles(); len(b) <= MaxListBytes {
			again(t, roles, b, DecodeRolesUpdate)
		}
	})
}

func FuzzDecodeACLUpdate(f *testing.F) {
	seed(f, "acl2", "acl2-update")
	f.Fuzz(func(t *testing.T, payload []byte) {
		u, err := DecodeACLUpdate(payload)
		if err != nil {
			refused(t, u, err)
			return
		}
		for i, e := range u.List {
			if e.Subject == (Subject{}) || e.Permission > MayAll {
				t.Fatalf("entry %d: %+v", i, e)
			}
		}
		if b := u.AppendCBOR(nil); len(b) <= MaxListBytes {
			again(t, u, b, DecodeACLUpdate)
		}
	})
}

func FuzzDecodeSmallUpdates(f *testing.F) {
	seed(f, "doxm", "doxm-update", "sp", "sp-update", "sdi", "sdi-update", "ael", "ael-update", "swupdate", "swupdate-update")
	f.Fuzz(func(t *testing.T, payload []byte) {
		if x, err := DecodeSoftwareUpdatePost(payload); err == nil {
			again(t, x, x.AppendUpdate(nil), DecodeSoftwareUpdatePost)
		} else {
			refused(t, x, err)
		}
		if x, problems, err := DecodeSoftwareUpdate(payload); err == nil && len(problems) == 0 {
			readAgain(t, x, x.AppendCBOR, DecodeSoftwareUpdate)
		}
		if u, err := DecodeDoxmUpdate(payload); err == nil {
			again(t, u, u.AppendCBOR(nil), DecodeDoxmUpdate)
		} else {
			refused(t, u, err)
		}
		if x, err := DecodeSPUpdate(payload); err == nil {
			again(t, x, x.AppendUpdate(nil), DecodeSPUpdate)
		} else {
			refused(t, x, err)
		}
		if u, err := DecodeSDIUpdate(payload); err == nil {
			again(t, u, u.AppendCBOR(nil), DecodeSDIUpdate)
		} else {
			refused(t, u, err)
		}
		if u, err := DecodeAELUpdate(payload); err == nil {
			again(t, u, u.AppendCBOR(nil), DecodeAELUpdate)
		} else {
			refused(t, u, err)
		}
	})
}

func FuzzDecodeSecurity(f *testing.F) {
	seed(f, "cred", "acl2", "sp", "sdi", "csr", "roles", "ael")
	f.Fuzz(func(t *testing.T, payload []byte) {
		if x, problems, err := DecodeCreds(payload); err == nil && len(problems) == 0 {
			for i := range x.List {
				x.List[i].Private.Data = nil
			}
			readAgain(t, x, x.AppendCBOR, DecodeCreds)
		} else {
			for _, p := range problems {
				if !wordsOfErrors.MatchString(p.String()) {
					t.Fatalf("%q may tell a value", p)
				}
			}
		}
		if x, problems, err := DecodeRoles(payload); err == nil && len(problems) == 0 {
			for i := range x.List {
				x.List[i].Private = Key{}
			}
			readAgain(t, x, x.AppendCBOR, DecodeRoles)
		}
		if x, problems, err := DecodeACL(payload); err == nil && len(problems) == 0 {
			readAgain(t, x, x.AppendCBOR, DecodeACL)
		}
		if x, problems, err := DecodeSP(payload); err == nil && len(problems) == 0 {
			readAgain(t, x, x.AppendCBOR, DecodeSP)
		}
		if x, problems, err := DecodeSDI(payload); err == nil && len(problems) == 0 {
			readAgain(t, x, x.AppendCBOR, DecodeSDI)
		}
		if x, problems, err := DecodeCSR(payload); err == nil && len(problems) == 0 {
			readAgain(t, x, x.AppendCBOR, DecodeCSR)
		}
		if x, problems, err := DecodeAEL(payload); err == nil && len(problems) == 0 {
			readAgain(t, x, x.AppendCBOR, DecodeAEL)
		}
	})
}

// readAgain is again for representations. The encoding leaves out a number 0,
// and is then shorter by it.
func readAgain[T any](t *testing.T, want T, encode encoder, decode func([]byte) (T, []Problem, error)) {
	t.Helper()
	got, problems, err := decode(encode(nil, InterfaceRW))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	for _, p := range problems {
		if p.Got != missing {
			t.Fatal(p)
		}
	}
}

func FuzzParsePermission(f *testing.F) {
	for _, text := range []string{"-", "RU", "CRUDN", "RR"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePermission(text)
		if err != nil {
			return
		}
		if again, err := ParsePermission(p.String()); err != nil || again != p || !utf8.ValidString(text) {
			t.Fatalf("%q is %v, and that is %v, %v", text, p, again, err)
		}
	})
}
