package web

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// DDI is how a Server answers Devices that ask as they ask a hawkBit server. The zero value
// asks nobody who he is.
type DDI struct {
	Sleep  time.Duration // between two polls of a Device, as it is told; 0 is DefaultSleep
	Tokens []Token       // of which a Device has to show one; none: nobody has to
}

// DefaultSleep is how long a Device is told to wait between two polls.
const DefaultSleep = 10 * time.Second

// Token is what a Device shows in Authorization.
type Token struct {
	Scheme     string // TargetToken or GatewayToken
	Secret     string
	Controller string // the only Device that it is for; "" for all
}

// The schemes of a Token.
const (
	TargetToken  = "TargetToken"
	GatewayToken = "GatewayToken"
)

// maxSaid bounds the body of what a Device says, in bytes.
const maxSaid = 64 << 10

// md5Suffix ends the name under which a file's MD5 is to be had.
const md5Suffix = ".MD5SUM"

// Where a Device asks, and where its files are.
const (
	ddiBase     = "/{tenant}/controller/v1/{controller}"
	ddiFiles    = ddiBase + "/softwaremodules/{action}/artifacts"
	ddiConfirms = ddiBase + "/confirmationBase"
)

// routeDDI adds the questions of the API. Every tenant is served alike.
func (s *Server) routeDDI(mux *http.ServeMux) {
	for pattern, answer := range map[string]ddiAnswer{
		"GET " + ddiBase:                                        s.poll,
		"PUT " + ddiBase + "/configData":                        s.identify,
		"GET " + ddiBase + "/deploymentBase/{action}":           s.deployment(ddi.DeploymentBase),
		"GET " + ddiBase + "/installedBase/{action}":            s.deployment(ddi.InstalledBase),
		"GET " + ddiBase + "/cancelAction/{action}":             s.cancellation,
		"POST " + ddiBase + "/deploymentBase/{action}/feedback": s.feedback(ddi.DeploymentBase),
		"POST " + ddiBase + "/cancelAction/{action}/feedback":   s.feedback(ddi.CancelAction),
		"GET " + ddiConfirms:                                    s.confirmations,
		"GET " + ddiConfirms + "/{action}":                      s.toConfirm,
		"POST " + ddiConfirms + "/{action}/feedback":            s.confirm,
		"POST " + ddiConfirms + "/activateAutoConfirm":          s.activate,
		"POST " + ddiConfirms + "/deactivateAutoConfirm":        s.deactivate,
		"GET " + ddiFiles + "/{file}":                           s.artifact,
	} {
		mux.HandleFunc(pattern, s.controlled(answer))
	}
}

// ddiAnswer answers a question of a Device that may ask it.
type ddiAnswer func(w http.ResponseWriter, r *http.Request, q depot.Request)

// controlled answers those who may ask.
func (s *Server) controlled(answer ddiAnswer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, ok := s.asked(w, r)
		if !ok {
			return
		}
		q.Device = r.PathValue("controller")
		if len(q.Device) > maxText {
			http.Error(w, fmt.Sprintf("a controller has at most %d bytes", maxText), http.StatusBadRequest)
			return
		}
		if !s.config.DDI.admits(r.Header.Get("Authorization"), q.Device) {
			s.config.Depot.Refused(q, "401: its token is missing, or is none of those that the source has")
			http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
			return
		}
		if action := r.PathValue("action"); action != "" {
			var err error
			if q.Action, err = strconv.ParseUint(action, 10, 64); err != nil || q.Action == 0 {
				http.Error(w, "an action has a number of 1 or more", http.StatusBadRequest)
				return
			}
		}
		answer(w, r, q)
	}
}

// admits reports whether a Device that shows this may ask.
func (c DDI) admits(shown, controller string) bool {
	scheme, secret, _ := strings.Cut(shown, " ")
	for _, t := range c.Tokens {
		if t.Scheme == scheme && t.Secret == secret && (t.Controller == "" || t.Controller == controller) {
			return true
		}
	}
	return len(c.Tokens) == 0
}

// poll says what there is to do.
func (s *Server) poll(w http.ResponseWriter, r *http.Request, q depot.Request) {
	q.Name = "poll"
	p, ok := s.config.Depot.Poll(r.Context(), q)
	if !ok {
		s.hangUp(r)
		return
	}
	if !s.plain(w, r, p.Reply) {
		return
	}
	links := ddi.Links{}
	add := func(name string, id uint64, query string) {
		links[name] = ddi.Link{Href: s.controllerURL(r) + "/" + name + "/" + strconv.FormatUint(id, 10) + query}
	}
	if p.Deploy != nil {
		add(ddi.DeploymentBase, p.Deploy.ID, revisionOf(p.Deploy))
	}
	if p.Confirm != nil {
		add(ddi.ConfirmationBase, p.Confirm.ID, revisionOf(p.Confirm))
	}
	if p.Cancel != 0 {
		add(ddi.CancelAction, p.Cancel, "")
	}
	if p.Installed != 0 {
		add(ddi.InstalledBase, p.Installed, "")
	}
	if p.Identify {
		links[ddi.ConfigData] = ddi.Link{Href: s.controllerURL(r) + "/" + ddi.ConfigData}
	}
	sleep := s.config.DDI.Sleep
	if sleep <= 0 {
		sleep = DefaultSleep
	}
	writeDDI(w, r, ddi.Base{Config: ddi.Config{Polling: ddi.Polling{Sleep: ddi.Sleep(sleep)}}, Links: links})
}

