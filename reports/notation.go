package reports

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// longest is how many characters of one text are shown. No text of ours has so many;
// what a Device sends may have any number.
const longest = 4000

// clean returns s as it is shown: ocf.Visible, and no more of it than longest. The
// record has all of it.
func clean(s string) string {
	if len(s) > utf8.UTFMax*longest { // the rest would be cut off in any case
		s = s[:utf8.UTFMax*longest] + fmt.Sprintf("… (%d bytes)", len(s))
	}
	return clip(ocf.Visible(s), longest)
}

func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
		r == '\u2028' || r == '\u2029'
}

// clip shortens s to at most n characters.
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return first(s, max(n-1, 0)) + "…"
}

// first returns the first n characters of s, or s if it has no more.
func first(s string, n int) string {
	for at := range s {
		if n == 0 {
			return s[:at]
		}
		n--
	}
	return s
}

// squeeze shortens s to at most n characters and keeps its beginning and its end,
// because long ids often differ only at the end.
func squeeze(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	tail := n / 2
	return string(r[:n-tail-1]) + "…" + string(r[len(r)-tail:])
}

// clock formats a time since the start of a timeline: "0", "12.4 ms", "3.021 s".
func clock(d time.Duration) string {
	switch {
	case d < 10*time.Microsecond:
		return "0"
	case d < 10*time.Millisecond:
		return trimmed(float64(d)/float64(time.Millisecond), 2) + " ms"
	case d < time.Second:
		return trimmed(float64(d)/float64(time.Millisecond), 1) + " ms"
	case d < time.Minute:
		return trimmed(d.Seconds(), 3) + " s"
	}
	return trimmed(d.Seconds(), 1) + " s"
}

func trimmed(x float64, digits int) string {
	s := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// seconds formats s seconds as clock does.
func seconds(s float64) string {
	if math.IsNaN(s) || s < 0 || s > 1e9 {
		return "?"
	}
	return clock(time.Duration(s * float64(time.Second)))
}

// took formats how long something took. Two digits are enough.
func took(s float64) string {
	if s >= 1 && s < 1e9 {
		return trimmed(s, 2-min(int(math.Log10(s)), 2)) + " s"
	}
	return seconds(s)
}

// letter is the one-letter form of a verdict in cells, so that no meaning depends on
// colour alone.
func letter(v conformance.Verdict) string {
	switch v {
	case conformance.Pass:
		return "P"
	case conformance.Warn:
		return "W"
	case conformance.Fail:
		return "F"
	case conformance.Inconclusive:
		return "I"
	case conformance.NotApplicable:
		return "N"
	case conformance.Error:
		return "E"
	case conformance.Waived:
		return "X"
	}
	return "·"
}

// class is the style class of a verdict. Anything that is not a verdict has the
// class of none.
func class(v conformance.Verdict) string {
	if known(v) {
		return string(v)
	}
	return "none"
}

// anchor makes a fragment identifier from s. It writes everything except letters,
// digits, dots and hyphens in hexadecimal, so that different ids stay different.
func anchor(prefix, s string) string {
	i := 0
	for i < len(s) && anchored(s[i]) {
		i++
	}
	if i == len(s) { // most ids are
		return prefix + s
	}
	var b strings.Builder
	b.WriteString(prefix + s[:i])
	for ; i < len(s); i++ {
		if c := s[i]; anchored(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String()
}

// anchored reports whether c stands in a fragment identifier as it is.
func anchored(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}
