package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Why a Device can't be tested as its target declares it. Each may be what an
// Unready is about, and so may ErrUnreachable and ErrNoCredential.
var (
	// ErrStranger: what answers is no OCF Device, or has no pstat.
	ErrStranger = errors.New("no OCF Device")
	// ErrUnprivileged: the target is declared to be unsecured and the Device denies
	// pstat to a Client without a session. Nobody is privileged then, and nothing
	// could be judged.
	ErrUnprivileged = errors.New("it is secured, and a Client without a session has no privilege")
	// ErrOwned: the harness is to make itself the owner of a Device that has one.
	ErrOwned = errors.New("it is owned already")
	// ErrNoOwner: the harness has an owner's credential for a Device that nobody owns.
	ErrNoOwner = errors.New("it has no owner, so the credential is of no use")
	// ErrNotOwner: the harness has the credential of someone else than the owner.
	ErrNotOwner = errors.New("is not the owner")
	// ErrMethod: the Device does not offer the owner transfer method.
	ErrMethod = errors.New("another owner transfer method is needed")
	// ErrState: the Device is in a dos in which it can't be tested, or owned.
	ErrState = errors.New("it is in the wrong state")
)

// Unready is the error of Open for a Device that can't be tested as its target
// declares it, and says what would help. It wraps one of the errors above.
type Unready struct {
	Err   error
	Write []string // lines of a target file, of which one is to be chosen
	Run   []string // commands, of which one is to be chosen
}

// Error is one line that has all of it.
func (u *Unready) Error() string {
	text := u.Err.Error()
	if len(u.Write) > 0 {
		text += "; write into a target file `" + strings.Join(u.Write, "` or `") + "`"
	}
	if len(u.Run) > 0 {
		text += "; run `" + strings.Join(u.Run, "` or `") + "`"
	}
	return text
}

// Unwrap is what it is about.
func (u *Unready) Unwrap() error { return u.Err }

// Ready looks at whether a Device that showed l can be tested as p declares it;
// nil if nothing that was seen speaks against it. Whether it can be owned, and
// whether an owner's credential is the right one, shows only when that is tried.
func (l Look) Ready(p conformance.Profile) *Unready {
	pstat, at := l.Codes[ocf.PathPstat], p.Endpoint
	switch {
	case !l.OCF():
		return l.unready(fmt.Errorf("%w at %s: %s", ErrStranger, at, l.said(ocf.PathD, ocf.PathRes, ocf.PathPstat)))
	case p.Secured:
		return nil
	case pstat == "4.04":
		return l.unready(fmt.Errorf("%w with a software update at %s: %s", ErrStranger, at, l.said(ocf.PathPstat)))
	case denies(pstat):
		return l.unready(fmt.Errorf("%s answers GET %s with %s: %w", at, ocf.PathPstat, pstat, ErrUnprivileged))
	case l.Pstat == nil || !l.Pstat.Present.Has(ocf.PropDOS) || l.Pstat.DOS == ocf.RFNOP:
		return nil
	}
	whose := ""
	if owned, known := l.Owned(); known && !owned {
		whose = "has no owner and "
	}
	return l.unready(fmt.Errorf("%w: %s %sis in %v, and is tested in RFNOP", ErrState, at, whose, l.Pstat.DOS))
}

// unready says what would help against err, as far as l tells.
func (l Look) unready(err error) *Unready {
	u := &Unready{Err: err}
	owned, known := l.Owned()
	switch {
	case errors.Is(err, ErrStranger), errors.Is(err, ErrUnreachable):
		u.Run = []string{"ocfsim discover"}
		if host := hostOf(l.Endpoint); host != "" {
			u.Run = []string{"ocfsim discover --address " + host, "ocfsim discover"}
		}
	case errors.Is(err, ErrState) && l.Pstat != nil && (l.Pstat.DOS != ocf.RFOTM || !known):
		next := ocf.RFNOP // which a Device reaches from RFPRO alone
		if l.Pstat.DOS != ocf.RFPRO {
			next = ocf.RFPRO
		}
		u.Run = []string{"ocfsim post " + l.Endpoint + " -p dos=" + next.String()}
	case known && !owned:
		u.Write = l.Ways()
		u.Run = []string{"ocfsim init " + l.Endpoint}
	default:
		u.Write = []string{ownersLine}
		u.Run = []string{"ocfsim disown " + l.Endpoint + " --credential FILE"}
	}
	return u
}

// ownersLine is the line of a target file for a Device that has an owner.
const ownersLine = "security: {psk: {file: FILE}}"

// Ways are the lines of a target file by which the harness could become privileged
// on the Device, the easiest first.
func (l Look) Ways() []string {
	if owned, known := l.Owned(); owned || !known {
		return []string{ownersLine}
	}
	var lines []string
	for _, m := range l.Methods() {
		line := "security: {own: " + string(m) + "}"
		if m == ManufacturerCertificate {
			line = "security: {own: certificate, trust: FILE}"
		}
		lines = append(lines, line)
	}
	return lines
}

// hostOf is the host of an endpoint, "" if there is none.
func hostOf(endpoint string) string {
	address, _, err := parseEndpoint(endpoint)
	if err != nil {
		return ""
	}
	host, _, _ := net.SplitHostPort(address)
	return host
}

