package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// Look is what a Device shows to someone who only looks. The zero value is of a
// Device that shows nothing.
type Look struct {
	Endpoint string     // "coap://host:port" where it answers without a session, "" if nowhere
	Door     string     // the endpoint that leads to it and stays where its port changes, "" if there is none: it listens at the port for multicast too
	Secure   string     // "coaps://host:port" where it answers with one, "" if it names none
	D        ocf.D      // /oic/d
	P        ocf.P      // /oic/p
	Links    []ocf.Link // /oic/res
	Doxm     *ocf.Doxm  // nil where it is hidden or can't be read
	Pstat    *ocf.Pstat // nil where it is hidden or can't be read
	// Codes are the codes of the answers without a session, by path: "2.05", or
	// "lost" where there was none.
	Codes map[string]string
	// Payloads are what was answered without a session, by path, as it came.
	Payloads map[string][]byte
	// Owner says how the credential of the target file did: nil if the Device gave
	// it a session, or if the file has none. Doxm and Pstat are then read as the owner.
	Owner error
}

// lost stands in Codes for a request that was not answered.
const lost = "lost"

// OCF reports whether what answers is an OCF Device: it shows at least one of the
// resources that each of them has, or denies pstat, which only a Device does that
// knows it.
func (l Look) OCF() bool {
	return l.Codes[ocf.PathD] == "2.05" || l.Codes[ocf.PathRes] == "2.05" || l.Pstat != nil || denies(l.Codes[ocf.PathPstat])
}

// Owned reports whether the Device has an owner; known is false if it does not
// tell. A Device that has one hides its doxm from whoever has no session.
func (l Look) Owned() (owned, known bool) {
	if l.Doxm != nil {
		return l.Doxm.Owned, true
	}
	return denies(l.Codes[ocf.PathDoxm]), denies(l.Codes[ocf.PathDoxm])
}

// Methods are the owner transfer methods that the Device offers, as far as the
// harness knows them.
func (l Look) Methods() []Method {
	var out []Method
	if l.Doxm == nil {
		return nil
	}
	for _, oxm := range l.Doxm.OXMs {
		if oxm <= uint16(secure.ManufacturerCertificate) {
			out = append(out, Method(secure.OTM(oxm).String()))
		}
	}
	return out
}

// HasSoftwareUpdate reports whether the Device lists the software update resource
// of later editions.
func (l Look) HasSoftwareUpdate() bool {
	return slices.ContainsFunc(l.Links, func(link ocf.Link) bool { return link.HasRT(typeSoftwareUpdate) })
}

// Version is where the Device shows its software version, and which it is: the
// path and the Property as a target file has them. Both are "" if it shows none.
func (l Look) Version() (where, version string) {
	switch {
	case l.D.SV != "":
		return ocf.PathD + "#sv", l.D.SV
	case l.P.MNFV != "":
		return ocf.PathP + "#mnfv", l.P.MNFV
	}
	return "", ""
}

// denies reports whether a code is how a Device refuses whoever has no right.
// Some stacks answer 4.03 where others answer 4.01.
func denies(code string) bool { return code == "4.01" || code == "4.03" }

// LookAt asks the Device of cfg for what it shows without a session and, if
// cfg has the credential of its owner, for its doxm and pstat with one. It writes
// nothing. The error is ErrUnreachable if nobody answers.
func LookAt(ctx context.Context, cfg Config) (Look, error) {
	cfg = cfg.withDefaults()
	if err := cfg.reachable(); err != nil {
		return Look{}, err
	}
	ctx, cancel := cfg.patience(ctx)
	defer cancel()
	t := &Target{cfg: cfg}
	if err := t.locate(ctx); err != nil {
		return Look{}, t.unreached(err)
	}
	if t.address == "" {
		host, _, err := net.SplitHostPort(t.coaps)
		if err != nil {
			return Look{}, fmt.Errorf("endpoint %q: %w", cfg.Profile.Endpoint, err)
		}
		t.address = t.behind(ctx, net.JoinHostPort(host, defaultPort))
	}
	l, err := t.Look(ctx)
	if l.Endpoint != "" && cfg.Profile.Endpoint != "" && !strings.HasPrefix(cfg.Profile.Endpoint, "coaps:") {
		if asked, _, _ := parseEndpoint(cfg.Profile.Endpoint); asked != t.address {
			l.Door = cfg.Profile.Endpoint
		}
	}
	if err == nil || cfg.Security.Owner == nil {
		t.lookAsOwner(ctx, &l)
	}
	if err != nil && (l.Owner != nil || cfg.Security.Owner == nil) {
		return Look{}, t.unreached(err)
	}
	return l, nil
}

// FindDoor is l with its Door, if the Device showed l at a port that it may have chosen
// for this start alone: the endpoint without a port, if this Device, and no other, answers
// at the port where OCF Devices listen for multicast. It takes a second.
func (l Look) FindDoor(ctx context.Context) Look {
	host, port, err := net.SplitHostPort(strings.TrimPrefix(l.Endpoint, "coap://"))
	if err != nil || l.Door != "" || port == defaultPort || l.D.DI.IsNil() {
		return l
	}
	if l.behind(ctx, net.JoinHostPort(host, defaultPort)) {
		l.Door = strings.TrimSuffix(l.Endpoint, ":"+port)
	}
	return l
}

