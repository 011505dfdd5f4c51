package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/sim/source/web"
)

// ddiFlags are the flags of `ocfsim source` about Devices that ask by DDI.
type ddiFlags struct {
	sleep  time.Duration
	tokens string
	// confirms says that Devices have to confirm actions.
	confirms bool
}

// register adds the flags to a command.
func (f *ddiFlags) register(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.sleep, "ddi-sleep", web.DefaultSleep, "tell Devices that ask by DDI to wait so `LONG` between two polls, in whole seconds")
	cmd.Flags().BoolVar(&f.confirms, "ddi-confirm", false, "have Devices that ask by DDI confirm each action, at confirmationBase, before they may have it")
	cmd.Flags().StringVar(&f.tokens, "ddi-tokens", "", "answer by DDI only who shows one of the tokens in `FILE`, a line each: GatewayToken SECRET, or TargetToken SECRET [CONTROLLER] (default everybody)")
}

// longestSleep is the longest time that HH:MM:SS can say.
const longestSleep = 100*time.Hour - time.Second

// config is what the flags say.
func (f ddiFlags) config() (web.DDI, error) {
	c := web.DDI{Sleep: f.sleep}
	if f.sleep < time.Second || f.sleep > longestSleep {
		return c, fmt.Errorf("--ddi-sleep %v: expected 1s to %v", f.sleep, longestSleep)
	}
	if f.tokens == "" {
		return c, nil
	}
	text, err := bounded.ReadText(f.tokens)
	if err != nil {
		return c, fmt.Errorf("--ddi-tokens: %w", err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		t, ok := tokenOf(words)
		if !ok {
			return c, fmt.Errorf("%s:%d:1: expected GatewayToken SECRET, or TargetToken SECRET [CONTROLLER]", f.tokens, n)
		}
		c.Tokens = append(c.Tokens, t)
	}
	if len(c.Tokens) == 0 {
		return c, fmt.Errorf("%s:1:1: expected a token", f.tokens)
	}
	return c, nil
}

// tokenOf reads a line of the file of tokens.
func tokenOf(words []string) (t web.Token, ok bool) {
	if len(words) == 0 {
		return t, false
	}
	t.Scheme = words[0]
	switch {
	case len(words) == 2 && (t.Scheme == web.GatewayToken || t.Scheme == web.TargetToken):
		t.Secret = words[1]
	case len(words) == 3 && t.Scheme == web.TargetToken:
		t.Secret, t.Controller = words[1], words[2]
	default:
		return t, false
	}
	return t, true
}
