package secure

// windowSize is how many of the highest sequence numbers a window tells apart, as
// RFC 6347 section 4.1.2.6 advises.
const windowSize = 64

// window knows which records came already. The zero value has seen none.
type window struct {
	next uint64 // one above the highest number seen
	seen uint64 // bit i: next-1-i was seen
}

// fresh reports whether the record with this number may be taken: it was not seen
// before, and is not so old that nobody knows.
func (w *window) fresh(number uint64) bool {
	if number >= w.next {
		return true
	}
	age := w.next - 1 - number
	return age < windowSize && w.seen&(1<<age) == 0
}

// mark notes that the record with this number came. Only a record that turned out to
// be the peer's is marked, or a forger could close the window.
func (w *window) mark(number uint64) {
	if number >= w.next {
		w.seen = w.seen<<(number+1-w.next) | 1 // a shift by 64 or more leaves nothing
		w.next = number + 1
		return
	}
	w.seen |= 1 << (w.next - 1 - number)
}
