package steps_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/ocf"
)

const lampFeature = `
Feature: lamp

  @SVV-6 @S1 @needs:update
  Scenario: It finds an update
    Given a Device in RFNOP that has an update
    When a privileged Client requests software version validation
    Then pstat ends with
      | tm | cm |
      | -  | V  |
`

func ExampleLoad() {
	files := fstest.MapFS{"lamp.feature": {Data: []byte(lampFeature)}}
	all, err := steps.Load(files, judge.IDs())
	if err != nil {
		fmt.Println(err)
		return
	}
	some, err := all.Select("@SVV-6 and @S1", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range some {
		fmt.Println(s.ID, s.Requirements, s.Stimuli)
		fmt.Println(s.Steps[1].Word, s.Steps[1].Text)
	}
	lamp := conformance.Profile{Supports: conformance.Supports{Validation: true}}
	fmt.Println("not applicable:", steps.Applicable(some[0], lamp))
	// Output:
	// lamp.it-finds-an-update [SVV-6] [S1]
	// When a privileged Client requests software version validation
	// not applicable: the target does not declare support of secure software update
}

// A package of sentences has a function that returns its Definitions.
func ExampleDefinition() {
	own := []steps.Definition{
		{
			Word: steps.When, Text: `the app asks (\d+) for an update`,
			Do: func(ctx context.Context, t *steps.Trial, use steps.Use) error {
				t.Note("the app is number %s", use.Args[0])
				_, err := t.Request(ctx, conformance.Privileged, ocf.SSU)
				return err
			},
		},
		{
			Word: steps.Then, Text: `the app is told of the end`,
			Expect: func(c *steps.Claims, _ steps.Use) error {
				return c.Expect(conformance.EndsWith, conformance.Privileged, conformance.Row{TM: "-"})
			},
		},
	}
	_, err := steps.NewRunner(steps.Config{Sentences: own})
	fmt.Println(err)
	own[1].Do = own[0].Do
	_, err = steps.NewRunner(steps.Config{Sentences: own})
	fmt.Println(err)
	// Output:
	// <nil>
	// sentence "Then the app is told of the end": a Then has Expect, and no Do
}
