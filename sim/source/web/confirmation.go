package web

import (
	"net/http"
	"strconv"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// confirmations says whether the Device's actions count as confirmed, and which one waits.
func (s *Server) confirmations(w http.ResponseWriter, r *http.Request, q depot.Request) {
	auto, waiting, reply := s.config.Depot.Confirmations(q)
	if !s.plain(w, r, reply) {
		return
	}
	at := s.controllerURL(r) + "/" + ddi.ConfirmationBase + "/"
	change := ddi.ActivateAutoConfirm
	if auto.Active {
		change = ddi.DeactivateAutoConfirm
	}
	links := ddi.Links{change: {Href: at + change}}
	if waiting != nil {
		links[ddi.ConfirmationBase] = ddi.Link{Href: at + strconv.FormatUint(waiting.ID, 10) + revisionOf(waiting)}
	}
	writeDDI(w, r, ddi.Confirmations{AutoConfirm: auto, Links: links})
}

// toConfirm says what is to be installed once the Device has confirmed it.
func (s *Server) toConfirm(w http.ResponseWriter, r *http.Request, q depot.Request) {
	a, reply := s.config.Depot.Action(q, ddi.ConfirmationBase)
	if s.plain(w, r, reply) {
		writeDDI(w, r, ddi.ToConfirm{ID: strconv.FormatUint(a.ID, 10), Confirmation: s.task(r, &a)})
	}
}

// confirm takes what a Device says to that.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request, q depot.Request) {
	if c, ok := said(s, w, r, q, ddi.ParseConfirmation); ok {
		s.done(w, r, s.config.Depot.Confirm(q, c))
	}
}

// activate has the Device's actions count as confirmed. What it says of that may be nothing.
func (s *Server) activate(w http.ResponseWriter, r *http.Request, q depot.Request) {
	if r.ContentLength == 0 {
		s.done(w, r, s.config.Depot.AutoConfirm(q, new(ddi.AutoConfirm)))
		return
	}
	if a, ok := said(s, w, r, q, ddi.ParseAutoConfirm); ok {
		s.done(w, r, s.config.Depot.AutoConfirm(q, &a))
	}
}

// deactivate has the Device confirm each action itself.
func (s *Server) deactivate(w http.ResponseWriter, r *http.Request, q depot.Request) {
	s.done(w, r, s.config.Depot.AutoConfirm(q, nil))
}
