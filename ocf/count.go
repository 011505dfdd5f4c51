package ocf

import "strconv"

// Count is n of what noun names in the singular, as a sentence has it: "1 Device", "12
// Devices", "2 tries". The plural is that of a regular noun.
func Count[N int | int64 | uint64](n N, noun string) string {
	number := strconv.FormatInt(int64(n), 10)
	if n == 1 {
		return number + " " + noun
	}
	if stem, y := cutY(noun); y {
		return number + " " + stem + "ies"
	}
	return number + " " + noun + "s"
}

// cutY is noun without a y that follows a consonant.
func cutY(noun string) (stem string, y bool) {
	last := len(noun) - 1
	if last < 1 || noun[last] != 'y' {
		return noun, false
	}
	switch noun[last-1] {
	case 'a', 'e', 'i', 'o', 'u':
		return noun, false
	}
	return noun[:last], true
}
