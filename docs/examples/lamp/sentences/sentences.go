// Package sentences adds to the language of the feature files what the Acme app
// does with a lamp.
package sentences

import (
	"context"
	"strconv"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/ocf"
)

// All is every sentence, for suite.Config.Sentences.
func All() []steps.Definition {
	return []steps.Definition{
		{Word: steps.When, Text: `the app looks for an update and asks (\d+) times how it goes`, Do: look},
		{Word: steps.Then, Text: `the app can offer the update`, Expect: offered},
	}
}

// look asks for a check as the owner, and then for its state, as the app does
// while its spinner turns.
func look(ctx context.Context, t *steps.Trial, use steps.Use) error {
	times, err := strconv.Atoi(use.Args[0])
	if err != nil {
		return err
	}
	if _, err := t.Request(ctx, conformance.Privileged, ocf.SVV); err != nil {
		return err
	}
	for range times {
		if _, err := t.Get(ctx, conformance.Privileged, ocf.PathPstat); err != nil {
			return err
		}
	}
	return nil
}

// offered expects that the lamp says in the end that there is an update.
func offered(c *steps.Claims, _ steps.Use) error {
	return c.Expect(conformance.EndsWith, conformance.Privileged, conformance.Row{TM: "-", CM: "V"})
}
