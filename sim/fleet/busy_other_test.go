//go:build !unix

package fleet_test

import "time"

// busy is not known here.
func busy() time.Duration { return 0 }
