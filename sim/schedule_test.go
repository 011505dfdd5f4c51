package sim_test

import (
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// clock is the time of day at which the clock of a Device in a script begins.
var clock = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// scheduleOf is the payload of a POST to oic.r.softwareupdate: action=, url= and at=, which
// is a time in seconds from the beginning of the script. "-" leaves a Property out.
func scheduleOf(words map[string]string) ([]byte, error) {
	x := ocf.SoftwareUpdate{URL: "https://vendor.example/lamp", Action: words["action"], Present: ocf.UpdateWritable}
	if url, ok := words["url"]; ok {
		x.URL = url
	}
	at, err := time.ParseDuration(strings.TrimPrefix(words["at"], "-"))
	if words["at"] == "-" {
		err = nil
	}
	x.Time = clock.Add(at).Format(time.RFC3339)
	for word, bit := range map[string]ocf.SoftwareUpdateProperties{"action": ocf.UpdateAction, "url": ocf.UpdateURL, "at": ocf.UpdateTime} {
		if words[word] == "-" {
			x.Present &^= bit
		}
	}
	return x.AppendUpdate(nil), err
}
