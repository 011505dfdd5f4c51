package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source"
)

// TestLines asks for conditions by lines: each is answered on a line, blank ones are not.
func TestLines(t *testing.T) {
	apply := func(device, condition string) (source.Report, error) {
		switch condition {
		case "reboot":
			return source.Report{}, fmt.Errorf("%w: reboot", source.ErrUnsupported)
		case "update-fails":
			return source.Report{}, errors.New("no room\nleft")
		}
		if device != "" {
			t.Errorf("device %q", device)
		}
		return source.Report{Checks: 2}, nil
	}
	var out strings.Builder
	if err := source.Lines(strings.NewReader("hold\n\n reboot \nupdate-fails"), &out, apply); err != nil {
		t.Fatal(err)
	}
	const want = "ok {\"checks\":2,\"fetches\":0,\"served\":0,\"holding\":0}\nunsupported condition not supported: reboot\nfailed no room left\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
