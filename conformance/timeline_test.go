package conformance

import (
	"testing"
)

func of(n int, kind Kind) Observation { return Observation{Kind: kind, For: &n} }

// A request is unanswered for good where its end was lost and no answer came late.
func TestUnanswered(t *testing.T) {
	tl := Timeline{Observations: []Observation{
		{Kind: Request}, of(0, Lost), // 0, 1
		{Kind: Request}, of(2, Lost), of(2, Response), // 2, 3, 4: the answer came late
		{Kind: Request}, of(5, Response), // 5, 6
		{Kind: Request}, of(7, Lost), of(7, Note), {Kind: Response}, // 7, 8, 9, 10: an answer to nothing
		{Kind: Lost}, // 11: of no request
	}}
	for n, want := range map[int]bool{0: false, 1: true, 3: false, 4: false, 6: false, 8: true, 11: true} {
		if got := tl.Unanswered(n); got != want {
			t.Errorf("entry %d: %v", n, got)
		}
	}
}

// A condition may have had an effect unless it could not be had, whatever else was asked for
// between its asking and that.
func TestArranges(t *testing.T) {
	condition := func(name, outcome string) Observation {
		return Observation{Kind: Condition, Name: name, Outcome: outcome}
	}
	tl := Timeline{Observations: []Observation{
		condition(Reboot, Asked), condition(Hold, Asked), condition(Hold, Done), {Kind: Note, Name: Reboot, Outcome: Done}, condition(Reboot, Unsupported), // 0 to 4
		condition(Reboot, Asked), condition(Reboot, Done), condition(NoUpdate, Asked), condition(NoUpdate, Failed), // 5 to 8
		condition(NoUpdate, Learned), condition(Reboot, Asked), {Kind: Waiting, Name: Reboot, Outcome: Done}, // 9 to 11
	}}
	for n, want := range []bool{false, true, true, false, false, true, true, true, true, false, true, false} {
		if got := tl.Arranges(n); got != want {
			t.Errorf("entry %d: %v", n, got)
		}
	}
}