// revisionOf is the query that changes with what there is to know of an action.
func revisionOf(a *depot.Action) string {
	return "?c=" + strconv.FormatUint(uint64(a.Revision()), 10)
}

// controllerURL is where the Device asks, as it has asked.
func (s *Server) controllerURL(r *http.Request) string {
	u := url.URL{Scheme: s.over, Host: r.Host}
	return u.JoinPath(url.PathEscape(r.PathValue("tenant")), "controller", "v1", url.PathEscape(r.PathValue("controller"))).String()
}

// deployment says what is to be installed, or was.
func (s *Server) deployment(what string) ddiAnswer {
	return func(w http.ResponseWriter, r *http.Request, q depot.Request) {
		a, reply := s.config.Depot.Action(q, what)
		if !s.plain(w, r, reply) {
			return
		}
		writeDDI(w, r, ddi.Deployment{ID: strconv.FormatUint(a.ID, 10), Deployment: s.task(r, &a)})
	}
}

// task is how an action is to be installed, and what.
func (s *Server) task(r *http.Request, a *depot.Action) ddi.Task {
	chunk := ddi.Chunk{Part: "os", Version: a.Release.Version, Name: strings.TrimSuffix(a.Release.Name, ".bin")}
	for _, f := range a.Files {
		address := ""
		if f.Name == a.Release.Name {
			address = a.Address
		}
		chunk.Artifacts = append(chunk.Artifacts, s.described(r, a.ID, &f, address))
	}
	return ddi.Task{Download: ddi.Forced, Update: ddi.Forced, Chunks: []ddi.Chunk{chunk}}
}

// described is what is said of a file. address is where it is said to be; "" for where it is.
func (s *Server) described(r *http.Request, action uint64, f *depot.Release, address string) ddi.Artifact {
	at := s.controllerURL(r) + "/softwaremodules/" + strconv.FormatUint(action, 10) + "/artifacts/" + url.PathEscape(f.Name)
	sum := ddi.Link{Href: at + md5Suffix}
	if address != "" {
		at = address
	}
	return ddi.Artifact{
		Filename: f.Name, Hashes: ddi.HashesOf(f.Content), Size: int64(len(f.Content)),
		Links: ddi.Links{
			ddi.DownloadLink: {Href: at}, ddi.DownloadLink + "-http": {Href: at}, ddi.MD5Link: sum, ddi.MD5Link + "-http": sum,
		},
	}
}

// cancellation says which action is called off.
func (s *Server) cancellation(w http.ResponseWriter, r *http.Request, q depot.Request) {
	a, reply := s.config.Depot.Action(q, ddi.CancelAction)
	if s.plain(w, r, reply) {
		id := strconv.FormatUint(a.ID, 10)
		writeDDI(w, r, ddi.Cancellation{ID: id, CancelAction: ddi.ToCancel{StopID: id}})
	}
}

// artifact hands over a file of an action, or says its MD5.
func (s *Server) artifact(w http.ResponseWriter, r *http.Request, q depot.Request) {
	var summed bool
	if q.Name, summed = strings.CutSuffix(r.PathValue("file"), md5Suffix); !summed {
		s.handOver(w, r, q)
		return
	}
	f, ok := s.config.Depot.File(q)
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprintf(w, "%s  %s", ddi.HashesOf(f.Content).MD5, f.Name) // a Device may go away
}

// identify takes what a Device says that it is.
func (s *Server) identify(w http.ResponseWriter, r *http.Request, q depot.Request) {
	if i, ok := said(s, w, r, q, ddi.ParseIdentity); ok {
		s.done(w, r, s.config.Depot.Identify(q, i))
	}
}

// feedback takes what a Device says of an action.
func (s *Server) feedback(of string) ddiAnswer {
	return func(w http.ResponseWriter, r *http.Request, q depot.Request) {
		if f, ok := said(s, w, r, q, ddi.ParseFeedback); ok {
			s.done(w, r, s.config.Depot.Feedback(q, of, f))
		}
	}
}

// done answers with 200 and nothing else, if the reply is plain.
func (s *Server) done(w http.ResponseWriter, r *http.Request, reply depot.Reply) {
	if s.plain(w, r, reply) {
		w.WriteHeader(http.StatusOK)
	}
}

// said reads what a Device says in JSON. ok is false if it was refused, which the log has.
func said[T any](s *Server, w http.ResponseWriter, r *http.Request, q depot.Request, parse func([]byte) (T, error)) (v T, ok bool) {
	refuse := func(status int, why string) (T, bool) {
		s.config.Depot.Refused(q, fmt.Sprintf("%d: %s", status, why))
		http.Error(w, why, status)
		return v, false
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != halJSON {
		return refuse(http.StatusUnsupportedMediaType, "expected Content-Type application/json")
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSaid))
	if err != nil {
		return refuse(http.StatusRequestEntityTooLarge, fmt.Sprintf("expected at most %d bytes", maxSaid))
	}
	if v, err = parse(data); err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	return v, true
}

// halJSON is the other name of what is written: its links are those of HAL.
const halJSON = "application/hal+json"

// writeDDI answers with a document.
func writeDDI(w http.ResponseWriter, r *http.Request, v any) {
	kind := "application/json"
	if strings.Contains(r.Header.Get("Accept"), halJSON) {
		kind = halJSON
	}
	w.Header().Set("Content-Type", kind)
	_ = json.NewEncoder(w).Encode(v) // a Device may go away
}
