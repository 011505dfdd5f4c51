package fleet

// answerSize is what an answer costs besides its text, in bytes.
const answerSize = 96

// answers keeps the answers to remembered requests, each once however many requests had
// it.
type answers struct {
	list    []shared // by number; 0 is no answer
	free    []uint32 // numbers that are free again
	numbers map[string]uint32
	bytes   int    // that all answers cost
	scratch []byte // for share
	last    uint32 // the answer that was shared last, which is often the next one too
}

// shared is an answer and how many requests had it.
type shared struct {
	text string
	uses uint32
}

// share returns the number of the answer whose text is code followed by rest, which is what
// comes after the token. It counts one more use of it.
func (a *answers) share(code byte, rest []byte) uint32 {
	if last := a.text(a.last); last != "" && last[0] == code && last[1:] == string(rest) {
		a.list[a.last].uses++
		return a.last
	}
	a.scratch = append(append(a.scratch[:0], code), rest...)
	return a.shareText(a.scratch)
}

// shareText is share of a whole text.
func (a *answers) shareText(text []byte) uint32 {
	if n, ok := a.numbers[string(text)]; ok {
		a.list[n].uses++
		a.last = n
		return n
	}
	if a.numbers == nil {
		a.numbers, a.list = make(map[string]uint32), make([]shared, 1)
	}
	n := uint32(len(a.list))
	if last := len(a.free) - 1; last >= 0 {
		n, a.free = a.free[last], a.free[:last]
	} else {
		a.list = append(a.list, shared{})
	}
	a.list[n] = shared{string(text), 1}
	a.numbers[a.list[n].text] = n
	a.bytes += len(text) + answerSize
	return n
}

// release counts one use less of an answer. The answer goes with its last use.
func (a *answers) release(n uint32) {
	if n == 0 {
		return
	}
	one := &a.list[n]
	if one.uses--; one.uses > 0 {
		return
	}
	a.bytes -= len(one.text) + answerSize
	delete(a.numbers, one.text)
	a.last = 0
	*one = shared{}
	a.free = append(a.free, n)
}

// text returns the text of an answer; "" of none.
func (a *answers) text(n uint32) string {
	if n == 0 {
		return ""
	}
	return a.list[n].text
}
