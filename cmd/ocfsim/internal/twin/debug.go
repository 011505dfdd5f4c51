package twin

func (r *reading) expects() string {
	if r.over() {
		return ""
	}
	e := &r.events[r.stimuli[r.next]]
	if e.sort == request {
		return e.raw.words() + " of " + e.client
	}
	return e.key
}
