package judge

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// never is an index after every Observation.
const never = int(^uint(0) >> 1)

// story is a Timeline sorted out for judging. Its numbers are indices of
// Observations, which stand in the order of cause and effect.
type story struct {
	tl       conformance.Timeline // without the part that has holes
	full     bool                 // there is such a part: the record had no room left
	target   conformance.Profile
	edition  *edition.Edition // the one that the record names
	samples  []conformance.Sample
	writes   []write
	turned   []write // no writes at all: Clients without the privilege that were refused a session
	gates    []gate
	reports  []sourceReport
	versions []reading
	granted  []grant
	plans    plans // what oic.r.softwareupdate showed, and was written
	alone    bool  // see spontaneous
	restless bool  // the rest of the run shows that the Device begins processes by itself
	ends     map[processKey]int
	plain    map[ocf.DPM][]episode
	loss     bool // the network is known to lose datagrams, here or elsewhere in the run
	left     Left
	gone     map[string]int // of each flaw that is left: the first Observation of pstat without it, never for none
}

// between reports whether n is after from and before upto.
func between(n, from, upto int) bool { return n > from && n < upto }

// processKey names the process of bit that the write n requested.
type processKey struct {
	bit ocf.DPM
	n   int
}

// gate is a window in which the trusted source withheld its answers: from hold
// done to release asked. opened is release done.
type gate struct{ from, upto, opened int }

// sourceReport is what the trusted source said of itself at n.
type sourceReport struct {
	n int
	conformance.SourceReport
}

// questions counts the questions that reached the source.
func (r sourceReport) questions() int { return r.Checks + r.Fetches }

// reading is the Device's software version as read at n.
type reading struct {
	n        int
	version  string
	reported bool // by the trusted source, not by the Device
}

// grant is a condition that was done.
type grant struct {
	n    int
	name string
}

func read(tl conformance.Timeline) *story { return readKnowing(tl, Known{Lossy: tl.Lossy()}) }

func readKnowing(tl conformance.Timeline, known Known) *story {
	full := tl.Full() >= 0
	tl = tl.Kept()
	s := &story{
		tl: tl, full: full, target: tl.Header.Target, edition: edition.Of(tl.Header.Edition), samples: tl.Samples(),
		ends: map[processKey]int{}, plain: map[ocf.DPM][]episode{},
	}
	for i := range tl.Observations {
		o := &tl.Observations[i]
		switch o.Kind {
		case conformance.Request:
			s.readRequest(i, o)
		case conformance.Response:
			s.readAnswer(i, o)
		case conformance.Lost:
			if tl.Unanswered(i) {
				s.readAnswer(i, o)
			}
		case conformance.Session:
			if o.Outcome == conformance.Refused && !s.privileged(o.Client) {
				s.turned = append(s.turned, write{n: i, end: i, client: o.Client, turned: true})
			}
		case conformance.Condition:
			s.readCondition(i, o)
		case conformance.Source:
			if o.Source != nil {
				s.reports = append(s.reports, sourceReport{i, *o.Source})
				s.readVersion(i, o.Source.Version, true)
			}
		}
	}
	s.versions = oneOrigin(s.versions)
	s.loss = known.Lossy
	s.inherit(known.Left)
	s.restless = known.Restless
	s.plans = s.readPlans()
	s.alone = known.Restless || s.plans.begin() || s.arrangedAlone() || s.target.Supports.Autonomous && s.beganAlone()
	return s
}

func (s *story) readRequest(i int, o *conformance.Observation) {
	f := o.Frame
	if f == nil || f.Code != conformance.MethodPOST && f.Code != conformance.MethodPUT || f.Path != ocf.PathPstat {
		return
	}
	w := write{n: i, end: never, client: o.Client, way: f.Query, con: f.Type == "CON", later: s.processes().Without(bothBits)}
	if f.Code == conformance.MethodPUT {
		w.way = f.Code
	}
	w.body, w.ok = readPayload(f.Payload)
	w.plain = f.Format != nil && *f.Format == ocf.FormatOCFCBOR && !demanding(f.Raw)
	w.framed = f.Format != nil && (*f.Format == ocf.FormatCBOR || *f.Format == ocf.FormatOCFCBOR)
	s.writes = append(s.writes, w)
}

