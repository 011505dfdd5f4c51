package steps

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// performPlainly is perform without godog, for runs that ask for it. godog keeps a
// database of each scenario, which costs more than all that a virtual Device does in it.
// A test holds the two to the same outcome.
func performPlainly(ctx context.Context, s Scenario, words *language, do func(context.Context, definition, call) error) error {
	if len(s.Steps) == 0 {
		return errors.New("no steps in the scenario")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, step := range s.Steps {
		d, c, err := words.call(step)
		if err != nil {
			return s.misread(step, err)
		}
		if err := execute(ctx, d, c, do); err != nil {
			return err
		}
	}
	return nil
}

// call is what step calls for: the one definition under its word that matches it.
func (l *language) call(step Sentence) (definition, call, error) {
	var found []definition
	for _, i := range l.places(step.Text) {
		if d := l.definitions[i]; d.word == step.Word {
			found = append(found, d)
		}
	}
	switch {
	case len(found) == 0:
		return definition{}, call{}, undefined(step.Text)
	case len(found) > 1:
		var texts []string
		for _, d := range found {
			texts = append(texts, d.expr.String())
		}
		return definition{}, call{}, fmt.Errorf("ambiguous step: %s, matched by %s", step.Text, strings.Join(texts, " and "))
	}
	d := found[0]
	if d.table != (len(step.Table) > 0) {
		return d, call{}, fmt.Errorf("step with a table where none is expected, or the other way round: %s", step.Text)
	}
	return d, call{text: step.Text, at: step.at(), args: d.expr.FindStringSubmatch(step.Text)[1:], table: step.Table}, nil
}

// undefined is the error of a step that nothing defines.
func undefined(text string) error { return fmt.Errorf("undefined step: %s", text) }

// execute runs one step and turns a panic in it into its error.
func execute(ctx context.Context, d definition, c call, do func(context.Context, definition, call) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in step %q: %v\n%s", c.text, p, debug.Stack())
		}
	}()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return do(ctx, d, c)
}
