package sim

import "time"

// sourceQuirks change how a Device deals with its trusted source.
var sourceQuirks = []quirk{
	{
		name: "source-not-asked", knob: "asks", says: "The Device makes results up instead of asking the source.",
		bend: func(b *bends) {
			b.asks.add(func(t *turn, asks bool) bool {
				if asks {
					pretend(t)
				}
				return false
			})
		},
	},
	{
		name: "package-not-fetched", knob: "asks", says: "An update is announced as done though the package was never fetched.",
		bend: func(b *bends) {
			b.fetches.add(func(t *turn, _ bool) bool {
				t.flags.set(fetched, true)
				t.install()
				return false
			})
		},
	},
	{
		name: "source-never-given-up", knob: "timeout", says: "The Device waits for ever for a source that never answers.",
		bend: func(b *bends) { b.patience.add(func(*turn, time.Duration) time.Duration { return never }) },
	},
	{
		name: "retry-stuck", knob: "retries", says: "The Device waits for ever for a package that does not come at the first try.",
		bend: hangs(func(t *turn) bool { return t.stage == fetching }),
	},
	{
		name: "exhausted-stuck", knob: "retries", says: "An update whose last try has failed is never given up.",
		bend: hangs(func(t *turn) bool { return t.run == update && t.tries >= t.model.script.retries }),
	},
	{
		name: "signature-unchecked", knob: "verifies", says: "A package that the vendor did not sign is installed.",
		bend: overlooksFlaw(BadSignature),
	},
	{
		name: "age-unchecked", knob: "verifies", says: "An offer that has expired is accepted.",
		bend: overlooksFlaw(StaleMetadata),
	},
	{
		name: "certificate-unchecked", knob: "verifies", says: "Whoever answers in the place of the trusted source is believed.",
		bend: overlooksFlaw(WrongCertificate),
	},
	{
		name: "older-installed", knob: "verifies", says: "A package older than the installed software is installed.",
		bend: func(b *bends) {
			b.newer.add(func(t *turn, a Answer, newer bool) bool {
				offered, ok := parseVersion(a.Version)
				return newer || ok && a.Available && offered < t.version
			})
		},
	},
	{
		name: "truncated-installed", knob: "verifies", says: "A package that came incomplete is installed.",
		bend: func(b *bends) {
			b.verified.add(func(_ *turn, a, checked Answer) Answer {
				checked.Received = a.Declared
				return checked
			})
		},
	},
}

// pretend runs a process without asking its source.
func pretend(t *turn) {
	wanted := t.outcome() != FindsNone
	t.offered = t.version + 1
	t.flags.set(found|fetched, wanted)
	if t.run == update {
		t.install()
		return
	}
	t.flags.set(fetched, false)
	t.stage = working
	t.work = t.now + t.jitter(t.model.script.check)
}

// hangs makes the process wait for ever after a failed question that which picks.
func hangs(which func(*turn) bool) func(*bends) {
	return func(b *bends) {
		b.retries.add(func(t *turn, retries bool) bool {
			if !which(t) {
				return retries
			}
			t.stage = pausing
			return false
		})
	}
}

// overlooksFlaw believes an answer that has the flaw f.
func overlooksFlaw(f Flaw) func(*bends) {
	return func(b *bends) {
		b.verified.add(func(_ *turn, a, checked Answer) Answer {
			if a.Flaw == f {
				checked.Failed, checked.Available = a.Failed, a.Available
			}
			return checked
		})
	}
}
