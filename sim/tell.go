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

// occasion is what the observers are told about.
type occasion uint8

const (
	atStart occasion = iota
	atResult
	atEnd
	atMove
)

// tell notifies the observers of pstat where it is not as they know it.
func (t *turn) tell(at occasion) {
	now := t.State()
	known := t.seen
	known.Version, known.Owned = now.Version, now.Owned
	if now == known {
		return
	}
	q := &t.model.quirks
	switch {
	case at == atStart && q.has(startNotTold), at == atEnd && q.has(endNotTold):
		t.seen = now
		return
	case at == atResult && (q.has(resultNotTold) || q.has(endNotTold)):
		return
	}
	switch {
	case q.has(toldStateBefore):
		now, t.seen = t.seen, now
	case at == atEnd && q.has(toldStaleCM):
		t.seen = now
		now.CM = now.CM.Without(ocf.SVV | ocf.SSU)
	default:
		t.seen = now
	}
	t.notify(now)
	if q.has(toldTwice) {
		t.notify(now)
	}
	t.dropObservers()
}

func (t *turn) notify(now State) {
	q := &t.model.quirks
	e := Effect{Kind: Notify, Rep: Rep{Path: ocf.PathPstat, State: now, Told: true}}
	t.told++
	e.Sole = q.has(oneTold)
	e.Confirm = q.has(toldByCON) || q.has(toldByFifthCON) && t.told%5 == 0
	if q.has(numbersBack) && t.told%2 == 0 {
		e.Skew = -3
	}
	t.emit(e)
}

// dropObservers ends every observation where a move of dos asks for it.
func (t *turn) dropObservers() {
	if t.drop == 0 {
		return
	}
	code := t.drop
	if t.model.quirks.has(dropsSilently) {
		code = 0
	}
	t.drop = 0
	t.emit(Effect{Kind: DropObservers, Code: code})
}

// respond answers the request with a code and no payload.
func (t *turn) respond(code uint8) { t.emit(Effect{Kind: Respond, Code: code}) }
