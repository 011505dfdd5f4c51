package campaign_test

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
)

// TestMistakesInACampaign checks that each mistake is told with its place.
func TestMistakesInACampaign(t *testing.T) {
	for text, want := range map[string]string{
		"do: update\n":                                                 `c.yaml:1:1: `,
		"name: x\ndo: updates\n":                                       `c.yaml:2:5: `,
		"name: x\ndo: check\nwave: []\n":                               `c.yaml:3:1: unknown key "wave"`,
		"name: x\ndo: check\ntiming: {update: 0s}\n":                   `c.yaml:3:10: "0s": expected a duration above 0`,
		"name: x\ndo: check\nwaves: [{devices: 120%}]\n":               `c.yaml:3:10: "120%": expected at most 100%`,
		"name: x\ndo: check\nwaves: [{devices: rest}, {devices: 1}]\n": `c.yaml:3:9: only the last wave can take the rest`,
		"name: x\ndo: check\nonly: {name: '[a'}\n":                     `c.yaml:3:8: "[a": expected a pattern`,
		"name: x\ndo: check\nwatch: {by: poll, every: 5s}\n":           `c.yaml:3:19: 5s: expected at least 6s`,
		"name: x\ndo: check\nsecurity: {own: pin}\n":                   `c.yaml:3:12: own: pin needs the PIN`,
	} {
		_, err := campaign.Parse("c.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
	p, err := campaign.Parse("example.yaml", []byte(campaign.Example()))
	if err != nil || len(p.Waves) != 3 || p.Waves[2].Devices.Set || p.Failures.Of(200) != 20 {
		t.Errorf("%+v, %v", p, err)
	}
}
