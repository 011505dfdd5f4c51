package suite_test

import (
	"context"
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// Everything but Targets has a useful zero value: every built-in scenario is run
// once, and nothing is written.
func ExampleRun() {
	lamp := target.Config{Profile: conformance.Profile{Name: "Acme lamp", Endpoint: "coap://192.0.2.7"}}
	lamp.Dial = offline("").Dial // in this example the lamp is unplugged
	results, err := suite.Run(context.Background(), suite.Config{Targets: []target.Config{lamp}})
	if err != nil {
		fmt.Println(err) // there was nothing to run
		return
	}
	for _, r := range results {
		for _, c := range r.Concerns() {
			if c.Verdict == conformance.Error {
				fmt.Printf("%s: %s", c.ID, c.Text)
			}
		}
	}
	fmt.Println("exit code", suite.ExitCode(results))
	// Output:
	// run concluded: Acme lamp: no route to the lamp
	// exit code 4
}

// A run that was written is judged again without the Device.
func ExampleRejudge() {
	results, err := suite.Rejudge("../../reports/sample", suite.Judging{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range results[0].Requirements(conformance.Fail) {
		fmt.Println(row.ID, row.Findings[0].Reason)
	}
	fmt.Println("exit code", suite.ExitCode(results))
	// Output:
	// SVV-4 cm still had V though the check had begun and the source held its answer
	// exit code 1
}
