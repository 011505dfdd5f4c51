package matrix

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// explained says how the tables are read.
const explained = "Passed counts pass and warn of the requirements that apply. A requirement without a verdict was not judged: it was not part of what was run, or the " +
	"version that judged did not know it. What is verified is signed by the key whose id begins so, unchanged since, and has these verdicts when it is judged again."

// Markdown writes the tables for a README or a wiki.
func Markdown(w io.Writer, all []Entry) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Who passes what\n\n%s\n", explained)
	for _, e := range editions(all) {
		fmt.Fprintf(b, "\n## %s\n\n", escape(e.Name))
		if e.Document != "" {
			fmt.Fprintf(b, "%s\n\n", escape(e.Document))
		}
		line(b, "", "product", "version", "verdict", "passed", "tested", "target", "by", "bundle", "signed by")
		line(b, strings.Split(strings.Repeat("---,", 9)+"---", ",")...)
		for _, p := range e.Products {
			verdict := string(p.Verdict)
			if p.Selection != "" {
				verdict += ", " + p.Selection
			}
			line(b, count(p.N), p.Name, p.Version, verdict, p.Passed, p.Tested, p.Target, p.Tool, p.Bundle, p.Signer)
		}
		fmt.Fprintln(b)
		heads, rule := []string{"requirement", "says"}, []string{"---", "---"}
		for _, p := range e.Products {
			heads, rule = append(heads, head(p)), append(rule, "---")
		}
		line(b, heads...)
		line(b, rule...)
		for _, r := range e.Rows {
			cells := []string{r.ID, r.Says}
			for _, v := range r.Verdicts {
				cells = append(cells, string(v))
			}
			line(b, cells...)
		}
	}
	return b.Flush()
}

// head is the head of a product's column.
func head(p product) string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s %s", p.N, p.Name, p.Version))
	if p.Unverified {
		text += " (NOT VERIFIED)"
	}
	return text
}

// line writes a row of a table in Markdown.
func line(w io.Writer, cells ...string) {
	for i := range cells {
		cells[i] = escape(cells[i])
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) // the bufio.Writer keeps the error
}

// escape keeps a text that a vendor chose from being read as Markdown or HTML.
func escape(s string) string {
	if s == "---" {
		return s
	}
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`,
		"\n", " ", "\r", " ",
	).Replace(s)
}

//go:embed page.html
var pageText string

// HTML writes the tables as one page that loads nothing from elsewhere.
func HTML(w io.Writer, all []Entry) error {
	t, err := template.New("page").Funcs(template.FuncMap{"class": class, "head": head}).Parse(pageText)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	if err := t.Execute(b, struct {
		Explained string
		Editions  []edition
	}{explained, editions(all)}); err != nil {
		return err
	}
	return b.Flush()
}

// class is the style of a verdict: those that this version knows, and none of what a file made up.
func class(v conformance.Verdict) string {
	switch v {
	case conformance.Pass, conformance.Warn, conformance.Fail, conformance.Inconclusive,
		conformance.NotApplicable, conformance.Error, conformance.Waived:
		return string(v)
	}
	return ""
}

func count(n int) string { return strconv.Itoa(n) }
