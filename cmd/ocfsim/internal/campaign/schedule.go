package campaign

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// schedule decides which Device is begun when: in waves, so many at a time, and none after
// too many failures. Times count from the beginning of the run.
type schedule struct {
	plan     *Plan
	order    []int32 // the Devices, as they are begun
	begun    int     // so many of order
	wave     int     // the wave under way, from 0
	from, to int     // the wave's Devices in order
	active   int
	failures int           // of the campaign
	inWave   int           // failures of the wave
	pause    time.Duration // the wave must not begin sooner
	next     time.Duration // when the rate allows another Device
	stopped  string        // why no further Device is begun
}

// newSchedule is the schedule for these Devices, in the order of the plan.
func newSchedule(plan *Plan, devices []int32) *schedule {
	s := &schedule{plan: plan, order: devices}
	if plan.Shuffle {
		rand.New(rand.NewPCG(plan.Seed, 1)).Shuffle(len(devices), func(i, j int) { devices[i], devices[j] = devices[j], devices[i] })
	}
	s.to = s.size(0)
	return s
}

// size is how many Devices wave w has, of those that are left.
func (s *schedule) size(w int) int {
	left := len(s.order) - s.from
	if share := s.plan.Waves[w].Devices; share.Set {
		return min(share.Of(len(s.order)), left)
	}
	return left
}

// take is the next Device to begin. ok is false where there is none now; then at is the
// time to ask again, 0 if that is when another Device has ended.
func (s *schedule) take(now time.Duration) (device int, at time.Duration, ok bool) {
	switch {
	case s.stopped != "" || s.begun == s.to || s.active >= s.plan.AtOnce:
		return 0, 0, false
	case now < s.pause:
		return 0, s.pause, false
	case now < s.next:
		return 0, s.next, false
	}
	const burst = 20 * time.Millisecond // so much of what could not be begun in time is made up for
	gap := time.Duration(float64(time.Second) / s.plan.PerSecond)
	s.next = max(s.next, now-burst) + gap
	device = int(s.order[s.begun])
	s.begun++
	s.active++
	return device, 0, true
}

// conclude takes note that a Device has ended.
func (s *schedule) conclude(v Verdict, now time.Duration) {
	s.active--
	if v.Failure() {
		s.failures++
		s.inWave++
	}
	w := s.plan.Waves[s.wave]
	switch {
	case s.stopped != "":
	case s.plan.Failures.exceeded(s.failures, len(s.order)):
		s.stopped = fmt.Sprintf("%s failed, more than limits.failures", ocf.Count(s.failures, "Device"))
	case w.Failures.exceeded(s.inWave, s.to-s.from):
		s.stopped = fmt.Sprintf("%s of wave %d failed, more than it may", ocf.Count(s.inWave, "Device"), s.wave+1)
	case s.begun == s.to && s.active == 0 && s.wave < len(s.plan.Waves)-1:
		s.wave++
		s.from, s.inWave, s.pause = s.to, 0, now+w.Pause
		s.to = s.from + s.size(s.wave)
	}
}

// over reports whether no Device is under way and none will be begun.
func (s *schedule) over() bool {
	left := s.begun < s.to || s.wave < len(s.plan.Waves)-1 && s.to < len(s.order)
	return s.active == 0 && (s.stopped != "" || !left)
}

// left are the Devices that were not begun.
func (s *schedule) left() []int32 { return s.order[s.begun:] }
