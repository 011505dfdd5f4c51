package reports

// layout lays out results.json, which is in one line: each field of the run, each
// requirement, each scenario and each finding gets a line, and nothing is indented further.
// Of a run of the suite that is a quarter less than a line for each field.
func layout(compact []byte) []byte {
	out := make([]byte, 0, len(compact)+len(compact)/16)
	depth, quoted := 0, false
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		switch {
		case quoted && c == '\\':
			out = append(out, c)
			i++
			c = compact[i]
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '}' || c == ']':
			depth--
			if depth == 0 {
				out = append(out, '\n')
			}
		}
		out = append(out, c)
		if quoted {
			continue
		}
		switch c {
		case ':':
			out = append(out, ' ')
		case '{', '[':
			depth++
		}
		if (c == '{' || c == '[' || c == ',') && ownLine(depth, compact[i+1:]) {
			out = append(out, "\n  "...)
		}
	}
	return out
}

// ownLine reports whether what comes next, at this depth, begins a line: a field of the
// run, or an object in a list of the run, of a requirement or of a scenario.
func ownLine(depth int, next []byte) bool {
	switch depth {
	case 1:
		return true
	case 2, 4:
		return next[0] == '{'
	}
	return false
}
