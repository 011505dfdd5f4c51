package main

import (
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// The files that are added to the woven module: a package that knows the active mutant,
// and two files in each package.
var (
	//go:embed switch.go.txt
	switchText string
	//go:embed support.go.txt
	supportText string
	//go:embed support_test.go.txt
	supportTestText string
)

const (
	switchDir       = "zzmutants"
	supportName     = "zz_mutants.go"
	supportTestName = "zz_mutants_test.go"
)

// declared stands for the support file of a woven package when its types are checked.
const declared = `package PACKAGE

func mutants_at(first, n int) int { return -1 }
func mutants_text[T ~string](x T) T { return x }
func mutants_number[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](x T) T { return x }
`

// support is a template, filled in for s.
func (s *source) support(template string) string {
	return strings.NewReplacer("PACKAGE", s.name, "MODULE", s.root).Replace(template)
}

// woven are packages in which every mutant sleeps.
type woven struct {
	packages []*wovenPackage
	mutants  []*mutant
	dropped  int // alternatives that do not compile
	next     int // id of the next mutant
}

type wovenPackage struct {
	*source
	files map[string]string // text by base name
	sites map[string][]*site
}

// weaveAll weaves every package; ids are theirs together.
func weaveAll(sources []*source, k known) (*woven, error) {
	w := &woven{}
	for _, s := range sources {
		if err := w.weave(s, k); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// weave makes all mutants of s in one text: every site becomes a choice of
// which the original is taken unless one of its mutants is active. A site that
// does not compile is dropped and the rest woven again.
func (w *woven) weave(s *source, k known) error {
	p := &wovenPackage{source: s, sites: map[string][]*site{}}
	byID := map[int]*site{}
	var mutants []*mutant
	for _, f := range s.files {
		p.sites[f.name] = find(s, f, k)
		for _, at := range p.sites[f.name] {
			at.first = w.next
			byID[at.first] = at
			for _, a := range at.alts {
				a.m.ID, a.m.Site = w.next, at.first
				mutants = append(mutants, a.m)
				w.next++
			}
		}
	}
	for range 100 {
		bad, err := p.try()
		if err != nil {
			return err
		}
		if len(bad) == 0 {
			w.packages = append(w.packages, p)
			w.leave(mutants, byID)
			return nil
		}
		for first := range bad {
			if byID[first].dropped {
				return fmt.Errorf("%s does not compile though it was left out", byID[first].alts[0].m.key())
			}
			byID[first].dropped = true
		}
	}
	return fmt.Errorf("%s does not compile when it is woven", s.path)
}

// try weaves all sites that are not dropped, and returns those that do not compile, by
// their first ids.
func (p *wovenPackage) try() (bad map[int]bool, err error) {
	p.files = map[string]string{supportName: p.support(supportText), supportTestName: p.support(supportTestText)}
	for _, f := range p.source.files {
		body := p.offset(f.ast.Name.End())
		p.files[f.name] = string(f.text[:body]) + weaveRange(f, p.sites[f.name], body, len(f.text))
	}
	return p.check()
}

// leave takes out the mutants of dropped sites, and numbers the mutants that read alike.
func (w *woven) leave(mutants []*mutant, sites map[int]*site) {
	count := map[string]int{}
	for _, m := range mutants {
		if sites[m.Site].dropped {
			w.dropped++
			continue
		}
		count[m.key()]++
		m.Nth = count[m.key()]
		w.mutants = append(w.mutants, m)
	}
}

// thin leaves only the first mutants of p's order in the woven text, and in the order; all,
// if most is 0.
func (w *woven) thin(p *plan, most int) error {
	if most <= 0 || most >= len(p.order) {
		return nil
	}
	p.order = p.order[:most]
	chosen := map[int]bool{}
	for _, m := range p.order {
		chosen[m.Site] = true
	}
	for _, in := range w.packages {
		for _, sites := range in.sites {
			for _, at := range sites {
				at.dropped = at.dropped || !chosen[at.first]
			}
		}
		bad, err := in.try()
		if err != nil {
			return err
		}
		if len(bad) > 0 {
			return fmt.Errorf("%s does not compile when %d of its mutants are woven", in.path, most)
		}
	}
	return nil
}

// weaveRange is the text of f between two offsets with its sites woven.
func weaveRange(f *file, sites []*site, from, upto int) string {
	var b strings.Builder
	for i := 0; i < len(sites); {
		at := sites[i]
		inner := i + 1
		for inner < len(sites) && sites[inner].from < at.upto {
			inner++
		}
		b.Write(f.text[from:at.from])
		b.WriteString(at.weave(weaveRange(f, sites[i+1:inner], at.from, at.upto)))
		from, i = at.upto, inner
	}
	b.Write(f.text[from:upto])
	return b.String()
}

// weave is the choice at one site. In original, the sites inside this one are woven.
func (at *site) weave(original string) string {
	if at.dropped {
		return original
	}
	var b strings.Builder
	choice := fmt.Sprintf("mutants_at(%d, %d)", at.first, len(at.alts))
	if at.typ == "" {
		b.WriteString("if mutants_i := " + choice + "; ")
		for i, a := range at.alts {
			fmt.Fprintf(&b, "mutants_i == %d { %s } else ", i, a.text)
			if i+1 < len(at.alts) {
				b.WriteString("if ")
			}
		}
		b.WriteString("{ " + original + " }")
		return b.String()
	}
	b.WriteString("func() " + at.typ + " { switch " + choice + " { ")
	for i, a := range at.alts {
		fmt.Fprintf(&b, "case %d: return %s; ", i, a.text)
	}
	b.WriteString("}; return " + original + " }()")
	return b.String()
}

var choices = regexp.MustCompile(`mutants_at\((\d+), `)

// check type-checks p and returns the sites that do not compile, by their first ids.
func (p *wovenPackage) check() (bad map[int]bool, err error) {
	fset := token.NewFileSet()
	var trees []*ast.File
	for name, text := range p.files {
		switch name {
		case supportName:
			text = p.support(declared)
		case supportTestName:
			continue
		}
		tree, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("woven: %w", err)
		}
		trees = append(trees, tree)
	}
	bad = map[int]bool{}
	var lost error
	config := types.Config{Importer: p.from, Error: func(err error) {
		var e types.Error
		errors.As(err, &e)
		at := fset.Position(e.Pos)
		before := choices.FindAllStringSubmatch(p.files[at.Filename][:at.Offset], -1)
		if len(before) == 0 {
			lost = fmt.Errorf("woven: %w", err)
			return
		}
		first, _ := strconv.Atoi(before[len(before)-1][1])
		bad[first] = true
	}}
	_, _ = config.Check(p.path, fset, trees, nil)
	return bad, lost
}
