// Package published holds what a Device shows to the schemas that OCF publishes of its
// resources, in Swagger 2.0, one file a resource type. The schemas are OCF's, and are no
// part of this project: they are read from a folder of the user's. What departs from them
// is told and judges nothing, since a schema is not the standard (docs/adr/0102).
package published

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// home is where OCF publishes the schemas that others refer to. Files of the folder stand
// for it; nothing is ever loaded from there.
const home = "https://openconnectivityfoundation.github.io/core/schemas/"

// Schemas are the schemas of one folder. They may be used from several goroutines.
type Schemas struct {
	byPath map[string][]form // of resources whose path is fixed, such as /oic/sec/pstat
	byType map[string][]form // by resource type, of those whose path the Device chooses
	flawed []string
}

// form is the schema of a representation.
type form struct {
	file   string // oic.sec.pstat.swagger.json
	iface  string // the interface that it is of; "" for all
	schema *jsonschema.Schema
}

// Read reads all *.json of the folder dir. A schema that is no schema is left out, and
// Flawed says so. It is an error if the folder has none that can be used.
func Read(dir string) (*Schemas, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	r := reader{compiler: newCompiler(), into: &Schemas{byPath: map[string][]form{}, byType: map[string][]form{}}}
	docs := map[string]swagger{}
	for _, name := range names {
		doc, err := r.add(name)
		if err != nil {
			r.flaw(filepath.Base(name), err)
			continue
		}
		docs[filepath.Base(name)] = doc
	}
	for _, name := range names {
		if doc, ok := docs[filepath.Base(name)]; ok {
			r.compile(filepath.Base(name), doc)
		}
	}
	if len(r.into.byPath)+len(r.into.byType) == 0 {
		return nil, fmt.Errorf("%s: no schema of a resource in it; expected files such as oic.sec.pstat.swagger.json", dir)
	}
	return r.into, nil
}

// Flawed says which files, or schemas of a file, can't be used, and why.
func (s *Schemas) Flawed() []string { return s.flawed }

// reader reads a folder.
type reader struct {
	compiler *jsonschema.Compiler
	into     *Schemas
}

func (r reader) flaw(file string, err error) {
	text := strings.ReplaceAll(err.Error(), "\n", ": ")
	r.into.flawed = append(r.into.flawed, file+": "+text)
}

// swagger is what is read of a file: the schemas, and which answers they are of.
type swagger struct {
	paths       map[string]any
	definitions map[string]any
}

// add tells the compiler about a file. Only its definitions are schemas.
func (r reader) add(name string) (swagger, error) {
	data, err := bounded.ReadText(name)
	if err != nil {
		return swagger{}, err
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return swagger{}, err
	}
	doc, _ := parsed.(map[string]any)
	definitions, ok := doc["definitions"].(map[string]any)
	if !ok {
		return swagger{}, errors.New("no definitions in it")
	}
	paths, _ := doc["paths"].(map[string]any)
	if paths == nil { // of a file that others refer to
		if err := r.compiler.AddResource(home+filepath.Base(name), mended(doc)); err != nil {
			return swagger{}, err
		}
		return swagger{}, nil
	}
	return swagger{paths: paths, definitions: definitions},
		r.compiler.AddResource(home+filepath.Base(name), mended(map[string]any{"definitions": definitions}))
}

// mended is v without what OCF's files get wrong and nobody can doubt: some refer to the
// others by http and some by https, and the file of oic.r.ael has a description under the
// name "definitions".
func mended(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			text, isText := value.(string)
			switch {
			case isText && key == "$ref":
				v[key] = strings.Replace(text, "http://", "https://", 1)
			case isText && key == "definitions":
				delete(v, key)
			default:
				v[key] = mended(value)
			}
		}
	case []any:
		for i := range v {
			v[i] = mended(v[i])
		}
	}
	return v
}

// compile enters the schemas of what a GET is answered with.
func (r reader) compile(file string, doc swagger) {
	for _, path := range slices.Sorted(maps.Keys(doc.paths)) {
		name := definitionOf(doc.paths[path])
		if name == "" {
			continue
		}
		schema, err := r.compiler.Compile(home + file + "#/definitions/" + url.PathEscape(name))
		if err != nil {
			r.flaw(file, err)
			continue
		}
		at, query, _ := strings.Cut(path, "?")
		f := form{file: file, iface: interfaceOf(query), schema: schema}
		if strings.HasPrefix(at, "/oic/") {
			r.into.byPath[at] = append(r.into.byPath[at], f)
		}
		for _, rt := range typesOf(doc.definitions[name]) {
			r.into.byType[rt] = append(r.into.byType[rt], f)
		}
	}
}

// interfaceOf is the interface that a query asks for. The published file of /oic/res
// writes oic.if.b in the query of its batch.
func interfaceOf(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return values.Get("if")
}

// member descends into nested objects; nil where there is nothing.
func member(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// definitionOf names the definition that a successful GET is answered with.
func definitionOf(methods any) string {
	ref, _ := member(methods, "get", "responses", "200", "schema", "$ref").(string)
	name, ok := strings.CutPrefix(ref, "#/definitions/")
	if !ok {
		return ""
	}
	return name
}

// typesOf are the resource types that the representation of a definition may have.
func typesOf(definition any) []string {
	var types []string
	list, _ := member(definition, "properties", "rt", "items", "enum").([]any)
	for _, rt := range list {
		if s, ok := rt.(string); ok {
			types = append(types, s)
		}
	}
	return types
}

// newCompiler is a compiler that takes the schemas as OCF publishes them.
func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4) // Swagger 2.0 is made of it
	c.AssertFormat()
	c.UseLoader(nowhere{})
	c.UseRegexpEngine(lenient)
	// OCF writes uri where it means a reference too: hrefs are relative.
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: func(v any) error {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		_, err := url.Parse(s)
		return err
	}})
	return c
}

// nowhere loads no schema: what the folder lacks is missing.
type nowhere struct{}

// Load is an error that names what is missing.
func (nowhere) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s: %w in the folder", strings.TrimPrefix(url, home), fs.ErrNotExist)
}

// ahead are the assertions of ECMA regular expressions that Go has not: that something
// follows, or does not. Of OCF's schemas one pattern has them, of a duration.
var ahead = regexp.MustCompile(`\(\?[=!][^()]*\)`)

// lenient compiles a pattern of a schema without its assertions of what follows, so it
// matches more and never less.
func lenient(pattern string) (jsonschema.Regexp, error) {
	return regexp.Compile(ahead.ReplaceAllString(pattern, ""))
}

// forms are the schemas of a resource at path with these types; none if OCF published none.
func (s *Schemas) forms(path string, types []string) []form {
	if all := s.byPath[path]; len(all) > 0 {
		return all
	}
	for _, rt := range types {
		if all := s.byType[rt]; len(all) > 0 {
			return all
		}
	}
	return nil
}

// pick takes the form of the interface that was asked for. The first of several is of the
// default interface: the files list it first.
func pick(all []form, iface string) (form, bool) {
	if i := slices.IndexFunc(all, func(f form) bool { return f.iface == iface || f.iface == "" }); i >= 0 {
		return all[i], true
	}
	if iface != "" {
		return form{}, false
	}
	i := slices.IndexFunc(all, func(f form) bool { return f.iface == "oic.if.ll" })
	return all[max(i, 0)], true
}
