package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// tellQuirks change what observers of pstat are told, when, and in which
// notifications.
var tellQuirks = []quirk{
	{
		name: "start-not-told", knob: "told-start", says: "Observers are not told of the start.",
		bend: func(b *bends) { b.tells.add(keepsBack(atStart)) },
	},
	{
		name: "result-not-told", knob: "told-result", lawful: true,
		says: "No notification between start and end: the states in between are coalesced.",
		bend: func(b *bends) { b.tells.add(putsOff) },
	},
	{
		name: "end-not-told", knob: "told-end", says: "Observers are not told of result and end.",
		bend: func(b *bends) {
			b.tells.add(putsOff)
			b.tells.add(keepsBack(atEnd))
		},
	},
	{
		name: "told-twice", knob: "told-times", lawful: true, says: "Each notification is sent twice.",
		bend: func(b *bends) { b.times.add(func(*turn, int) int { return 2 }) },
	},
	{
		name: "told-by-con", knob: "told-by", lawful: true, says: "Notifications are confirmable.",
		bend: func(b *bends) {
			b.notification.add(func(_ *turn, e Effect) Effect {
				e.Confirm = true
				return e
			})
		},
	},
	{
		name: "told-by-fifth-con", knob: "told-by", lawful: true, says: "Every fifth notification is confirmable.",
		bend: atEveryNotification(5, func(e *Effect) { e.Confirm = true }),
	},
	{
		name: "told-before-answer", knob: "order", lawful: true,
		says: "The first notification leaves before the answer to the write that caused it.",
		bend: func(b *bends) {
			b.answer.add(func(t *turn, answer Effect) Effect {
				t.tell(atStart)
				return answer
			})
		},
	},
	{
		name: "numbers-back", knob: "numbers", says: "Observe numbers go backwards.",
		bend: atEveryNotification(2, func(e *Effect) { e.Skew = -3 }),
	},
	{
		name: "answer-number-again", knob: "numbers", says: "The first notification has the Observe number of the registration's answer.",
		bend: atEveryNotification(1, func(e *Effect) { e.Skew = -1 }),
	},
	{
		name: "numbers-below-answer", knob: "numbers", says: "Notifications have lower Observe numbers than the registration's answer, though they rise.",
		bend: atEveryNotification(1, func(e *Effect) { e.Skew = -100 }),
	},
	{
		name: "told-state-before", knob: "told-what", says: "Notifications carry the state before the change.",
		bend: func(b *bends) { b.news.add(func(t *turn, _ occasion, _ State) State { return t.seen }) },
	},
	{
		name: "told-stale-cm", knob: "told-what", says: "The notification of the end carries cm without the result.",
		bend: func(b *bends) {
			b.news.add(func(_ *turn, at occasion, news State) State {
				if at == atEnd {
					news.CM = news.CM.Without(ocf.SVV | ocf.SSU)
				}
				return news
			})
		},
	},
	{
		name: "one-told", knob: "told-whom", says: "Only the first observer is told.",
		bend: func(b *bends) {
			b.notification.add(func(_ *turn, e Effect) Effect {
				e.Sole = true
				return e
			})
		},
	},
	{
		name: "drops-silently", knob: "drops", says: "Observers are silently dropped when dos moves.",
		bend: func(b *bends) {
			b.moved.add(func(t *turn, _ ocf.DOS) { t.drop = serviceUnavailable })
			b.farewell.add(func(*turn, uint8) uint8 { return 0 })
		},
	},
	{
		name: "not-observable", knob: "observable", says: "pstat cannot be observed.",
		bend: func(b *bends) {
			b.observable.add(func(*Device, bool) bool { return false })
			b.listed.add(func(_ *Device, links []ocf.Link) []ocf.Link {
				links = slices.Clone(links)
				for i := range links {
					links[i].BM &^= ocf.Observable
				}
				return links
			})
		},
	},
	{
		name: "blind-while-pending", knob: "observable", says: "pstat cannot be observed while a process is pending.",
		bend: func(b *bends) {
			b.observable.add(func(d *Device, is bool) bool { return is && d.pending() == 0 })
		},
	},
}

// keepsBack tells observers nothing on the occasion on, as if they knew already.
func keepsBack(on occasion) func(*turn, occasion, bool) bool {
	return func(t *turn, at occasion, tells bool) bool {
		if at != on {
			return tells
		}
		t.seen = t.State()
		return false
	}
}

// putsOff does not tell a result by itself; the next notification shows it too.
func putsOff(_ *turn, at occasion, tells bool) bool { return tells && at != atResult }

// atEveryNotification changes every nth notification.
func atEveryNotification(n uint8, changes func(*Effect)) func(*bends) {
	return func(b *bends) {
		if b.keeps(keptTold) {
			b.notification.add(func(t *turn, e Effect) Effect {
				t.keep().told++
				return e
			})
		}
		b.notification.add(func(t *turn, e Effect) Effect {
			if t.recall().told%n == 0 {
				changes(&e)
			}
			return e
		})
	}
}
