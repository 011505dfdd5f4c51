package ocf

import (
	"fmt"
	"strings"
)

// ParsePstatText reads the notation of Pstat.String, "tm=V cm=- dos=RFNOP",
// in any order and with any part left out; Present says which were given.
func ParsePstatText(text string) (Pstat, error) {
	var p Pstat
	for part := range strings.FieldsSeq(text) {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return Pstat{}, fmt.Errorf("%q: expected tm=, cm= or dos= and a value", part)
		}
		bit, err := p.setText(name, value)
		if err != nil {
			return Pstat{}, fmt.Errorf("%q: %w", part, err)
		}
		if p.Present.Has(bit) {
			return Pstat{}, fmt.Errorf("%q: %s is given twice", part, name)
		}
		p.Present |= bit
	}
	if p.Present == 0 {
		return Pstat{}, fmt.Errorf("%q: expected tm=, cm= or dos= and a value", text)
	}
	return p, nil
}

// setText sets one part of the notation and says which property it is.
func (p *Pstat) setText(name, value string) (bit Properties, err error) {
	switch name {
	case "tm":
		p.TM, err = ParseDPM(value)
		return PropTM, err
	case "cm":
		p.CM, err = ParseDPM(value)
		return PropCM, err
	case "dos":
		p.DOS, err = ParseDOS(value)
		return PropDOS, err
	}
	return 0, fmt.Errorf("unknown property %q, expected tm, cm or dos", name)
}
