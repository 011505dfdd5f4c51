package judge

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// leastByPairs is what least has to find, by comparing every sample with every other.
func (w window) leastByPairs() (rows []int, bad int) {
	rows = make([]int, len(w.samples))
	for i, s := range w.samples {
		row := 0
		for j := range i {
			if w.samples[j].Before(s) {
				row = max(row, rows[j])
			}
		}
		for row <= len(w.rows) && !w.fits(s, row) {
			row++
		}
		if row > len(w.rows) {
			return rows, i
		}
		rows[i] = row
	}
	return rows, -1
}

// mostByPairs is what most has to find.
func (w window) mostByPairs() []int {
	rows := make([]int, len(w.samples))
	for i := len(w.samples) - 1; i >= 0; i-- {
		row := len(w.rows)
		for j := i + 1; j < len(w.samples); j++ {
			if w.samples[i].Before(w.samples[j]) {
				row = min(row, rows[j])
			}
		}
		for row > 0 && !w.fits(w.samples[i], row) {
			row--
		}
		rows[i] = row
	}
	return rows
}

// looked is a Timeline of n looks at pstat, by two observers and by GETs that overtake
// each other, in which tm goes through a few states.
func looked(r *rand.Rand, n int) conformance.Timeline {
	rec := conformance.NewRecorder(conformance.Header{}, nil)
	var open []int
	var streams []int
	number := uint32(0)
	masks := []ocf.DPM{0, ocf.SVV, ocf.SSU}
	for range n {
		p := ocf.Pstat{TM: masks[r.IntN(3)], DOS: ocf.RFNOP, ISOP: true}
		if r.IntN(4) > 0 { // mostly it stays as it was
			p.TM = 0
		}
		f := &conformance.Frame{Code: "2.05", Path: ocf.PathPstat, Payload: p.AppendCBOR(nil, 0)}
		switch k := r.IntN(5); {
		case k == 0 || len(open) == 0 && len(streams) == 0:
			get := &conformance.Frame{Code: "GET", Path: ocf.PathPstat}
			if r.IntN(4) == 0 {
				get.Observe = new(uint32)
			}
			at := rec.Append(conformance.Observation{Kind: conformance.Request, Client: "privileged", Frame: get})
			if get.Observe != nil {
				streams = append(streams, at)
			} else {
				open = append(open, at)
			}
		case k < 3 && len(open) > 0:
			i := r.IntN(len(open))
			rec.Append(conformance.Observation{Kind: conformance.Response, Client: "privileged", For: &open[i], Frame: f})
			open = slices.Delete(slices.Clone(open), i, i+1)
		case len(streams) > 0:
			number++
			observe := number
			f.Observe = &observe
			i := r.IntN(len(streams))
			rec.Append(conformance.Observation{Kind: conformance.Notification, Client: "privileged", For: &streams[i], Frame: f})
		}
	}
	return rec.Timeline()
}

func TestRowsAreFoundAsByComparingAllPairs(t *testing.T) {
	rows := []conformance.Row{{TM: "V", CM: "*", DOS: "*"}, {TM: "-", CM: "*", DOS: "*"}, {TM: "U", CM: "*", DOS: "*"}, {TM: "-", CM: "*", DOS: "*"}}
	explained := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := windowOf(conformance.Expectation{Rows: rows[:1+r.IntN(4)], From: r.IntN(4)}, read(looked(r, 4+r.IntN(24))))
		least, bad := w.least()
		want, wantBad := w.leastByPairs()
		if bad != wantBad || !slices.Equal(least, want) {
			t.Fatalf("seed %d: least %v, bad %d; want %v, %d", seed, least, bad, want, wantBad)
		}
		if bad >= 0 {
			continue
		}
		explained++
		if most, want := w.most(), w.mostByPairs(); !slices.Equal(most, want) {
			t.Fatalf("seed %d: most %v, want %v", seed, most, want)
		}
	}
	if explained < 100 {
		t.Errorf("the path explains %d of 3000 courses only", explained)
	}
}

// A Device may notify tens of thousands of times in a scenario. What compares every
// notification with every other takes minutes for this.
func TestAFloodIsJudgedInTime(t *testing.T) {
	rec := conformance.NewRecorder(conformance.Header{}, nil)
	request := rec.Append(conformance.Observation{Kind: conformance.Request, Client: "privileged", Frame: &conformance.Frame{Code: "GET", Path: ocf.PathPstat, Observe: new(uint32)}})
	for i := range uint32(39_000) {
		p := ocf.Pstat{TM: ocf.DPM(i>>8) & 0xff, DOS: ocf.RFNOP, ISOP: true}
		number := i + 1
		rec.Append(conformance.Observation{Kind: conformance.Notification, Client: "privileged", For: &request, Frame: &conformance.Frame{
			Code: "2.05", MID: uint16(i), Path: ocf.PathPstat, Observe: &number, Payload: p.AppendCBOR(nil, 0),
		}})
	}
	for _, form := range []conformance.Form{conformance.Exactly, conformance.InOrder, conformance.EndsWith, conformance.NeverDuring} {
		e := conformance.Expectation{Text: "x", Form: form, Client: "privileged", Rows: []conformance.Row{{TM: "*", CM: "U"}, {TM: "*"}}, From: 20_000}
		if form == conformance.NeverDuring {
			e.Rows = e.Rows[:1]
		}
		rec.Expect(e)
	}
	began := time.Now()
	Scenario(rec.Timeline(), Known{})
	if took := time.Since(began); took > time.Minute {
		t.Errorf("judging took %v", took)
	}
}

// TestStatesAreTakenOnceBetweenTwoGETs, since a Device may notify very often.
func TestStatesAreTakenOnceBetweenTwoGETs(t *testing.T) {
	told := func(n int, tm ocf.DPM) conformance.Sample {
		return conformance.Sample{N: n, Notified: true, Pstat: ocf.Pstat{TM: tm}}
	}
	asked := func(n int, tm ocf.DPM) conformance.Sample {
		return conformance.Sample{N: n, Pstat: ocf.Pstat{TM: tm}}
	}
	var got []int
	for _, x := range distinct([]conformance.Sample{
		told(1, 0), told(2, ocf.SVV), told(3, 0), told(4, ocf.SVV), asked(5, 0), asked(6, 0), told(7, 0), told(8, ocf.SVV), told(9, 0),
	}) {
		got = append(got, x.N)
	}
	if want := []int{1, 2, 5, 6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
