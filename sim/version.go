package sim

import (
	"strconv"
	"strings"
)

const versionPrefix = "1.0."

// versionText is the n-th version of these Devices, 1.0.n.
func versionText(n uint16) string {
	switch n { // the versions of nearly all Devices, which are asked for with each question
	case 0:
		return versionPrefix + "0"
	case 1:
		return versionPrefix + "1"
	}
	return versionPrefix + strconv.Itoa(int(n))
}

// parseVersion reads a version of the form 1.0.N, the only form that these Devices
// install. For any other ok is false.
func parseVersion(s string) (n uint16, ok bool) {
	digits, ok := strings.CutPrefix(s, versionPrefix)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseUint(digits, 10, 16)
	return uint16(v), err == nil
}
