package target

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// lite is a Device that answers an onboarding tool as IoTivity-Lite was
// recorded to answer one. It shares no code with the simulator.
type lite struct {
	running sync.WaitGroup

	mu      sync.Mutex
	closing bool
	ports   uint16
	lanes   []*lane
	losing  sync.Mutex
	loses   func() bool // of each datagram, either way
	refuses func() bool // of each datagram to the Device: nobody listens

	doxm       ocf.Doxm
	pstat      ocf.Pstat
	creds      ocf.Creds
	acl        ocf.ACL
	ids        uint32 // of the last credential or ACE
	pin        secure.PIN
	cert       *tls.Certificate
	trust      *x509.CertPool // of identity certificates
	icv        string
	doc        *via
	sessions   []*via
	resetDelay time.Duration
	resets     int

	seen     []string                      // requests, "coaps POST /oic/sec/doxm"
	before   func(v *via, r request2) bool // false: 4.00
	moody    bool                          // closes the session at every change of dos, before it answers
	curt     bool                          // closes it at the same points, once it has answered
	merges   bool                          // merges entries of the same subject, whatever their ids
	generous bool                          // lists more permissions than were written
	timeless bool                          // takes no ACE with a validity
	unlisted bool                          // lists only one of its endpoints
	anon     bool                          // gives no ids
	grown    map[string]string             // subjects of credentials that were ever given, and their keys
}

// request2 is a request as lite sees it.
type request2 struct {
	code    codes.Code
	path    string
	query   string
	payload []byte
}

func newLite() *lite {
	l := &lite{ports: 40000, icv: "ocf.2.2.5", pin: "63794068", resetDelay: 2 * time.Second, grown: map[string]string{}}
	l.doxm.OXMs = []uint16{0, 1, 2}
	l.loses, l.refuses = never, never
	l.defaults()
	l.resets = 0
	return l
}

func never() bool  { return false }
func always() bool { return true }

// defaults is what a RESET leaves. The lock is held.
func (l *lite) defaults() {
	id, err := newUUID()
	if err != nil {
		panic(err)
	}
	l.doxm = ocf.Doxm{OXMs: l.doxm.OXMs, OXMSel: ocf.OXMSelf, SCT: 329, Device: id}
	l.pstat = ocf.Pstat{DOS: ocf.RFOTM, CM: 2, OM: 3, SM: 4}
	l.creds, l.acl = ocf.Creds{}, ocf.ACL{}
	l.resets++
}

// reset resets the Device and ends every session.
func (l *lite) reset() {
	l.mu.Lock()
	l.defaults()
	open := l.sessions
	l.sessions, l.doc = nil, nil
	l.mu.Unlock()
	for _, v := range open {
		_ = v.conn.Close()
	}
}

// restart loses every session without a word.
func (l *lite) restart() {
	l.mu.Lock()
	open := l.sessions
	l.sessions = nil
	l.mu.Unlock()
	for _, v := range open {
		v.far.silence()
		_ = v.conn.Close()
	}
}

// lose sets what the network loses from now on.
func (l *lite) lose(loses func() bool) {
	l.losing.Lock()
	defer l.losing.Unlock()
	l.loses = loses
}

// shut closes the Device's ports after so many datagrams more.
func (l *lite) shut(after int) {
	l.losing.Lock()
	defer l.losing.Unlock()
	l.refuses = func() bool {
		after--
		return after < 0
	}
}

// open opens them again.
func (l *lite) open() {
	l.losing.Lock()
	defer l.losing.Unlock()
	l.refuses = never
}

// forget deletes the credential of id.
func (l *lite) forget(id ocf.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.creds.List = slices.DeleteFunc(l.creds.List, func(c ocf.Cred) bool { return c.Subject == id.String() })
}

// hangUp ends every session with close_notify.
func (l *lite) hangUp() {
	l.mu.Lock()
	open := slices.Clone(l.sessions)
	l.mu.Unlock()
	for _, v := range open {
		_ = v.conn.Close()
	}
}

// door is what the Device accepts now.
func (l *lite) door() (s secure.Server, method *secure.OTM, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s = secure.Server{Device: l.doxm.Device, Retransmit: 200 * time.Millisecond}
	if l.pstat.DOS == ocf.RFOTM {
		if l.doxm.OXMSel > 2 || l.doc != nil {
			return s, nil, false
		}
		m := secure.OTM(l.doxm.OXMSel)
		s.OTM, s.PIN, s.Certificate = &m, l.pin, l.cert
		return s, &m, true
	}
	if l.trust != nil {
		s.Certificate, s.Roots = l.cert, l.trust
	}
	s.Key = func(identity []byte) (secure.Key, bool) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range l.creds.List {
			if id, err := ocf.ParseUUID(c.Subject); err == nil && slices.Equal(id[:], identity) {
				return c.Private.Data, true
			}
		}
		return nil, false
	}
	return s, nil, l.pstat.DOS != ocf.RESET
}

func (l *lite) enter(v *via) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions = append(l.sessions, v)
	if v.method != nil {
		l.doc = v
	}
}

// leave resets the Device where its onboarding connection ended in RFOTM.
func (l *lite) leave(v *via) {
	l.mu.Lock()
	l.sessions = slices.DeleteFunc(l.sessions, func(o *via) bool { return o == v })
	early := l.doc == v && l.pstat.DOS == ocf.RFOTM
	if l.doc == v {
		l.doc = nil
	}
	l.mu.Unlock()
	if early {
		l.reset()
	}
}

