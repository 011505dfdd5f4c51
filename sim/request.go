package sim

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// resource is something that a Device serves at a path.
type resource struct {
	path       string // the constant in ocf, so that a Rep need not copy the request's path
	rt         string // "" for none
	interfaces []string
	multicast  bool
	observable bool
	writable   bool

	svr         bool // it is a security resource
	provisioned bool // writable if the Device is secured
	deletable   bool
	guarded     bool // exists only if the Device is secured
	later       bool // exists only from ocf-2.2 on
	vertical    bool // belongs neither to the core nor to security
}

var (
	bothRW = []string{ocf.IfRW, ocf.IfBaseline}
	bothR  = []string{ocf.IfR, ocf.IfBaseline}
)

// resources lists every resource of a Device, the most requested first.
var resources = [...]resource{
	{path: ocf.PathPstat, rt: ocf.RTPstat, interfaces: bothRW, observable: true, writable: true, svr: true},
	{path: ocf.PathRes, rt: "oic.wk.res", interfaces: []string{ocf.IfLL, ocf.IfBaseline}, multicast: true},
	{path: ocf.PathD, rt: "oic.wk.d", interfaces: bothR, multicast: true},
	{path: ocf.PathP, rt: "oic.wk.p", interfaces: bothR, multicast: true},
	{path: ocf.PathDoxm, rt: ocf.RTDoxm, interfaces: bothRW, multicast: true, svr: true, provisioned: true},
	{path: ocf.PathCore, multicast: true},
	{path: ocf.PathCred, rt: ocf.RTCred, interfaces: bothRW, svr: true, provisioned: true, deletable: true, guarded: true},
	{path: ocf.PathACL, rt: ocf.RTACL, interfaces: bothRW, svr: true, provisioned: true, deletable: true, guarded: true},
	{path: ocf.PathCSR, rt: ocf.RTCSR, interfaces: bothRW, svr: true, guarded: true},
	{path: ocf.PathRoles, rt: ocf.RTRoles, interfaces: bothRW, svr: true, provisioned: true, deletable: true, guarded: true},
	{path: ocf.PathSP, rt: ocf.RTSP, interfaces: bothRW, svr: true, provisioned: true, guarded: true, later: true},
	{path: ocf.PathSDI, rt: ocf.RTSDI, interfaces: bothRW, svr: true, provisioned: true, guarded: true, later: true},
	{path: ocf.PathAEL, rt: ocf.RTAEL, interfaces: bothRW, svr: true, provisioned: true, guarded: true, later: true},
	{path: ocf.PathIntrospection, rt: ocf.RTIntrospection, interfaces: bothR, later: true},
	{path: ocf.PathIntrospectionData, later: true},
	{path: ocf.PathSoftwareUpdate, rt: ocf.RTSoftwareUpdate, interfaces: bothRW, observable: true, writable: true, vertical: true},
}

// lookUp finds the resource at path, whether or not a model has it.
func lookUp(path string) *resource {
	for i := range resources {
		if resources[i].path == path {
			return &resources[i]
		}
	}
	return nil
}

// find returns the resource at path, or nil if Devices of this model do not have it.
func (m *Model) find(path string) *resource {
	if res := lookUp(path); res != nil && m.serves(res) {
		return res
	}
	return nil
}

// serves reports whether Devices of this model have the resource.
func (m *Model) serves(res *resource) bool {
	switch {
	case res.guarded && m.security == nil, res.later && !m.later, slices.Contains(m.bent.absent, res.path):
		return false
	case res.vertical:
		return m.scheduled
	case res.path == ocf.PathCSR:
		return m.security.CSR != nil
	}
	return true
}

// get answers a GET. It changes nothing.
func (t *turn) get(r *Request) {
	t.sent = sent{observe: r.Observe}
	res := t.model.find(r.Path)
	if res == nil {
		t.refuse(r, notFound)
		return
	}
	iface, ok := res.iface(r.Interface)
	ok = t.bent.hasInterface.decide(t, r, ok)
	code := t.access(r, Get, res)
	switch {
	case r.Multicast && !res.multicast, r.Multicast && code != 0,
		r.Multicast && t.secured() && t.dos == ocf.RESET: // a Client that finds the Device now would see a uuid that is about to change
		t.emit(Effect{Kind: Ignore})
	case code != 0:
		t.deny(r, code)
	case !ok:
		t.refuse(r, t.bent.noInterface.decide(t, badRequest))
	case !t.matches(res, r):
		t.refuse(r, badRequest)
	case r.Multicast && res.path == ocf.PathRes && t.filtered(r.RT):
		t.emit(Effect{Kind: Ignore})
	default:
		t.emit(Effect{
			Kind: Respond, Code: content,
			Rep:        Rep{Path: res.path, Interface: iface, RT: r.RT, State: t.State()},
			Observable: res.observable && t.bent.observable.see(t.Device, true),
		})
	}
}

// iface finds the requested interface among those of the resource.
func (res *resource) iface(asked string) (string, bool) {
	if asked == "" {
		return "", true
	}
	for _, name := range res.interfaces {
		if name == asked {
			return name, true
		}
	}
	return "", false
}

// matches reports whether the queries owned and rt fit this Device and this
// resource. The two lists of links filter by rt themselves.
func (t *turn) matches(res *resource, r *Request) bool {
	switch {
	case r.Owned != "" && res.path == ocf.PathDoxm:
		if !strings.EqualFold(r.Owned, "true") && !strings.EqualFold(r.Owned, "false") {
			return false
		}
		if strings.EqualFold(r.Owned, "true") != t.State().Owned {
			return false
		}
	case res.path == ocf.PathRes, res.path == ocf.PathCore:
		return true
	}
	return r.RT == "" || r.RT == res.rt
}

// filtered reports whether the filter rt leaves no link in the list.
func (t *turn) filtered(rt string) bool {
	list := ocf.Res{Links: t.links(), RT: rt}
	return list.Empty()
}

// refuse answers with an error. A multicast request gets no answer instead.
func (t *turn) refuse(r *Request, code uint8) {
	if r.Multicast {
		t.emit(Effect{Kind: Ignore})
		return
	}
	t.respond(code)
}

// refuseMethod answers a method that the resource does not have.
func (t *turn) refuseMethod(r *Request) {
	if t.model.find(r.Path) == nil {
		t.refuse(r, notFound)
		return
	}
	t.refuse(r, methodNotAllowed)
}
