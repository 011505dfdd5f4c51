package sim

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// TestValidity checks the times of an ACE in the notation of RFC 5545.
func TestValidity(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	const office = "20260105T090000Z/PT8H" // a Monday
	for _, c := range []struct {
		period string
		rules  []string
		at     string
		want   bool
	}{
		{"20260101T000000Z/20261231T235959Z", nil, "2026-07-01 12:00", true},
		{"20260101T000000Z/20261231T235959Z", nil, "2025-12-31 23:59", false},
		{"20260101T000000Z/20261231T235959Z", nil, "2027-01-01 00:00", false},
		{"20260101T000000/20261231T235959", nil, "2026-07-01 12:00", true},
		{"20260101T000000Z/P1W", nil, "2026-01-07 12:00", true},
		{"20260101T000000Z/P1W", nil, "2026-01-08 12:00", false},
		{"20260101T000000Z/P1DT2H30M", nil, "2026-01-02 02:30", true},
		{"20260101T000000Z/P1DT2H30M", nil, "2026-01-02 02:31", false},
		{office, nil, "2026-01-06 10:00", false},
		{office, []string{"FREQ=DAILY"}, "2026-01-10 10:00", true},
		{office, []string{"RRULE:FREQ=DAILY"}, "2026-01-10 18:00", false},
		{office, []string{"FREQ=DAILY"}, "2026-01-04 10:00", false},
		{office, []string{"FREQ=DAILY;UNTIL=20260108T000000Z"}, "2026-01-07 10:00", true},
		{office, []string{"FREQ=DAILY;UNTIL=20260108T000000Z"}, "2026-01-08 10:00", false},
		{office, []string{"FREQ=WEEKLY"}, "2026-01-12 10:00", true},
		{office, []string{"FREQ=WEEKLY"}, "2026-01-13 10:00", false},
		{office, []string{"FREQ=WEEKLY;BYDAY=TU,WE"}, "2026-01-13 10:00", true},
		{office, []string{"FREQ=DAILY;BYDAY=SU"}, "2026-01-12 10:00", false},
		{"20260105T220000Z/PT4H", []string{"FREQ=DAILY"}, "2026-01-08 01:00", true},
		{"20260105T220000Z/PT4H", []string{"FREQ=DAILY"}, "2026-01-08 03:00", false},
	} {
		v, err := parseValidity(&ocf.Validity{Period: c.period, Recurrence: c.rules})
		if err != nil {
			t.Errorf("%s %v: %v", c.period, c.rules, err)
		} else if got := v.covers(at(c.at)); got != c.want {
			t.Errorf("%s %v covers %s: got %v", c.period, c.rules, c.at, got)
		}
	}
}

func TestValidityThatIsNone(t *testing.T) {
	for _, c := range []ocf.Validity{
		{},
		{Period: "20260101T000000Z"},
		{Period: "20260101T000000Z/"},
		{Period: "/20260101T000000Z"},
		{Period: "2026-01-01/2026-12-31"},
		{Period: "20261231T000000Z/20260101T000000Z"},
		{Period: "20260101T000000Z/P"},
		{Period: "20260101T000000Z/P-1D"},
		{Period: "20260101T000000Z/P1Y"},
		{Period: "20260101T000000Z/PTxH"},
		{Period: "20260101T000000Z/P1000000000000W"},
		{Period: "20260101T000000Z/PT1H", Recurrence: []string{"FREQ=HOURLY"}},
		{Period: "20260101T000000Z/PT1H", Recurrence: []string{"FREQ=WEEKLY;BYDAY=XX"}},
		{Period: "20260101T000000Z/PT1H", Recurrence: []string{"FREQ=DAILY;UNTIL=x"}},
		{Period: "20260101T000000Z/PT1H", Recurrence: []string{"FREQ=DAILY;COUNT=3"}},
		{Period: "20260101T000000Z/PT1H", Recurrence: []string{""}},
	} {
		if v, err := parseValidity(&c); err == nil {
			t.Errorf("%+v: got %+v, expected an error", c, v)
		}
	}
}
