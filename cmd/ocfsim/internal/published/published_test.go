package published

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/ocf"
)

// lamp is a schema in the form of OCF's, of a type of which there is none.
const lamp = `{"swagger": "2.0", "paths": {"/LampResURI": {"get": {"responses": {"200": {"schema": {"$ref": "#/definitions/Lamp"}}}}}},
 "definitions": {"Lamp": {"type": "object", "required": ["level"], "properties": {
  "rt": {"type": "array", "items": {"type": "string", "enum": ["x.r.lamp"]}},
  "n": {"$ref": "http://openconnectivityfoundation.github.io/core/schemas/common.json#/definitions/n"},
  "level": {"definitions": "a text where a schema belongs", "type": "integer", "maximum": 255},
  "for": {"type": "string", "pattern": "^(P(?!$)([0-9]+D)?)$"},
  "where": {"type": "string", "format": "uri"},
  "id": {"type": "string", "pattern": "^-s4A$"},
  "scenes": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}}}}`

const common = `{"definitions": {"n": {"type": "string", "maxLength": 4}}}`

// folder writes files into a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, files map[string]string) *Schemas {
	t.Helper()
	s, err := Read(folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lampOf is the representation of a lamp at /l with these pairs.
func lampOf(pairs ...func([]byte) []byte) Representation {
	b := ocf.AppendMap(nil, len(pairs)+1)
	b = ocf.AppendText(ocf.AppendArray(ocf.AppendText(b, "rt"), 1), "x.r.lamp")
	for _, p := range pairs {
		b = p(b)
	}
	return Representation{Path: "/l", Payload: b}
}

func number(key string, n uint64) func([]byte) []byte {
	return func(b []byte) []byte { return ocf.AppendUint(ocf.AppendText(b, key), n) }
}

func text(key, s string) func([]byte) []byte {
	return func(b []byte) []byte { return ocf.AppendText(ocf.AppendText(b, key), s) }
}

func data(key string, d []byte) func([]byte) []byte {
	return func(b []byte) []byte { return ocf.AppendBytes(ocf.AppendText(b, key), d) }
}

func scene(v float64) func([]byte) []byte {
	return func(b []byte) []byte {
		return ocf.AppendFloat(ocf.AppendArray(ocf.AppendText(b, "scenes"), 1), v)
	}
}

func TestWhatDepartsIsNamed(t *testing.T) {
	s := read(t, map[string]string{"x.r.lamp.swagger.json": lamp, "common.json": common})
	if len(s.Flawed()) > 0 {
		t.Error(s.Flawed())
	}
	for name, c := range map[string]struct {
		rep  Representation
		want string // "" for nothing
	}{
		"nothing":         {lampOf(number("level", 255)), ""},
		"too much":        {lampOf(number("level", 256)), "/l level: maximum: got 256, want 255 (x.r.lamp.swagger.json)"},
		"another type":    {lampOf(text("level", "3")), "/l level: got string, want integer"},
		"a missing one":   {lampOf(), "/l: missing property 'level'"},
		"a long name":     {lampOf(number("level", 1), text("n", "lampe")), "/l n: maxLength: got 5, want 4"},
		"more is allowed": {lampOf(number("level", 1), number("vendor.x", 1)), ""},
		"relative uri":    {lampOf(number("level", 1), text("where", "/a/b")), ""},
		"no uri":          {lampOf(number("level", 1), text("where", "%zz")), "/l where: '%zz' is not valid uri"},
		"duration":        {lampOf(number("level", 1), text("for", "P3D")), ""},
		"no duration":     {lampOf(number("level", 1), text("for", "3D")), "/l for: '3D' does not match pattern"},
		"bytes":           {lampOf(number("level", 1), data("id", []byte{0xfa, 0xce, 0})), ""},
		"alternatives":    {lampOf(number("level", 1), scene(1.5)), "/l scenes[0]: is none of the 2 forms that are published"},
		"twice":           {lampOf(number("level", 1), number("level", 1)), "/l: expected CBOR: "},
		"no CBOR":         {Representation{Path: "/oic/d", Payload: []byte{0xff}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			links := ocf.Res{Links: []ocf.Link{{Href: "/l", RT: []string{"x.r.lamp"}}}}
			seen := s.Hold([]Representation{c.rep, {Path: ocf.PathRes, Payload: links.AppendCBOR(nil, ocf.InterfaceDefault)}})
			var got string
			for _, d := range seen.Departures {
				got += d.String()
			}
			if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, expected %q", got, c.want)
			}
		})
	}
}

func TestWhatIsSeenIsCounted(t *testing.T) {
	s := read(t, map[string]string{"x.r.lamp.swagger.json": lamp, "common.json": common})
	bad := lampOf(number("level", 256))
	seen := s.Hold([]Representation{bad, lampOf(number("level", 3)), bad, {Path: "/b"}, {Path: "/a"}, {Path: "/b"}})
	if seen.Held != 3 || len(seen.Departures) != 1 || seen.Departures[0].Times != 2 {
		t.Errorf("%+v", seen)
	}
	if diff := cmp.Diff([]string{"/a", "/b"}, seen.Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderWithoutSchemas(t *testing.T) {
	if _, err := Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there is read")
	}
	for name, files := range map[string]map[string]string{
		"empty":  {},
		"common": {"common.json": common},
		"other":  {"package.json": `{"name": "x"}`, "list.json": "[]", "broken.json": "{"},
	} {
		if _, err := Read(folder(t, files)); err == nil || !strings.Contains(err.Error(), "oic.sec.pstat.swagger.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := read(t, map[string]string{"x.r.lamp.swagger.json": lamp, "common.json": common, "broken.json": "{"})
	if len(s.Flawed()) != 1 || !strings.HasPrefix(s.Flawed()[0], "broken.json: ") {
		t.Errorf("flawed: %q", s.Flawed())
	}
	if _, err := Read(folder(t, map[string]string{"x.r.lamp.swagger.json": lamp})); err == nil {
		t.Error("a schema is used though what it refers to is missing")
	}
}
