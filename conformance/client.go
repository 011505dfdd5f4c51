package conformance

import (
	"strings"
)

// The Clients of a scenario. A name that begins with Unprivileged is of a
// Client that may not write pstat; what is behind it says why not.
const (
	Privileged   = "privileged"             // the owner, or everyone where there is no security
	Second       = "second"                 // another one that may read, write and observe pstat, by an ACE
	UpdateOnly   = "privileged update-only" // an ACE grants U on pstat and nothing else
	Unprivileged = "unprivileged"

	Anonymous         = Unprivileged + " anonymous"          // plain CoAP
	WithoutACE        = Unprivileged + " without ACE"        // authenticated, no ACE names it
	ReadOnly          = Unprivileged + " read-only"          // its ACE grants R
	NotifyOnly        = Unprivileged + " notify-only"        // its ACE grants N
	WrongRole         = Unprivileged + " wrong role"         // the ACE is for a role that it does not have
	Expired           = Unprivileged + " expired"            // the validity of its ACE is over
	DeletedCredential = Unprivileged + " deleted credential" // its credential was deleted
	WrongKey          = Unprivileged + " wrong key"          // it has another key than the Device knows
	Wildcard          = Unprivileged + " wildcard"           // its ACE is for "*", which in later editions is no security resource
	OtherResource     = Unprivileged + " other resource"     // its ACE is for a resource whose path pstat's begins with
	AuthCryptACE      = Unprivileged + " auth-crypt"         // the ACE is for every authenticated Client, no security resource in later editions
)

// SessionGone begins the Text of a Lost whose session the Device closed, or no
// longer knew: it took a new one from the same Client, so its silence was no
// silence.
const SessionGone = "the session is gone"

// UnprivilegedClients are the Clients that may not write pstat, in the order
// above. The slice is the caller's.
func UnprivilegedClients() []string {
	return []string{
		Anonymous, WithoutACE, ReadOnly, NotifyOnly, WrongRole, Expired, DeletedCredential, WrongKey, OtherResource, Wildcard, AuthCryptACE,
	}
}

// MayWrite reports whether the named Client is privileged to write pstat of a
// secured Device.
func MayWrite(client string) bool { return !strings.HasPrefix(client, Unprivileged) }

// MayRead reports whether the named Client is permitted to read or observe
// pstat of a secured Device.
func MayRead(client string) bool {
	return MayWrite(client) && client != UpdateOnly || client == ReadOnly || client == NotifyOnly
}

// Forgotten is the Text of a Lost whose session the Device no longer knew, as after a
// restart: it did not end the session, and took a new one from the same Client.
const Forgotten = SessionGone + ": the Device takes a new one"

// Restarts is how often in a row the Device has to forget its session at the same
// request before that counts as the request's doing.
const Restarts = 3

// Forgets reports whether o is the end of a request whose session the Device no
// longer knew.
func (o *Observation) Forgets() bool { return o.Kind == Lost && o.Text == Forgotten }

// Gone reports whether o is the end of a request whose session was gone.
func (o *Observation) Gone() bool { return o.Kind == Lost && strings.HasPrefix(o.Text, SessionGone) }