// after does what was put off until an answer had left.
func (l *lite) after(v *via) {
	l.mu.Lock()
	then := v.then
	v.then = nil
	l.mu.Unlock()
	if then != nil {
		then()
	}
}

// handle answers one request.
func (l *lite) handle(v *via, r request2) (codes.Code, []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	scheme := "coap"
	if v.conn != nil {
		scheme = "coaps"
	}
	l.seen = append(l.seen, strings.TrimSuffix(fmt.Sprintf("%s %s %s?%s", scheme, codeName(r.code), r.path, r.query), "?"))
	if l.before != nil {
		l.mu.Unlock()
		ok := l.before(v, r)
		l.mu.Lock()
		if !ok {
			return codes.BadRequest, nil
		}
	}
	if !l.allows(v, r) {
		return codes.Unauthorized, nil
	}
	switch r.code {
	case codes.GET:
		return l.get(r.path)
	case codes.POST:
		return l.post(v, r)
	case codes.DELETE:
		return l.delete(r)
	}
	return codes.MethodNotAllowed, nil
}

// allows is the access decision of ONBOARDING 3.9, in its order. The lock is held.
func (l *lite) allows(v *via, r request2) bool {
	open := r.path == ocf.PathRes || r.path == ocf.PathD || r.path == ocf.PathP
	switch {
	case l.pstat.DOS == ocf.RFOTM && v.conn == nil && l.doc != nil:
		return false
	case v.method != nil:
		return true
	case l.pstat.DOS == ocf.RFOTM && open:
		return r.code == codes.GET
	case l.pstat.DOS == ocf.RFOTM:
		return r.path == ocf.PathDoxm || r.path == ocf.PathPstat && r.code == codes.GET
	case l.pstat.DOS == ocf.RESET:
		return false
	case v.conn == nil && strings.HasPrefix(r.path, "/oic/sec/"):
		return false
	}
	owners := map[string]ocf.UUID{
		ocf.PathDoxm: l.doxm.Rowner, ocf.PathPstat: l.pstat.Rowner, ocf.PathCred: l.creds.Rowner, ocf.PathACL: l.acl.Rowner,
	}
	if owner, ok := owners[r.path]; ok && v.conn != nil && owner == v.id {
		return true
	}
	need := map[codes.Code]ocf.Permission{codes.GET: ocf.MayRead | ocf.MayNotified, codes.POST: ocf.MayCreate | ocf.MayUpdate, codes.DELETE: ocf.MayDelete}[r.code]
	return slices.ContainsFunc(l.acl.List, func(e ocf.ACE) bool {
		named := slices.ContainsFunc(e.Resources, func(ref ocf.ResourceRef) bool { return ref.Href == r.path })
		mine := v.conn != nil && e.Subject.UUID == v.id && !v.id.IsNil() || e.Subject.Conn != "" && open
		return named && mine && e.Permission&need != 0 && len(e.Validity) == 0
	})
}

// get answers a GET. The lock is held.
func (l *lite) get(path string) (codes.Code, []byte) {
	switch path {
	case ocf.PathD:
		d := ocf.D{Name: "lite", DI: l.doxm.Device, ICV: l.icv, SV: "1.0.0"}
		return codes.Content, d.AppendCBOR(nil, ocf.InterfaceDefault)
	case ocf.PathRes:
		both := []string{"coap://192.0.2.7:5683", "coaps://192.0.2.7:5684"}
		if l.unlisted {
			both[1] = both[0]
		}
		res := ocf.Res{DI: l.doxm.Device, Links: []ocf.Link{
			{Href: ocf.PathD, RT: []string{"oic.wk.d"}, IF: []string{ocf.IfR}, BM: 1, Endpoints: both},
			{Href: ocf.PathPstat, RT: []string{ocf.RTPstat}, IF: []string{ocf.IfRW}, BM: 3, Endpoints: both[1:]},
			{Href: "/oc/swu", RT: []string{typeSoftwareUpdate}, IF: []string{ocf.IfRW}, BM: 3, Endpoints: both[1:]},
		}}
		return codes.Content, res.AppendCBOR(nil, ocf.InterfaceDefault)
	case ocf.PathDoxm:
		return codes.Content, l.doxm.AppendCBOR(nil, ocf.InterfaceDefault)
	case ocf.PathPstat:
		return codes.Content, l.pstat.AppendCBOR(nil, ocf.InterfaceDefault)
	case ocf.PathCred:
		return codes.Content, l.creds.AppendCBOR(nil, ocf.InterfaceBaseline)
	case ocf.PathACL:
		return codes.Content, l.acl.AppendCBOR(nil, ocf.InterfaceBaseline)
	case "/oc/swu":
		return codes.Content, []byte{0xa0}
	}
	return codes.NotFound, nil
}

// delete takes entries away. The lock is held.
func (l *lite) delete(r request2) (codes.Code, []byte) {
	if l.pstat.DOS == ocf.RFNOP {
		return codes.Forbidden, nil
	}
	name, value, _ := strings.Cut(r.query, "=")
	n, err := strconv.ParseUint(value, 10, 16)
	switch {
	case r.path == ocf.PathACL && r.query == "":
		l.acl.List = nil
	case r.path == ocf.PathACL && name == "aceid" && err == nil:
		l.acl.List = slices.DeleteFunc(l.acl.List, func(e ocf.ACE) bool { return e.ID == uint32(n) })
	case r.path == ocf.PathCred && name == "credid" && err == nil:
		l.creds.List = slices.DeleteFunc(l.creds.List, func(c ocf.Cred) bool { return c.ID == uint32(n) })
	default:
		return codes.BadRequest, nil
	}
	return codes.Deleted, nil
}
