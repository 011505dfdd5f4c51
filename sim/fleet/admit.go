package fleet

import (
	"maps"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
)

// Met is a Client that begins a session with a pre-shared key.
type Met struct {
	Scene
	Identity ocf.UUID // who it says it is
}

// Admission is what a Replay makes of a Client that begins a session.
type Admission uint8

// The zero value leaves it to the Device.
const (
	AsTheDevice Admission = iota
	Admitted              // it gets one if it has the key that the Device has or had for it
	TurnedAway            // it gets none: to the Client it is as if its key were wrong
)

// mostFormer bounds how many keys are remembered of a Device whose place a Replay takes.
const mostFormer = 1024

// former are the pre-shared keys that a Device has been given, by their subjects, those among
// them that it no longer has.
type former map[ocf.UUID]secure.Key

// learn notes the keys that a Device has. The oldest are not known, so that where there are too
// many all are forgotten that the Device no longer has.
func (f former) learn(creds []ocf.Cred) {
	if len(f) > mostFormer {
		clear(f)
	}
	for i := range creds {
		id, err := ocf.ParseUUID(creds[i].Subject)
		if key := keyOfCred(creds[i].Private); err == nil && creds[i].Type == ocf.SymmetricPair && len(key) > 0 {
			f[id] = slices.Clone(key)
		}
	}
}

// learnKeys notes which keys a Device has, if a Replay may admit Clients in its place.
func (sh *shard) learnKeys(s *slot) {
	if sh.replay == nil || sh.demux == nil {
		return
	}
	if sh.former == nil {
		sh.former = map[int32]former{}
	}
	if sh.former[s.index] == nil {
		sh.former[s.index] = former{}
	}
	sh.former[s.index].learn(s.device.Door().Creds)
}

// admit asks the Replay about the Client whose identity begins a session, and finds its key. own
// finds the keys that the Device has.
func (sh *shard) admit(device int32, own func([]byte) (secure.Key, bool)) func([]byte) (secure.Key, bool) {
	return func(identity []byte) (key secure.Key, ok bool) {
		id, named := uuidOf(identity)
		if !named {
			return own(identity)
		}
		admission := AsTheDevice
		var had former
		sh.do(func() {
			s := sh.slot(int(device))
			admission = sh.replay.Meets(Met{sh.scene(s), id})
			had = maps.Clone(sh.former[device])
		})
		if admission == TurnedAway {
			return nil, false
		}
		if key, ok = own(identity); !ok && admission == Admitted {
			key, ok = had[id]
		}
		return key, ok
	}
}

// keysOf finds pre-shared keys for sessions with a Device whose door is open.
func (d *demux) keysOf(device int32, door *sim.Door) func([]byte) (secure.Key, bool) {
	own := keyOfIdentity(door.Creds)
	if d.shard.replay == nil {
		return own
	}
	return d.shard.admit(device, own)
}
