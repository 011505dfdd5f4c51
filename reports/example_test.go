package reports_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/ocfsim/ocfsim/reports"
)

func ExampleReadJSON() {
	f, err := os.Open("sample/results.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	report, err := reports.ReadJSON(f.Name(), f)
	if err != nil {
		fmt.Println(err)
		return
	}
	code, means := reports.Exit(report.Verdict)
	fmt.Println(report.Verdict, code, means)
	worst := reports.Concerns(reports.Entry{Report: report}, reports.Style{})[0]
	first, _, _ := strings.Cut(worst.Text, "\n")
	fmt.Println(first)
	// Output:
	// fail 1 at least one requirement failed
	// FAIL           SVV-4 cm.V goes to 0 at the start
}

// Named finds a format by the name that --format takes.
func ExampleNamed() {
	f, err := reports.Named("junit")
	fmt.Println(f.Name, f.File, err)
	// Output: junit junit.xml <nil>
}
