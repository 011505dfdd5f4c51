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

// support is the file that the woven package has besides.
//
//go:embed support.go.txt
var support string

// supportTest is the test file that it has besides.
//
//go:embed support_test.go.txt
var supportTest string

const (
	supportName     = "zz_mutants.go"
	supportTestName = "zz_mutants_test.go"
)

// declared is what the woven package takes from support.
const declared = `package PACKAGE

func mutants_at(first, n int) int { return -1 }
func mutants_text[T ~string](x T) T { return x }
func mutants_number[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](x T) T { return x }
`

// woven is a package in which every mutant sleeps.
type woven struct {
	files   map[string]string // text by base name
	mutants []*mutant         // by id
	dropped int               // alternatives that do not compile
}

// weave makes all mutants of s in one text: every site becomes a choice of
// which the original is taken unless one of its mutants is active. A site that
// does not compile is dropped and the rest woven again.
func weave(s *source, swaps map[string][]string) (*woven, error) {
	sites := map[string][]*site{}
	w := &woven{}
	byID := map[int]*site{}
	for _, f := range s.files {
		sites[f.name] = find(s, f, swaps)
		for _, at := range sites[f.name] {
			at.first = len(w.mutants)
			byID[at.first] = at
			for _, a := range at.alts {
				a.m.ID, a.m.Site = len(w.mutants), at.first
				w.mutants = append(w.mutants, a.m)
			}
		}
	}
	for range 100 {
		w.files = map[string]string{supportName: strings.Replace(support, "PACKAGE", s.name, 1)}
		for _, f := range s.files {
			w.files[f.name] = string(f.text[:s.offset(f.ast.Name.End())]) + weaveRange(f, sites[f.name], s.offset(f.ast.Name.End()), len(f.text))
		}
		bad, err := w.check(s)
		if err != nil || len(bad) == 0 {
			w.leave(byID)
			return w, err
		}
		for first := range bad {
			if byID[first].dropped {
				return nil, fmt.Errorf("%s does not compile though it was dropped", byID[first].alts[0].m.key())
			}
			byID[first].dropped = true
		}
	}
	return nil, errors.New("the woven package does not compile")
}

// leave takes the mutants of dropped sites out, and numbers those that read alike.
func (w *woven) leave(sites map[int]*site) {
	var kept []*mutant
	count := map[string]int{}
	for _, m := range w.mutants {
		if sites[m.Site].dropped {
			w.dropped++
			continue
		}
		count[m.key()]++
		m.Nth = count[m.key()]
		kept = append(kept, m)
	}
	w.mutants = kept
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

// weave is the choice at one site; original has what lies inside woven.
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

// check type-checks w and returns the first ids of the sites that are wrong.
func (w *woven) check(s *source) (bad map[int]bool, err error) {
	fset := token.NewFileSet()
	var trees []*ast.File
	for name, text := range w.files {
		if name == supportName {
			text = strings.Replace(declared, "PACKAGE", s.name, 1)
		}
		tree, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("woven: %w", err)
		}
		trees = append(trees, tree)
	}
	bad = map[int]bool{}
	var lost error
	config := types.Config{Importer: s.from, Error: func(err error) {
		var e types.Error
		errors.As(err, &e)
		at := fset.Position(e.Pos)
		before := choices.FindAllStringSubmatch(w.files[at.Filename][:at.Offset], -1)
		if len(before) == 0 {
			lost = fmt.Errorf("woven: %w", err)
			return
		}
		first, _ := strconv.Atoi(before[len(before)-1][1])
		bad[first] = true
	}}
	_, _ = config.Check(s.path, fset, trees, nil)
	return bad, lost
}
