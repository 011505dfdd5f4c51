package controller

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/message/pool"

	"github.com/ocfsim/ocfsim/ocf"
)

// told is a notification of pstat.
func told(t *testing.T, number uint32, tm ocf.DPM) *pool.Message {
	t.Helper()
	m := pool.NewMessage(t.Context())
	m.SetCode(codes.Content)
	m.SetObserve(number)
	m.SetBody(bytes.NewReader(ocf.Pstat{TM: tm, DOS: ocf.RFNOP, Present: ocf.PropTM | ocf.PropCM | ocf.PropDOS}.AppendCBOR(nil, ocf.InterfaceBaseline)))
	return m
}

// TestOrder holds notifications to the order of RFC 7641 section 3.4, in whatever order they come.
func TestOrder(t *testing.T) {
	const last = 1<<24 - 1
	type notification struct {
		number uint32
		after  time.Duration // since the first one
	}
	for name, c := range map[string]struct {
		come []notification
		want []uint32 // the numbers of those that are passed on
	}{
		"in order":                          {[]notification{{2, 0}, {3, 0}, {9, 0}}, []uint32{2, 3, 9}},
		"overtaken":                         {[]notification{{2, 0}, {4, 0}, {3, 0}, {5, 0}}, []uint32{2, 4, 5}},
		"repeated":                          {[]notification{{2, 0}, {2, time.Second}, {3, time.Second}}, []uint32{2, 3}},
		"the number begins again":           {[]notification{{last, 0}, {0, 0}, {last, 0}, {1, 0}}, []uint32{last, 0, 1}},
		"just less than half of all ahead":  {[]notification{{1, 0}, {1 << 23, 0}}, []uint32{1, 1 << 23}},
		"half of all ahead":                 {[]notification{{1, 0}, {1<<23 + 1, 0}}, []uint32{1}},
		"just more than half of all behind": {[]notification{{1<<23 + 2, 0}, {1, 0}}, []uint32{1<<23 + 2, 1}},
		"128 s later":                       {[]notification{{7, 0}, {6, 128 * time.Second}}, []uint32{7}},
		"after 128 s":                       {[]notification{{7, 0}, {6, 128*time.Second + 1}}, []uint32{7, 6}},
		"128 s count from the newest":       {[]notification{{7, 0}, {8, 100 * time.Second}, {6, 200 * time.Second}}, []uint32{7, 8}},
	} {
		s, began := newStates(), time.Now()
		var got, want []ocf.DPM
		for _, n := range c.come {
			s.tell(t.Context(), told(t, n.number, ocf.DPM(n.number)), began.Add(n.after))
		}
		for _, n := range c.want {
			want = append(want, ocf.DPM(n))
		}
		for len(s.told) > 0 {
			state, err := s.next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, state.TM)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: passed on %v, want %v", name, got, want)
		}
	}
}

// TestNoneOvertakes has goroutines tell of more states than there is room for. Whoever reads them
// sees numbers that only rise, and the last one.
func TestNoneOvertakes(t *testing.T) {
	const all = 200
	s := newStates()
	for i := range uint32(all) {
		go s.tell(t.Context(), told(t, i+1, ocf.DPM(i+1)), time.Now())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for before := ocf.DPM(0); before != all; {
		state, err := s.next(ctx)
		if err != nil || state.TM <= before {
			t.Fatalf("%d came after %d; %v", state.TM, before, err)
		}
		before = state.TM
	}
}