// A network loses datagrams where a request was answered that was sent again.
func TestLossy(t *testing.T) {
	frame := func(code string, mid uint16) *Frame { return &Frame{Code: code, MID: mid} }
	sent := func(client, code string, mid uint16) Observation {
		return Observation{Kind: Request, Client: client, Frame: frame(code, mid)}
	}
	again := func(client, code string, mid uint16) Observation {
		return Observation{Kind: Message, Client: client, Frame: frame(code, mid)}
	}
	answer := func(n int) Observation { return Observation{Kind: Response, For: &n, Frame: frame(CodeContent, 9)} }
	late := answer(0)
	late.For = nil
	for name, c := range map[string]struct {
		all  []Observation
		want bool
	}{
		"a GET, answered in the end":     {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 1), answer(0)}, true},
		"a POST, answered in the end":    {[]Observation{sent("a", MethodPOST, 1), again("a", MethodPOST, 1), answer(0)}, true},
		"sent three times":               {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 1), again("a", MethodGET, 1), answer(0)}, true},
		"another one was sent since":     {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 1), sent("a", MethodGET, 2), again("a", MethodGET, 3), answer(0)}, true},
		"sent once":                      {[]Observation{sent("a", MethodGET, 1), answer(0)}, false},
		"never answered":                 {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 1)}, false},
		"the answer is to another":       {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 1), sent("a", MethodGET, 2), answer(2)}, false},
		"the answer is to nothing":       {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 1), late}, false},
		"a message of another Client":    {[]Observation{sent("a", MethodGET, 1), again("b", MethodGET, 1), answer(0)}, false},
		"a message of another number":    {[]Observation{sent("a", MethodGET, 1), again("a", MethodGET, 2), answer(0)}, false},
		"a message that is no request":   {[]Observation{sent("a", CodeContent, 1), again("a", CodeContent, 1), answer(0)}, false},
		"a message that nobody had sent": {[]Observation{again("a", MethodGET, 1), answer(0)}, false},
	} {
		if got := (Timeline{Observations: c.all}).Lossy(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// An answer that comes in a message of its own is no sign that the request was acknowledged.
func TestAMissingAcknowledgementIsALoss(t *testing.T) {
	get := func(mid uint16) Observation {
		return Observation{Kind: Request, Client: "a", Frame: &Frame{Type: "CON", Code: MethodGET, MID: mid}}
	}
	ack := func(mid uint16) Observation {
		return Observation{Kind: Message, Client: "a", Frame: &Frame{Type: "ACK", Code: CodeEmpty, MID: mid}}
	}
	answer := func(kind string, n int) Observation {
		return Observation{Kind: Response, Client: "a", For: &n, Frame: &Frame{Type: kind, Code: CodeContent, MID: 9000}}
	}
	for name, c := range map[string]struct {
		all  []Observation
		want bool
	}{
		"one is missing":                     {[]Observation{get(1), answer("CON", 0), get(2), ack(2), answer("CON", 2)}, true},
		"one is missing, the answer was NON": {[]Observation{get(1), answer("NON", 0), get(2), ack(2), answer("NON", 2)}, true},
		"all are there":                      {[]Observation{get(1), ack(1), answer("CON", 0), get(2), ack(2), answer("CON", 3)}, false},
		"one overtakes its answer":           {[]Observation{get(1), answer("CON", 0), ack(1), get(2), ack(2), answer("CON", 3)}, false},
		"the last may be on its way":         {[]Observation{get(1), ack(1), answer("CON", 0), get(2), answer("CON", 3)}, false},
		"the Device acknowledges nothing":    {[]Observation{get(1), answer("CON", 0), get(2), answer("CON", 2)}, false},
		"the answer acknowledges":            {[]Observation{get(1), answer("ACK", 0), get(2), ack(2), answer("CON", 2)}, false},
	} {
		if got := (Timeline{Observations: c.all}).Lossy(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Only what ends a request can say that its session was gone.
func TestGone(t *testing.T) {
	for _, c := range []struct {
		o    Observation
		want bool
	}{
		{Observation{Kind: Lost, Text: SessionGone + ": closed"}, true},
		{Observation{Kind: Lost, Text: "timeout"}, false},
		{Observation{Kind: Note, Text: SessionGone}, false},
	} {
		if c.o.Gone() != c.want {
			t.Errorf("%+v: %v", c.o, !c.want)
		}
	}
}

// An expectation that can't be judged says what is wrong with it.
func TestWhatIsWrongWithAnExpectation(t *testing.T) {
	for want, e := range map[string]Expectation{
		`unknown form "most", expected "exactly", "in order", "ends with" or "never during"`: {Form: "most", Rows: []Row{{}}},
		"exactly: no states given": {Form: Exactly},
		`state 2: tm: unknown mode "W", expected -, V, U, V+U or a number from 0 to 65535`: {Form: InOrder, Rows: []Row{{TM: "V"}, {TM: "W"}}},
		`state 1: cm: unknown mode "W", expected -, V, U, V+U or a number from 0 to 65535`: {Form: EndsWith, Rows: []Row{{CM: "W"}}},
		`state 1: unknown dos "NOP", expected RESET, RFOTM, RFPRO, RFNOP or SRESET`:        {Form: NeverDuring, Rows: []Row{{DOS: "NOP"}}},
	} {
		if err := e.Validate(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, form := range []Form{Exactly, InOrder, EndsWith, NeverDuring} {
		for _, r := range []Row{{}, {DOS: "*"}, {TM: "V", CM: "-", DOS: "RFNOP"}} {
			if err := (Expectation{Form: form, Rows: []Row{r}}).Validate(); err != nil {
				t.Errorf("%s, %s: %v", form, r, err)
			}
		}
	}
}
