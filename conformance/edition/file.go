package edition

import (
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/fixtures/editions"
	"github.com/ocfsim/ocfsim/fixtures/strictyaml"
)

// JSONSchema is the JSON Schema of an edition's file.
func JSONSchema() []byte {
	data, err := editions.FS.ReadFile("schema.json")
	if err != nil {
		panic("conformance/edition: " + err.Error()) // it is part of the program
	}
	return data
}

// Parse reads the edition in data. A mistake is an error that reads
// "name:line:column: what was expected".
func Parse(name string, data []byte) (*Edition, error) {
	var e Edition
	if err := strictyaml.Decode(name, data, JSONSchema(), &e); err != nil {
		return nil, err
	}
	generation, _, _ := strings.Cut(e.ID, ".") // "ocf-2"
	if !strings.HasPrefix(e.ICV, strings.Replace(generation, "-", ".", 1)+".") {
		return nil, strictyaml.At(name, data, "expected the icv of "+e.ID, "icv")
	}
	return &e, nil
}

// All are the editions, the oldest first. The slice is the caller's.
func All() []*Edition { return slices.Clone(built()) }

// built reads the files once. They are part of the program, and a test reads each: that
// one can't be read is impossible.
var built = sync.OnceValue(func() []*Edition {
	files, err := fs.Glob(editions.FS, "*.yaml") // sorted by name, so by edition
	var all []*Edition
	for _, file := range files {
		var data []byte
		if data, err = editions.FS.ReadFile(file); err != nil {
			break
		}
		var e *Edition
		if e, err = Parse("editions/"+file, data); err != nil {
			break
		}
		all = append(all, e)
	}
	if err != nil || len(all) == 0 {
		panic("conformance/edition: " + err.Error())
	}
	return all
})
