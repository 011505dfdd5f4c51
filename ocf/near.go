package ocf

import (
	"cmp"
	"slices"
	"strings"
)

// Near words the candidates that may have been meant by word, as the end of an
// error: "; near: @SVV-6, @SVV-8". It is empty if nothing comes close.
func Near(word string, candidates []string) string {
	type guess struct {
		word string
		far  int
	}
	limit := max(2, len(word)/4)
	var guesses []guess
	for _, c := range candidates {
		far := distance(strings.ToLower(word), strings.ToLower(c))
		if len(word) > 2 && strings.Contains(strings.ToLower(c), strings.ToLower(strings.TrimPrefix(word, "@"))) {
			far = min(far, 1)
		}
		if far <= limit {
			guesses = append(guesses, guess{c, far})
		}
	}
	if len(guesses) == 0 {
		return ""
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(a.far, b.far) })
	var words []string
	for _, g := range guesses[:min(5, len(guesses))] {
		words = append(words, g.word)
	}
	return "; near: " + strings.Join(words, ", ")
}

// distance is how many letters have to be put in, taken out or changed to make
// b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}