func (s *story) readAnswer(i int, o *conformance.Observation) {
	if o.For == nil {
		return
	}
	for j := range s.writes {
		if w := &s.writes[j]; w.n == *o.For && w.end == never {
			w.end, w.gone = i, o.Gone()
			if o.Kind == conformance.Response && o.Frame != nil {
				w.code = o.Frame.Code
			}
			w.twice = s.sentAgain(w.n, i) && s.mayHaveRestarted(*w)
		}
	}
	if f := o.Frame; o.Kind == conformance.Response && f != nil && f.Code == conformance.CodeContent {
		version, _ := declaredVersion(s.target.Update.Version, f)
		s.readVersion(i, version, false)
	}
}

func (s *story) readVersion(i int, version string, reported bool) {
	if version != "" {
		s.versions = append(s.versions, reading{i, version, reported})
	}
}

// oneOrigin leaves out what the source reported where the Device itself was
// read: the two may write the same version differently.
func oneOrigin(all []reading) []reading {
	if !slices.ContainsFunc(all, func(r reading) bool { return !r.reported }) {
		return all
	}
	return slices.DeleteFunc(all, func(r reading) bool { return r.reported })
}

func (s *story) readCondition(i int, o *conformance.Observation) {
	if o.Outcome == conformance.Done {
		s.granted = append(s.granted, grant{i, o.Name})
	}
	open := len(s.gates) > 0 && s.gates[len(s.gates)-1].opened == never
	switch {
	case o.Name == conformance.Hold && o.Outcome == conformance.Done && !open:
		s.gates = append(s.gates, gate{i, never, never})
	case o.Name == conformance.Release && o.Outcome == conformance.Asked && open:
		s.gates[len(s.gates)-1].upto = min(s.gates[len(s.gates)-1].upto, i)
	case o.Name == conformance.Release && o.Outcome == conformance.Done && open:
		g := &s.gates[len(s.gates)-1]
		g.upto, g.opened = min(g.upto, i), i
	}
}

// at is the time of Observation n, or of the last one.
func (s *story) at(n int) time.Duration {
	if len(s.tl.Observations) == 0 {
		return 0
	}
	return s.tl.Observations[max(0, min(n, len(s.tl.Observations)-1))].At
}

// lastBefore is the latest sample to arrive before n.
func (s *story) lastBefore(n int) (conformance.Sample, bool) {
	i, _ := slices.BinarySearchFunc(s.samples, n, func(x conformance.Sample, n int) int { return x.N - n })
	if i == 0 {
		return conformance.Sample{}, false
	}
	return s.samples[i-1], true
}

// reportBefore and reportAfter are the source's nearest reports.
func (s *story) reportBefore(n int) (sourceReport, bool) {
	for i := len(s.reports) - 1; i >= 0; i-- {
		if s.reports[i].n < n {
			return s.reports[i], true
		}
	}
	return sourceReport{}, false
}

func (s *story) reportAfter(n int) (sourceReport, bool) {
	return s.firstReport(n, never, func(sourceReport) bool { return true })
}

// firstReport is the first of the source's reports between from and upto that fits.
func (s *story) firstReport(from, upto int, fits func(sourceReport) bool) (sourceReport, bool) {
	for _, r := range s.reports {
		if between(r.n, from, upto) && fits(r) {
			return r, true
		}
	}
	return sourceReport{}, false
}

// versionBefore is the last version that was read before n, provided that no
// update was requested since, and that the Device was not reset, which may restore the software that it
// was delivered with.
func (s *story) versionBefore(n int) string {
	from := -1
	for _, w := range s.writes {
		if w.n < n && w.requests(ocf.SSU) {
			from = w.n
		}
	}
	for i := max(from, 0); i < min(n, len(s.tl.Observations)); i++ {
		if s.arranges(i, conformance.FactoryReset) {
			from = i
		}
	}
	return s.versionIn(from, n)
}

// versionIn is the last version that was read between from and upto.
func (s *story) versionIn(from, upto int) string {
	version := ""
	for _, r := range s.versions {
		if between(r.n, from, upto) {
			version = r.version
		}
	}
	return version
}

