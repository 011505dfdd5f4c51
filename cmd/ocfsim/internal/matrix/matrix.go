// Package matrix writes who passes what: the verdicts of several signed bundles side by
// side, by edition, product and version, in Markdown and as a page.
package matrix

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

// Entry is a report out of a bundle.
type Entry struct {
	Bundle string // its name
	Report assess.Report
	Key    string // the id of the key that signed it
	// Unverified is why nobody vouches for the report; "" where the bundle was verified.
	Unverified string
}

// edition is what was judged by one edition.
type edition struct {
	Name, Document string
	Products       []product
	Rows           []row
}

// product is one target of a bundle: a row of the first table, and a column of the second.
type product struct {
	N                            int // from 1, through all editions
	Name, Version, Target        string
	Verdict                      conformance.Verdict
	Selection, Passed            string
	Tested, Tool, Bundle, Signer string
	Unverified                   bool
}

// row is a requirement, with its verdict for each product; "" where it was not judged.
type row struct {
	ID, Says string
	Verdicts []conformance.Verdict
}

// editions sorts the entries by edition, product, version and time.
func editions(all []Entry) []edition {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.Report.Edition, b.Report.Edition),
			cmp.Compare(nameOf(a.Report.Target), nameOf(b.Report.Target)),
			compareVersions(a.Report.Target.Version, b.Report.Target.Version),
			a.Report.Started.Compare(b.Report.Started),
			cmp.Compare(a.Report.Target.Name, b.Report.Target.Name),
		)
	})
	var out []edition
	for n, e := range all {
		if last := len(out) - 1; last < 0 || out[last].Name != e.Report.Edition {
			out = append(out, edition{Name: e.Report.Edition, Document: e.Report.Document})
		}
		of := &out[len(out)-1]
		of.Products = append(of.Products, describe(n+1, e))
	}
	first := 0
	for i := range out {
		of := &out[i]
		of.Rows = rows(all[first : first+len(of.Products)])
		first += len(of.Products)
	}
	return out
}

// compareVersions compares two versions part by part, and what is a number by its value: 1.9
// comes before 1.10.
func compareVersions(a, b string) int {
	whole := cmp.Compare(a, b)
	for a != "" && b != "" {
		n, m := digits(a), digits(b)
		if n == 0 || m == 0 { // a letter in one of them
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:n], "0"), strings.TrimLeft(b[:m], "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), whole)
}

// digits is how many digits s begins with.
func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// describe is e as a product.
func describe(n int, e Entry) product {
	r := e.Report
	p := product{
		N: n, Name: ocf.Visible(nameOf(r.Target)), Version: ocf.Visible(r.Target.Version), Target: ocf.Visible(r.Target.Name),
		Verdict: r.Verdict, Passed: passed(r), Tested: r.Started.UTC().Format("2006-01-02"),
		Tool: ocf.Visible(r.Tool.Name + " " + r.Tool.Version), Bundle: ocf.Visible(e.Bundle), Signer: short(e.Key),
	}
	if r.Selection != nil {
		p.Selection = r.Selection.String()
	}
	if e.Unverified != "" {
		p.Unverified, p.Signer = true, "NOT VERIFIED: "+ocf.Visible(e.Unverified)
	}
	return p
}

// nameOf is the vendor and the product, or what the target is called.
func nameOf(t assess.TargetName) string {
	return cmp.Or(strings.Join(strings.Fields(t.Vendor+" "+t.Product), " "), t.Name)
}

// short is the beginning of a key's id, enough to tell keys apart.
func short(id string) string { return id[:min(len(id), 16)] }

// rows are the requirements that any of the entries was judged by, in the order of the
// catalogue, and then those that this version does not know.
func rows(all []Entry) []row {
	says := map[string]string{}
	var ids []string
	for _, q := range judge.Requirements() {
		says[q.ID] = q.Says
		ids = append(ids, q.ID)
	}
	judged := make([]map[string]conformance.Verdict, len(all))
	any := map[string]bool{}
	for i, e := range all {
		judged[i] = map[string]conformance.Verdict{}
		for _, q := range e.Report.Requirements {
			judged[i][q.ID] = q.Verdict
			any[q.ID] = true
			if !slices.Contains(ids, q.ID) {
				ids = append(ids, q.ID)
			}
		}
	}
	var out []row
	for _, id := range ids {
		if !any[id] {
			continue
		}
		r := row{ID: ocf.Visible(id), Says: says[id]}
		for i := range all {
			r.Verdicts = append(r.Verdicts, judged[i][id])
		}
		out = append(out, r)
	}
	return out
}

// passed says how many of the requirements that apply passed: "40 of 42".
func passed(r assess.Report) string {
	pass, apply := 0, 0
	for _, q := range r.Requirements {
		switch q.Verdict {
		case conformance.NotApplicable:
			continue
		case conformance.Pass, conformance.Warn:
			pass++
		}
		apply++
	}
	return count(pass) + " of " + count(apply)
}
