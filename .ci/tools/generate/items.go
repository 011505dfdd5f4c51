package main

// item is something that is made: what, from what, and the arguments of the go
// command that makes it, to be run in the module.
type item struct {
	name    string
	makes   string
	command []string
}

// items are everything that is made, each after what it is made from.
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
			"devices", "sim/testdata: what Devices do in scripts, with quirks and without",
			test("./sim", "TestScripts|TestQuirks"),
		},
		{
			"judges", "conformance/judge/testdata: what is concluded from scripts, recorded runs and the corpus",
			test("./conformance/judge", "TestScripts|TestRecordedTimelines|TestCorpus"),
		},
		{
			"pages", "docs/requirements: a page a requirement",
			test("./conformance/judge", "TestPagesOfTheRequirements"),
		},
		{
			"texts", "reports/testdata: what the terminal shows",
			test("./reports", "TestSummary|TestProgress|TestOverview"),
		},
		{
			"matrix", "reports/deviants: which deviant is caught by what",
			test("./cmd/ocfsim/internal/exam", "TestTheCommittedMatrixIsOfThisSuite"),
		},
		{
			"walks", "cmd/ocfsim/internal/explore/testdata/found: a walk that finds each deviation, where it is missing or finds it no more",
			test("./cmd/ocfsim/internal/explore", "TestEveryDeviationIsFound", "-timeout", "30m"),
		},
	}
}
