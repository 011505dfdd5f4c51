package ocf

import (
	"fmt"
	"unicode/utf8"
)

// Short is s, or, where it has more than n characters, the first n and how many bytes
// there are. A Device may give itself a name, or a version, of any length; whatever
// shows one in a line sends it through here. What has to compare them does not.
func Short(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	size, left := len(s), n
	for at := range s {
		if left == 0 {
			s = s[:at]
			break
		}
		left--
	}
	return fmt.Sprintf("%s… (%d bytes)", s, size)
}
