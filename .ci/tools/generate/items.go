package main

// item is something that is made: what it is, what it is made from, and the arguments of
// the go command that makes it, which is run in the module.
type item struct {
	name    string
	makes   string
	command []string
}

// items are all items. Each comes after those that it is made from.
func items() []item {
	test := func(pkg, tests string, more ...string) []string {
		return append([]string{"test", "-count=1", pkg, "-run", "^(" + tests + ")$", "-rewrite"}, more...)
	}
	return []item{
		{
			"catalogue", "conformance/judge/catalogue.go: the list of requirements, from one file each",
			[]string{"generate", "-run", "internal/catalogue", "./conformance/judge"},
		},
		{
			"schemas", "fixtures/*/schema.json: the words for quirks, from their declarations",
			test("./fixtures", "TestSchemasKnowTheQuirks"),
		},
		{
			"editions", "docs/guide/editions.md: what differs between editions, from fixtures/editions",
			test("./conformance/edition", "TestTheGuideIsFresh"),
		},
		{
			"devices", "sim/testdata: what Devices do in scripts, with quirks and without",
			test("./sim", "TestScripts|TestQuirks"),
		},
		{
			"judges", "conformance/judge/testdata: what is concluded from scripts, recorded runs and the corpus",
			test("./conformance/judge", "TestScripts|TestRecordedTimelines|TestCorpus"),
		},
		{
			"clients", "conformance/client/testdata, docs/guide/client-rules.md: the rules for Clients, and what is concluded from scripts",
			test("./conformance/client", "TestScripts|TestRecord|TestBesides|TestPageOfTheRules"),
		},
		{
			"pages", "docs/requirements: a page for each requirement",
			test("./conformance/judge", "TestPagesOfTheRequirements"),
		},
		{
			"texts", "reports/testdata: what the terminal shows",
			test("./reports", "TestSummary|TestProgress|TestOverview"),
		},
		{
			"sample", "reports/sample: the reports of the committed run",
			test("./reports", "TestTheCommittedSampleIsFresh"),
		},
		{
			"matrix", "reports/deviants: which requirement catches which deviant",
			test("./cmd/ocfsim/internal/exam", "TestExactlyWhatIsDeclaredTurnsRed|TestEveryRuleIsProven|TestTheCommittedMatrixIsOfThisSuite"),
		},
		{
			"walks", "cmd/ocfsim/internal/explore/testdata/found: a walk for each deviation; it is searched for only if it is missing or finds nothing any more",
			test("./cmd/ocfsim/internal/explore", "TestEveryDeviationIsFound", "-timeout", "30m"),
		},
	}
}