// admit looks at what Open was answered by an unsecured target. d and res are the
// answers to /oic/d and /oic/res.
func (t *Target) admit(ctx context.Context, c *Client, d, res Reply) error {
	l := Look{Endpoint: t.cfg.Profile.Endpoint, Codes: map[string]string{}}
	l.take(ocf.PathD, d)
	l.take(ocf.PathRes, res)
	if t.cfg.Profile.Secured && l.OCF() {
		return t.expected(ctx, c, l)
	}
	for end := time.Now().Add(stirring); ; {
		reply, err := t.insist(ctx, c, ocf.PathPstat)
		if err != nil {
			return err
		}
		l.Pstat = nil
		l.take(ocf.PathPstat, reply)
		if p := l.Pstat; p == nil || t.cfg.Profile.Secured || p.DOS == ocf.RFNOP || p.DOS == ocf.RFOTM || time.Now().After(end) {
			break
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil { // it may be on its way back to RFNOP
			return err
		}
	}
	return t.heard(ctx, c, l)
}

// stirring is how long a Device that is in another dos than RFNOP is given to come
// back, since an update may be under way.
const stirring = 2 * time.Second

// heard decides whether the Device that showed l is tested. Its doxm is asked for
// where that says more.
func (t *Target) heard(ctx context.Context, c *Client, l Look) error {
	u := l.Ready(t.cfg.Profile)
	if u == nil && (t.cfg.Profile.Secured || l.Pstat == nil) || u != nil && errors.Is(u, ErrStranger) {
		return asError(u)
	}
	reply, err := t.insist(ctx, c, ocf.PathDoxm)
	if err != nil {
		return err
	}
	l.take(ocf.PathDoxm, reply)
	if u == nil {
		return t.mayWrite(ctx, c, l)
	}
	return asError(l.Ready(t.cfg.Profile))
}

// mayWrite looks at whether a Client without a session may write pstat of a Device
// that shows it to everyone and has an owner. What it writes is what is there: no
// process is requested, and none is pending.
func (t *Target) mayWrite(ctx context.Context, c *Client, l Look) error {
	if owned, _ := l.Owned(); !owned || l.Pstat.TM != 0 {
		return nil
	}
	reply, err := c.Exchange(ctx, write(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropTM}.AppendCBOR(nil)))
	if err != nil || reply.Lost || !denies(reply.Frame.Code) {
		return err
	}
	return l.unready(fmt.Errorf("%s shows %s and answers a POST to it with %s: %w", l.Endpoint, ocf.PathPstat, reply.Frame.Code, ErrUnprivileged))
}

// expected looks at whether a secured Device has the owner whose credential the
// target has, as far as its doxm tells everyone.
func (t *Target) expected(ctx context.Context, c *Client, l Look) error {
	if t.cfg.Security.Owner == nil || t.address == "" {
		return nil
	}
	reply, err := t.insist(ctx, c, ocf.PathDoxm)
	if err != nil {
		return err
	}
	l.take(ocf.PathDoxm, reply)
	if owned, known := l.Owned(); known && !owned {
		return l.unready(fmt.Errorf("%s: %w", t.cfg.Profile.Endpoint, ErrNoOwner))
	}
	return nil
}

// asError is u, or nil where that is nil.
func asError(u *Unready) error {
	if u == nil {
		return nil
	}
	return u
}

// unreached says of a Device that does not answer how it could be found.
func (t *Target) unreached(err error) error {
	if !errors.Is(err, ErrUnreachable) {
		return err
	}
	if strings.Contains(err.Error(), "RST") {
		err = fmt.Errorf("%w: %w", ErrStranger, err)
	}
	return Look{Endpoint: t.cfg.Profile.Endpoint}.unready(err)
}

// turnedAway says of a Device that did not take the harness in how it would. err
// is what was tried in vain; what the Device shows now tells the rest.
func (t *Target) turnedAway(ctx context.Context, err error) error {
	helps := []error{ErrOwned, ErrMethod, ErrState, ErrNotOwner}
	if t.cfg.Security.Owner != nil {
		helps = append(helps, ErrRefused)
	}
	for _, about := range helps {
		if errors.Is(err, about) && ctx.Err() == nil && t.address != "" {
			ctx, cancel := t.cfg.firstAnswer(ctx)
			defer cancel()
			l, _ := t.Look(ctx)
			l.Endpoint = t.cfg.Profile.Endpoint
			if about == ErrRefused {
				err = fmt.Errorf("it has another owner, or the owner has another key: %w", err)
			}
			return l.unready(err)
		}
	}
	return err
}

// withoutWay says of a secured target that has no credential which way the Device
// would take. Any other err is returned as it is.
func withoutWay(ctx context.Context, cfg Config, err error) error {
	if !errors.Is(err, ErrNoCredential) {
		return err
	}
	l, unreached := LookAt(ctx, cfg)
	if unreached != nil {
		return &Unready{Err: err, Write: everyWay()}
	}
	if u := l.Ready(cfg.Profile); u != nil {
		return u
	}
	return l.unready(fmt.Errorf("%s: %w", cfg.Profile.Endpoint, ErrNoCredential))
}

// readable reports whether r is a representation.
func readable(r Reply) bool { return r.Frame.Code == "2.05" }
