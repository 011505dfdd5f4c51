package main

import (
	"bytes"
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
)

// formulaText is the Homebrew formula, for the sums to be filled in.
//
//go:embed ocfsim.rb.tmpl
var formulaText string

// bottle is one archive that the formula installs from.
type bottle struct{ OS, CPU, File, Sum string }

// writeFormula writes the Homebrew formula for the archives that were made. A formula
// for Linux alone is one to try.
func (r *release) writeFormula() error {
	var bottles []bottle
	cpus := map[string]string{"amd64": "intel", "arm64": "arm"}
	names := map[string]string{"darwin": "macos", "linux": "linux"}
	for _, s := range r.systems {
		name := r.name(s) + ".tar.gz"
		sum, err := r.sum(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // windows has a zip archive, and no Homebrew
		case err != nil:
			return err
		}
		bottles = append(bottles, bottle{names[s.OS], cpus[s.Arch], name, sum})
	}
	t, err := template.New("ocfsim.rb").Parse(formulaText)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		Version, Number string
		Bottles         []bottle
	}{r.version, r.number(), bottles})
	if err != nil || len(bottles) == 0 {
		return err
	}
	return r.write("ocfsim.rb", out.Bytes())
}

// writeCompose writes the compose file for the image of this version, and the target
// file that it names.
func (r *release) writeCompose() error {
	for name, at := range map[string]string{"compose.yaml": ".ci/packaging/compose.yaml", "lamp.yaml": "fixtures/targets/lamp.yaml"} {
		text, err := os.ReadFile(filepath.Join(r.top, at))
		if err != nil {
			return err
		}
		if err := r.write(name, bytes.ReplaceAll(text, []byte("0.1.0"), []byte(r.number()))); err != nil {
			return err
		}
	}
	return nil
}
