package conformance

// Verdict is what is concluded from what was observed. The order of the first
// five is ISO/IEC 9646's: the worst wins.
type Verdict string

// None says nothing was concluded; the others are those of results.json.
const (
	None          Verdict = ""
	Pass          Verdict = "pass"
	Inconclusive  Verdict = "inconclusive"
	Fail          Verdict = "fail"
	Error         Verdict = "error"
	Warn          Verdict = "warn"
	NotApplicable Verdict = "not-applicable"
	Waived        Verdict = "waived"
)

// rank orders verdicts from none to error. Not-applicable yields to everything
// that was judged; warn and waived lie above pass, for a pass must not hide
// them, and below inconclusive.
var rank = map[Verdict]int{None: 0, NotApplicable: 1, Pass: 2, Warn: 3, Waived: 4, Inconclusive: 5, Fail: 6, Error: 7}

// Worst is the verdict that prevails of a and b.
func Worst(a, b Verdict) Verdict {
	if rank[b] > rank[a] {
		return b
	}
	return a
}
