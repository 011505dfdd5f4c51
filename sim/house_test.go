package sim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestQuirksAreDeclaredOnce asserts that each quirk is declared once and completely.
func TestQuirksAreDeclaredOnce(t *testing.T) {
	seen := map[string]bool{}
	for q := range quirks() {
		switch {
		case seen[q.name]:
			t.Errorf("%s is declared twice", q.name)
		case q.name == "", q.knob == "", q.bend == nil, !strings.HasSuffix(q.says, "."):
			t.Errorf("quirk %+v lacks a name, a knob, a sentence or what it bends", q)
		}
		seen[q.name] = true
	}
}

// TestReferenceReadsAlone asserts that neither the reference nor the shell names
// a quirk or reaches into the files of quirks.
func TestReferenceReadsAlone(t *testing.T) {
	names := make([]string, 0, 256)
	for q := range quirks() {
		names = append(names, q.name)
	}
	for _, dir := range []string{".", "fleet"} {
		for _, trespass := range trespasses(sources(t, dir), names) {
			t.Errorf("%s: %s", dir, trespass)
		}
	}
}

// TestTrespassesAreNoticed shows that TestReferenceReadsAlone can fail.
func TestTrespassesAreNoticed(t *testing.T) {
	const quirkFile = `package sim
var oddQuirks = []quirk{{name: "odd-thing"}}
func helps(d *Device) bool { return d.wrong() }
func (d *Device) wrong() bool { return true }
func Public() {}
type grudge struct{ held int }
`
	for _, c := range []struct{ name, file, source, want string }{
		{"a function", "process.go", "func f(d *Device) bool { return helps(d) }", "process.go: helps is of quirk_odd.go"},
		{"a method", "process.go", "func f(d *Device) bool { return d.wrong() }", "process.go: wrong is of quirk_odd.go"},
		{"a type", "process.go", "var g grudge", "process.go: grudge is of quirk_odd.go"},
		{"a field", "process.go", "func f(x any) int { return x.(*grudge).held }", "process.go: held is of quirk_odd.go"},
		{"a list in the reference", "process.go", "var all = oddQuirks", "process.go: oddQuirks is of quirk_odd.go"},
		{"a list among the quirks", "quirk.go", "var all = [][]quirk{oddQuirks}", ""},
		{"more than a list among the quirks", "quirk.go", "var f = helps", "quirk.go: helps is of quirk_odd.go"},
		{"a word", "process.go", `var w = "odd-thing"`, "process.go: the quirk odd-thing is named"},
		{"a comment", "process.go", "// As odd-thing has it.\nvar w int", "process.go: the quirk odd-thing is named"},
		{"another quirk file", "quirk_even.go", "var f = helps", ""},
		{"the reference alone", "process.go", "func f(d *Device) *Device { return d }", ""},
	} {
		got := trespasses(map[string]string{
			"device.go": "package sim\ntype Device struct{}\ntype quirk struct{ name string }", "quirk_odd.go": strings.Replace(quirkFile, "func Public() {}", "", 1),
			c.file: "package sim\n" + c.source,
		}, []string{"odd-thing"})
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	got := trespasses(map[string]string{"quirk_odd.go": quirkFile}, nil)
	if want := "quirk_odd.go: Public can be named from outside"; !slices.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// sources returns the files of a package by name, without its tests.
func sources(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	files := map[string]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(data)
	}
	return files
}

// ofQuirks reports whether a file declares quirks.
func ofQuirks(file string) bool { return strings.HasPrefix(file, "quirk_") }

// trespasses lists the places where a file that declares no quirks uses a
// declaration of a quirk file, or names a quirk. Only quirk.go may use the groups of
// quirks. It also lists the exported names of quirk files, which may declare none.
func trespasses(files map[string]string, names []string) []string {
	fset := token.NewFileSet()
	var found []string
	var parsed []*ast.File
	for name, source := range files {
		file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
		if err != nil {
			found = append(found, err.Error())
			continue
		}
		parsed = append(parsed, file)
		if !ofQuirks(name) {
			found = append(found, namings(name, file, names)...)
		}
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: emptyImporter{}, Error: func(error) {}} // imported names cannot be resolved here, so errors do not matter
	_, _ = config.Check("sim", fset, parsed, &info)

	fileOf := func(pos token.Pos) string { return fset.Position(pos).Filename }
	for ident, object := range info.Uses {
		user, owner := fileOf(ident.Pos()), fileOf(object.Pos())
		group := user == "quirk.go" && strings.HasSuffix(ident.Name, "Quirks")
		if ofQuirks(owner) && !ofQuirks(user) && !group {
			found = append(found, user+": "+ident.Name+" is of "+owner)
		}
	}
	for ident, object := range info.Defs {
		if file := fileOf(ident.Pos()); ofQuirks(file) && object != nil && object.Exported() && object.Parent() != nil && object.Parent().Parent() == types.Universe {
			found = append(found, file+": "+ident.Name+" can be named from outside")
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// namings lists the places where a file names a quirk, in a string or a comment.
func namings(name string, file *ast.File, names []string) []string {
	var texts []string
	for _, group := range file.Comments {
		texts = append(texts, group.Text())
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			texts = append(texts, lit.Value)
		}
		return true
	})
	var found []string
	for _, text := range texts {
		words := strings.FieldsFunc(text, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') })
		for _, word := range words {
			if slices.Contains(names, word) {
				found = append(found, name+": the quirk "+word+" is named")
			}
		}
	}
	return found
}

// emptyImporter imports every package as if it were empty.
type emptyImporter struct{}

func (emptyImporter) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, filepath.Base(path))
	p.MarkComplete()
	return p, nil
}
