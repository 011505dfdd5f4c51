package campaign

import (
	"net/netip"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/ocf"
)

// step is where a Device is in its course:
//
//	idle -> meeting -> opening -> (busy) -> validating -> updating -> confirming
//	            |          |         |          |            |            |
//	            +----------+---------+----------+------------+------------+-> leaving -> done
type step uint8

const (
	idle       step = iota
	meeting         // reads /oic/d
	opening         // reads pstat for the first time, and observes it
	busy            // waits for the end of what somebody else has asked for; then it is met again
	validating      // has asked for a check
	updating        // has asked for an update
	confirming      // reads /oic/d again
	leaving         // ends the observation
	done
)

// device is one Device of a campaign, as small as it can be: there are many. Times count
// from the beginning of the run, and 0 is none.
type device struct {
	peer netip.AddrPort

	// The exchange under way, of which there is one at a time (NSTART, RFC 7252 section
	// 4.7). A Message ID is of this Device alone, so that none comes again too soon.
	outstanding ask
	want        ask  // the next one
	retry       ask  // what to ask again when look is due, rather than for pstat
	inLine      bool // its next request waits for others
	counts      bool // the request counts in the throttle
	copies      uint8
	acked       bool
	source      uint16
	mid         uint16
	token       uint32
	timeout     time.Duration
	again       time.Duration // when the request is sent again, or its answer is given up
	sent        time.Duration

	// The observation of pstat.
	watch     uint32 // its token
	observing bool   // the Device has accepted it
	number    uint32 // the Observe number that came last
	numbered  time.Duration

	step    step
	silent  bool // the last request was not answered
	unsure  bool // it is not known whether the Device has got the last write
	told    bool
	refused bool // the last look at pstat was denied
	damaged bool // the last answer was as if it, or its request, had been damaged on the way
	tries   uint8
	look    time.Duration // when to look at pstat again
	limit   time.Duration // when the step has taken too long
	home    ocf.DOS
	known   update.Known
	pstat   ocf.Pstat
	process update.Process

	began, asked, finished time.Duration
	validation, update     time.Duration
	requests, resent       uint16
	notifications          uint16
	verdict                Verdict
	reason                 string
	di                     ocf.UUID
	name, from, to         string
}

// due is the time at which something is to be done, 0 for never.
func (d *device) due() time.Duration {
	var at time.Duration
	earliest := func(t time.Duration) {
		if t != 0 && (at == 0 || t < at) {
			at = t
		}
	}
	if d.outstanding != askNothing {
		earliest(d.again)
	} else {
		earliest(d.look)
	}
	earliest(d.limit)
	return at
}

// watching reports whether notifications are expected: the Device was asked for them.
func (d *device) watching() bool { return d.observing || d.outstanding == askWatch }

// before is what pstat showed before the Device was asked for the update that is under way, as
// far as it is known.
func (d *device) before() ocf.Pstat {
	if p := d.process.Before(); p.Present != 0 {
		return p
	}
	return d.known.Before
}

// fresh reports whether what came with this Observe number is newer than what came before
// (RFC 7641 section 3.4), and takes note of it. An answer begins a new sequence, unless a
// notification that is newer has overtaken it.
func (d *device) fresh(number uint32, notification bool, now time.Duration) bool {
	const half, stale = 1 << 23, 128 * time.Second
	newer := d.number < number && number-d.number < half || d.number > number && d.number-number > half
	told := d.numbered != 0 && now-d.numbered <= stale
	if !notification {
		told = told && d.numbered > d.sent
	}
	if told && !newer {
		return false
	}
	d.number, d.numbered = number, max(now, 1)
	return true
}