// privileged reports whether client may write tm. Without sessions everyone may.
func (s *story) privileged(client string) bool {
	return !s.target.Secured || conformance.MayWrite(client)
}

// observer reports whether client has to be permitted to observe pstat.
func (s *story) observer(client string) bool {
	return !s.target.Secured || conformance.MayWrite(client) && conformance.MayRead(client)
}

// sentAgain reports whether the request n was sent more than once before upto.
func (s *story) sentAgain(n, upto int) bool {
	first := &s.tl.Observations[n]
	for i := n + 1; i < upto; i++ {
		o := &s.tl.Observations[i]
		if o.Kind == conformance.Message && o.Client == first.Client && o.Frame != nil && first.Frame != nil &&
			o.Frame.Code == first.Frame.Code && o.Frame.MID == first.Frame.MID {
			return true
		}
	}
	return false
}

// mayHaveRestarted reports whether the Device may have restarted between w and
// its answer: what it restarts for is w, or it was restarted.
func (s *story) mayHaveRestarted(w write) bool {
	if s.target.Update.Reboots && w.asks().Has(ocf.SSU) {
		return true
	}
	for _, g := range s.granted {
		if g.name == conformance.Reboot && between(g.n, w.n, w.end) {
			return true
		}
	}
	return false
}

// slowest is the longest that an answer took between from and upto. Where that
// is long the bench is at its limits, and times prove little about the Device.
func (s *story) slowest(from, upto int) time.Duration {
	var slowest time.Duration
	for i := max(from, 0); i < min(upto, len(s.tl.Observations)); i++ {
		if o := &s.tl.Observations[i]; o.Kind == conformance.Response && o.For != nil {
			slowest = max(slowest, o.At-s.at(*o.For))
		}
	}
	return slowest
}

// answeredBefore reports whether the Device had answered anything before n.
func (s *story) answeredBefore(n int) bool {
	for i := range min(n, len(s.tl.Observations)) {
		if s.tl.Observations[i].Kind == conformance.Response {
			return true
		}
	}
	return false
}

// ignored reports whether w got no answer from a Device that had answered
// before, over a network that loses nothing, and that was not restarting.
func (s *story) ignored(w write) bool {
	return w.lost() && s.answeredBefore(w.n) && !s.loss && !s.restarting(w)
}

// restarting reports whether w was sent within the declared time of a restart.
func (s *story) restarting(w write) bool {
	for i := range min(w.end, len(s.tl.Observations)) {
		if !s.arrangesRestart(i) {
			continue
		}
		if i > w.n || s.at(w.n)-s.at(i) <= s.target.Timing.Reboot {
			return true
		}
	}
	return false
}

// arrangesRestart reports whether Observation n is a condition that restarts the Device, asked
// for or done.
func (s *story) arrangesRestart(n int) bool {
	return s.arranges(n, conformance.Reboot, conformance.FactoryReset)
}

// restartedSince reports whether a condition restarted or reset the Device between the look x and
// upto. What an observation tells that was there before may have been under way.
func (s *story) restartedSince(x conformance.Sample, upto int) bool {
	from := x.Since
	if x.Notified {
		from = x.Stream
	}
	for i := max(from, 0); i < min(upto, len(s.tl.Observations)); i++ {
		if s.arrangesRestart(i) {
			return true
		}
	}
	return false
}

// arranges reports whether Observation n is a condition of one of these names that may have
// had an effect.
func (s *story) arranges(n int, names ...string) bool {
	return slices.Contains(names, s.tl.Observations[n].Name) && s.tl.Arranges(n)
}

// silentIn reports whether a request went unanswered between from and upto, or
// the Device was restarted: what it showed before may be lost.
func (s *story) silentIn(from, upto int) bool {
	for i := max(from, 0); i < min(upto, len(s.tl.Observations)); i++ {
		if s.tl.Unanswered(i) || s.arrangesRestart(i) {
			return true
		}
	}
	return false
}

// sampleAt is the index of the sample that Observation n carries.
func (s *story) sampleAt(n int) int {
	for i, x := range s.samples {
		if x.N == n {
			return i
		}
	}
	return 0
}
