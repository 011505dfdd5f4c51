package ocf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Visible makes a text of somebody else's safe to show in a line: it spells out
// control and format characters and invalid bytes, such as escape sequences (C0 and
// C1), line ends and right-to-left overrides. Whatever shows such a text, on a
// terminal or in a report, sends it through here.
func Visible(s string) string { return visible(s, hidden) }

// VisibleLines is like Visible, but keeps line ends and tabs.
func VisibleLines(s string) string {
	return visible(s, func(r rune) bool { return r != '\n' && r != '\t' && hidden(r) })
}

func visible(s string, hidden func(rune) bool) string {
	if plain(s) || strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r):
			b.WriteString(spelled(r))
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// spelled is r as an escape, of the kind that JSON has too where JSON may have r as it is.
func spelled(r rune) string {
	switch {
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	case r >= 0x7f:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return strings.Trim(strconv.QuoteRuneToASCII(r), "'")
}

// plain reports whether s is printable ASCII, as almost all text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// hidden reports whether r shows nothing by itself, and may change how the rest is shown.
func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
		r == '\u2028' || r == '\u2029'
}
