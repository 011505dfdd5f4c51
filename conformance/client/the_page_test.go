package client

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// page is where the rules stand for readers.
const page = "../../docs/guide/client-rules.md"

// TestPageOfTheRules holds the page to the rules; -rewrite writes it, after the scripts that it shows:
// tests run in the order of their files.
func TestPageOfTheRules(t *testing.T) {
	want := written(t)
	if flag.Lookup("rewrite").Value.String() == "true" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("%s is stale (%v): go run -C .ci/tools ./generate -only clients", page, err)
	}
}

// written is the page.
func written(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# The rules that Clients are judged by

` + "`ocfsim run --judge-clients`" + ` judges each Client that talks to virtual Devices ([how](clients.md)). A recommendation that is not kept
is a warning, and with ` + "`--strict`" + ` a fail. The page is written by ` + "`go run -C .ci/tools ./generate -only clients`" + `, and a test judges
the scripts in it: ` + "`state`" + ` is what the Device is in, ` + "`came`" + ` what the Client sends to it, ` + "`left`" + ` what it sends to the Client.

| id | level | a breach | |
|---|---|---|---|
`)
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.ID, strings.ToLower(r.ID), r.Level, r.Severity, r.Says)
	}
	for _, r := range Rules() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n> %s\n\n%s.\n\n| verdict | what has to be seen |\n|---|---|\n", r.ID, sentence(r.Says), r.Clause, r.Source)
		for _, row := range []struct{ verdict, says string }{
			{"pass", r.Pass},
			{string(r.Severity), strings.TrimPrefix(r.Fail, string(r.Severity)+": ")},
			{"inconclusive", r.Open},
			{"not-applicable", r.Silent},
		} {
			if row.says != "" {
				fmt.Fprintf(&b, "| %s | %s |\n", row.verdict, row.says)
			}
		}
		b.WriteString("\n" + firstBreach(t, r))
	}
	return b.String()
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// firstBreach is the first script of r that breaks it, and what is concluded.
func firstBreach(t *testing.T, r Rule) string {
	name := strings.ToLower(strings.ReplaceAll(r.ID, "-", "_")) + ".txt"
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		script, judged, _ := strings.Cut(block, "\n----\n")
		verdict, said, _ := strings.Cut(strings.TrimSpace(judged), " ")
		if conformance.Verdict(verdict) != r.Severity || strings.Count(script, "\n") > 12 {
			continue
		}
		_, said, _ = strings.Cut(said, " ")
		_, script, _ = strings.Cut("\n"+script, "\njudge")
		_, script, _ = strings.Cut(script, "\n")
		return fmt.Sprintf("A Client that breaks it:\n\n```\n%s\n```\n\n%s: %s\n", script, verdict, said)
	}
	return ""
}
