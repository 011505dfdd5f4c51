package sim

import "github.com/ocfsim/ocfsim/ocf"

// CoAP response codes.
const (
	deleted            = 0x42 // 2.02
	changed            = 0x44 // 2.04
	content            = 0x45 // 2.05
	badRequest         = 0x80 // 4.00
	unauthorized       = 0x81 // 4.01
	forbidden          = 0x83 // 4.03
	notFound           = 0x84 // 4.04
	methodNotAllowed   = 0x85 // 4.05
	notAcceptable      = 0x86 // 4.06
	unsupportedFormat  = 0x8f // 4.15
	serviceUnavailable = 0xa3 // 5.03
)

// occasion is the reason why observers are told something.
type occasion uint8

const (
	atStart occasion = iota
	atResult
	atEnd
	atMove
)

// tell notifies the observers of pstat if it differs from what they know.
func (t *turn) tell(at occasion) {
	now := t.State()
	known := t.seen
	known.Version, known.Owned, known.schedule = now.Version, now.Owned, now.schedule
	if now == known || !t.bent.tells.decide(t, at, true) {
		return
	}
	news := t.bent.news.decide(t, at, now)
	t.seen = now
	for range t.bent.times.decide(t, 1) {
		t.emit(t.bent.notification.decide(t, Effect{
			Kind: Notify, Rep: Rep{Path: ocf.PathPstat, State: news, Told: true},
		}))
	}
	t.dropObservers()
}

// dropObservers ends every observation if a move of dos has asked for that.
func (t *turn) dropObservers() {
	if t.drop == 0 {
		return
	}
	code := t.bent.farewell.decide(t, t.drop)
	t.drop = 0
	t.emit(Effect{Kind: DropObservers, Code: code})
}

// respond answers the request with a code and no payload.
func (t *turn) respond(code uint8) { t.emit(Effect{Kind: Respond, Code: code}) }
