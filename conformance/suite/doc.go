// Package suite is the conformance suite as a library: what `ocfsim test` does,
// for the go test of whoever builds a Device.
//
//	lamp, err := target.Load("lamp.yaml")
//	...
//	results, err := suite.Run(ctx, suite.Config{Targets: []target.Config{lamp}})
//	...
//	for _, c := range results[0].Concerns() {
//		t.Errorf("%s", c.Text) // as the terminal of `ocfsim test` shows it
//	}
//	if code := suite.ExitCode(results); code != suite.ExitPass {
//		t.Errorf("exit code %d", code)
//	}
//
// Run drives each target through the scenarios, records what was sent and seen,
// and judges the records afterwards; Config says which targets and scenarios, with
// which sentences, waivers and repetitions, and where the results are written. A
// Result has the verdicts and tells them. Rejudge judges what an earlier run left
// behind, Read and Diff compare two runs.
//
// The package knows no virtual Device: it is told of a target, and meets it on
// the wire. docs/guide/library.md has whole examples, and says what of this API
// is stable.
package suite
