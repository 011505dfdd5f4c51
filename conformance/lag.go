package conformance

import "time"

// Lag is for how long a process of the Device may go on after its declared time, without being
// late, where its slowest answer meanwhile took this long. On a machine with too much to
// do, and over a slow network, everybody stands still now and then: the slowest answer tells for
// how long, and a process waits several times, for its source, for what it installs, and
// for what it tells. On a bench with time to spare it is some milliseconds.
func Lag(slowest time.Duration) time.Duration { return 4 * slowest }
