package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/reports"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// values are what a shell offers for a flag, by its name: each with what it says, after
// a tab. A flag that is not here takes a file, a number or an address.
var values = map[string]func() []string{
	"behaviour":     behaviourValues,
	"variant":       variantValues,
	"deviation":     deviationValues,
	"fault":         faultValues,
	"embed":         func() []string { return append(behaviourValues(), variantValues()...) },
	"scenario":      scenarioValues,
	"twin-scenario": scenarioValues,
	"tags":          tagValues,
	"judge-tags":    tagValues,
	"edition":       edition.IDs,
	"format":        reports.Shown,
	"flaw":          flawValues,
	"again":         verdictValues,
	"version":       campaign.Versions,
	"events-only":   eventKinds,
	"log-level":     func() []string { return []string{"debug", "info", "warn", "error"} },
	"source-ddi": func() []string {
		return []string{updater.DefaultTenant + "\tthe tenant that a hawkBit server has from the beginning"}
	},
	"log-format": func() []string { return []string{"text", "json"} },
	"algorithm":  func() []string { return []string{"ESP256", "ES256", "EdDSA"} },
}

// folders and files are the flags whose values a shell completes by the names of
// folders, and of files that end like this.
var (
	foldersOf = []string{"features", "judge-clients", "out", "resume", "schemas", "state"}
	filesOf   = map[string][]string{
		"target": {"yaml", "yml"}, "waivers": {"yaml", "yml"}, "why": {"yaml", "yml"}, "twin-target": {"yaml", "yml"},
		"fleet": {"yaml", "yml"}, "replay": {"ndjson"}, "replay-faults": {"ndjson"},
		"campaign": {"yaml", "yml"}, "judge-as": {"yaml", "yml"}, "source-root": {"cbor"}, "source-ca": {"pem"}, "ddi-tokens": {"txt"}, "source-token": {"txt"},
		"events": {"ndjson", "jsonl"},
	}
)

// completeAll teaches a shell the values of the flags of cmd and of all below it.
func completeAll(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		completeAll(sub)
	}
	for name, list := range values {
		if cmd.Flags().Lookup(name) != nil {
			must(cmd.RegisterFlagCompletionFunc(name, func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
				return beginning(list(), begun), cobra.ShellCompDirectiveNoFileComp
			}))
		}
	}
	for _, name := range foldersOf {
		if cmd.Flags().Lookup(name) != nil {
			must(cmd.MarkFlagDirname(name))
		}
	}
	for name, ends := range filesOf {
		if cmd.Flags().Lookup(name) != nil {
			must(cmd.MarkFlagFilename(name, ends...))
		}
	}
}

// must panics with an error that only a mistake in this program can be.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// beginning are those of list that begin with begun. Of a list with commas, which some
// flags take, it is the last element that is completed.
func beginning(list []string, begun string) []string {
	i := strings.LastIndexByte(begun, ',') + 1
	var all []string
	for _, value := range list {
		if strings.HasPrefix(value, begun[i:]) {
			all = append(all, begun[:i]+value)
		}
	}
	return all
}

func behaviourValues() []string {
	var all []string
	for _, b := range fixtures.Behaviours() {
		all = append(all, b.Name+"\t"+b.Says)
	}
	return all
}

func variantValues() []string {
	var all []string
	for _, v := range fixtures.Variants() {
		all = append(all, v.Name+"\t"+v.Says)
	}
	return all
}

func deviationValues() []string {
	var all []string
	for _, d := range fixtures.Deviations() {
		all = append(all, d.Name+"\t"+d.Says)
	}
	return all
}

func verdictValues() []string {
	var all []string
	for _, v := range campaign.Verdicts() {
		all = append(all, string(v))
	}
	return all
}

func eventKinds() []string {
	var all []string
	for _, k := range lookout.Kinds() {
		all = append(all, k.String())
	}
	return all
}

func faultValues() []string {
	var all []string
	for _, f := range fixtures.Faults() {
		all = append(all, f.Name+"\t"+f.Says)
	}
	return all
}

func flawValues() []string {
	var all []string
	for _, f := range suit.Flaws() {
		all = append(all, f.Name+"\t"+f.Says)
	}
	return all
}

func scenarioValues() []string {
	c, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		return nil
	}
	var all []string
	for _, s := range c.Scenarios {
		all = append(all, s.ID+"\t"+s.Name)
	}
	return all
}

func tagValues() []string {
	var all []string
	for _, q := range judge.Requirements() {
		all = append(all, "@"+q.ID+"\t"+q.Says)
	}
	return all
}
