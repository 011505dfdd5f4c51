package conformance

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func TestRows(t *testing.T) {
	for _, c := range []struct {
		row   Row
		tm    ocf.DPM
		match bool
	}{
		{Row{TM: "*"}, 0xffff, true},
		{Row{TM: "-"}, 0, true},
		{Row{TM: "-"}, 1, false},
		{Row{TM: "V"}, ocf.SVV, true},
		{Row{TM: "V"}, ocf.SVV | 2, false},
		{Row{TM: "V+U"}, ocf.SVV, false},
		{Row{TM: "V+U?"}, ocf.SVV, true},
		{Row{TM: "V+U?"}, ocf.SVV | ocf.SSU, true},
		{Row{TM: "V?"}, ocf.SSU, false},
		{Row{TM: "0x4000"}, 0x4000, true},
		{Row{TM: "0x4000"}, 0, false},
		{Row{TM: "-"}, 0x100, true},
		{Row{TM: "V"}, ocf.SVV | 0x100, true},
	} {
		if got := c.row.Matches(ocf.Pstat{TM: c.tm}); got != c.match {
			t.Errorf("%v on %v: %v", c.row, c.tm, got)
		}
	}
	for _, bad := range []Row{{TM: "W"}, {CM: "V++U"}, {DOS: "NOP"}} {
		if bad.Validate() == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

func TestARowInWords(t *testing.T) {
	for want, r := range map[string]Row{
		"tm=* cm=* dos=*":          {},
		"tm=V cm=- dos=RFNOP":      {"V", "-", "RFNOP"},
		"tm=* cm=V+U? dos=RFPRO":   {"", "V+U?", "RFPRO"},
		"tm=- cm=* dos=*":          {TM: "-", DOS: "*"},
		"tm=0x4000 cm=- dos=RFNOP": {"0x4000", "-", "RFNOP"},
	} {
		if got := r.String(); got != want {
			t.Errorf("%+v: %s, want %s", r, got, want)
		}
	}
}

func TestRowsHoldDOSToo(t *testing.T) {
	all := ocf.PropDOS | ocf.PropTM | ocf.PropCM
	for _, c := range []struct {
		row  Row
		p    ocf.Pstat
		want bool
	}{
		{Row{}, ocf.Pstat{DOS: ocf.RESET, Present: all}, true},
		{Row{DOS: "RESET"}, ocf.Pstat{DOS: ocf.RESET, Present: all}, true},
		{Row{DOS: "RFNOP"}, ocf.Pstat{DOS: ocf.RESET, Present: all}, false},
		{Row{DOS: "RESET"}, ocf.Pstat{DOS: ocf.RESET, Present: all &^ ocf.PropDOS}, false},
		{Row{DOS: "odd"}, ocf.Pstat{DOS: ocf.RESET, Present: all}, false},
		{Row{DOS: "*", CM: "odd"}, ocf.Pstat{Present: all}, false},
		{Row{TM: "odd"}, ocf.Pstat{Present: all}, false},
		{Row{CM: "V"}, ocf.Pstat{CM: ocf.SVV, Present: all}, true},
		{Row{CM: "V"}, ocf.Pstat{TM: ocf.SVV, Present: all}, false},
		{Row{CM: "V?+V"}, ocf.Pstat{CM: ocf.SVV, Present: all}, true},
		{Row{CM: "V?+V"}, ocf.Pstat{Present: all}, true},
		{Row{CM: " V "}, ocf.Pstat{CM: ocf.SVV, Present: all}, true},
	} {
		if got := c.row.Matches(c.p); got != c.want {
			t.Errorf("%+v on %v: %v", c.row, c.p, got)
		}
	}
}
