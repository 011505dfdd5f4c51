package campaign

import (
	"fmt"
	"path"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// introduced takes in what the Device says of itself, before an update and after it; nil
// where it denies that. It is false if the Device is asked once more, because that can't be read.
func (e *Engine) introduced(d *device, asked ask, payload []byte, now time.Duration) bool {
	version := ""
	if asked == askPlatform {
		p, _, err := ocf.DecodeP(payload)
		if err == nil {
			version = p.MNFV
		} else if payload != nil && e.again(d, asked) {
			return false
		}
	} else {
		about, _, err := ocf.DecodeD(payload)
		another := d.step == confirming && !d.di.IsNil() && !about.DI.IsNil() && about.DI != d.di
		switch {
		case (another || err != nil && payload != nil) && e.again(d, asked):
			return false
		case err != nil:
		case another:
			e.conclude(d, Failed, fmt.Sprintf("another Device answers: di was %v and is %v", d.di, about.DI), now)
			return true
		default:
			d.di, d.name, version = about.DI, about.Name, about.SV
		}
	}
	e.versioned(d, asked, version, now)
	return true
}

// versioned goes on with a Device whose version was read; "" if it has none.
func (e *Engine) versioned(d *device, asked ask, version string, now time.Duration) {
	switch {
	case asked == askDevice && e.plan.Version == VersionOfPlatform:
		d.want = askPlatform
	case d.step == confirming:
		d.to = version
		e.confirm(d, now)
	default:
		d.from = version
		e.meet(d, now)
	}
}

// meet goes on with a Device if the campaign is meant for it.
func (e *Engine) meet(d *device, now time.Duration) {
	if !fits(e.plan.OnlyName, d.name) || !fits(e.plan.OnlyVersion, d.from) && (d.known.From == "" || !fits(e.plan.OnlyVersion, d.known.From)) {
		e.conclude(d, NotSelected, fmt.Sprintf("it is %q, version %q", d.name, d.from), now)
		return
	}
	e.open(d)
}

// fits reports whether text is as the pattern says; "" asks for nothing.
func fits(pattern, text string) bool {
	ok, err := path.Match(pattern, text)
	return pattern == "" || ok && err == nil
}
