package features_test

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

func Example() {
	all, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		fmt.Println(err)
		return
	}
	const id = "validation.a-check-that-finds-an-update-says-so-and-ends"
	one, err := all.Select("", id)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(one[0].Feature)
	for _, s := range one[0].Steps {
		fmt.Println(s.Word, s.Text)
	}
	// Output:
	// Software version validation
	// Given a Device in RFNOP that has an update
	// When a privileged Client requests software version validation
	// Then pstat changes exactly in this order
}