// behind reports whether the Device that showed l, and no other, answers what is asked
// at address.
func (l Look) behind(ctx context.Context, address string) bool {
	found, err := Discover(ctx, DiscoverConfig{Unicast: address, Wait: time.Second})
	return err == nil && len(found) == 1 && found[0].DI == l.D.DI
}

// Look asks an open target for what it shows now without a session, where it is now.
func (t *Target) Look(ctx context.Context) (Look, error) {
	l := Look{Codes: map[string]string{}}
	c, err := t.device().clear(ctx, t.timing())
	if err != nil {
		return l, err
	}
	defer c.Close()
	first, cancel := t.cfg.firstAnswer(ctx)
	defer cancel()
	reply, err := t.insist(first, c, ocf.PathD)
	if err != nil {
		return l, err
	}
	at, _ := t.where.now(t.address)
	l.Endpoint = "coap://" + at
	l.take(ocf.PathD, reply)
	for _, path := range []string{ocf.PathRes, ocf.PathDoxm, ocf.PathPstat, ocf.PathP} {
		reply, err := c.Exchange(ctx, get(path, ""))
		switch {
		case err == nil && !reply.Lost:
			l.take(path, reply)
		case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
			return l, context.Cause(ctx)
		default:
			l.Codes[path] = lost
		}
	}
	if secure := endpointOf(l.Links, "coaps://", t.address); secure != "" {
		l.Secure = "coaps://" + secure
	}
	return l, nil
}

// mostShown is how many characters of a text of the Device's a Look has, and a Found.
const mostShown = 200

// take reads what a resource is answered with. What can't be read is left out.
func (l *Look) take(path string, reply Reply) {
	l.Codes[path] = reply.Frame.Code
	if !readable(reply) {
		return
	}
	if l.Payloads == nil {
		l.Payloads = map[string][]byte{}
	}
	l.Payloads[path] = reply.Frame.Payload
	switch payload := reply.Frame.Payload; path {
	case ocf.PathD:
		l.D, _, _ = ocf.DecodeD(payload)
		l.D.Name, l.D.SV = ocf.Short(l.D.Name, mostShown), ocf.Short(l.D.SV, mostShown)
		l.D.ICV, l.D.DMV = ocf.Short(l.D.ICV, mostShown), ocf.Short(l.D.DMV, mostShown)
	case ocf.PathP:
		l.P, _, _ = ocf.DecodeP(payload)
		l.P.MNMN, l.P.MNFV = ocf.Short(l.P.MNMN, mostShown), ocf.Short(l.P.MNFV, mostShown)
	case ocf.PathRes:
		l.Links, _, _ = ocf.DecodeRes(payload)
	case ocf.PathDoxm:
		if x, _, err := ocf.DecodeDoxm(payload); err == nil {
			l.Doxm = &x
		}
	case ocf.PathPstat:
		if p, _, err := ocf.DecodePstat(payload); err == nil {
			l.Pstat = &p
		}
	}
}

// lookAsOwner asks for doxm and pstat with the owner's session, if there is a
// credential of an owner.
func (t *Target) lookAsOwner(ctx context.Context, l *Look) {
	if t.cfg.Security.Owner == nil {
		return
	}
	if owned, known := l.Owned(); known && !owned {
		l.Owner = ErrNoOwner
		return
	}
	if t.coaps == "" {
		t.coaps = strings.TrimPrefix(l.Secure, "coaps://")
	}
	if t.coaps == "" {
		l.Owner = errors.New("it lists no coaps endpoint")
		return
	}
	if l.Secure == "" {
		l.Secure = "coaps://" + t.coaps
	}
	c, err := t.device().session(ctx, *t.cfg.Security.Owner)
	if err != nil {
		l.Owner = err
		return
	}
	defer c.Close()
	own := Look{Codes: map[string]string{}}
	for _, path := range []string{ocf.PathD, ocf.PathRes, ocf.PathP, ocf.PathDoxm, ocf.PathPstat} {
		reply, err := c.Exchange(ctx, get(path, ""))
		if err == nil && !reply.Lost {
			own.take(path, reply)
		}
	}
	l.learn(own)
	if denies(own.Codes[ocf.PathPstat]) {
		l.Owner = fmt.Errorf("%w: GET %s: %s", ErrNotOwner, ocf.PathPstat, own.Codes[ocf.PathPstat])
	}
}

// learn adds what only the owner is shown.
func (l *Look) learn(own Look) {
	l.Doxm, l.Pstat = own.Doxm, own.Pstat
	if l.D.DI.IsNil() {
		l.D = own.D
	}
	if l.P.PI.IsNil() {
		l.P = own.P
	}
	if len(l.Links) == 0 {
		l.Links = own.Links
	}
	for path, code := range own.Codes {
		if l.Codes[path] == "" {
			l.Codes[path] = code
		}
	}
}

// said tells in words how the Device answered without a session: "GET /oic/d is
// answered 4.04, /oic/res 4.04, and /oic/sec/pstat 4.04".
func (l Look) said(paths ...string) string {
	text := "GET " + paths[0] + " is answered " + l.Codes[paths[0]]
	for i, path := range paths[1:] {
		text += ", "
		if i == len(paths)-2 {
			text += "and "
		}
		text += path + " " + l.Codes[path]
	}
	return text
}
