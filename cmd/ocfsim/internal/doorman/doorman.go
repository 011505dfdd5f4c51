// Package doorman serves HTTP to programs: to those of this machine, and elsewhere
// to those that hold a token. A web page in somebody's browser is neither, though
// the browser can reach the same addresses: cross-site request forgery and DNS
// rebinding are refused. Peers that are slow or many shut nobody else out.
package doorman

import (
	"crypto/subtle"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// checked is h behind the checks for a listener at local: the Host names this
// listener, no page of another origin asks, a body is JSON, and whoever asks knows
// the token where there is one. What is refused never reaches h: 421 for another
// Host, 403 for another origin, 415 for another type of body, 401 without the token.
func checked(h http.Handler, local net.Addr, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, why := 0, ""
		switch {
		case token == "" && !here(r.Host, local):
			status, why = http.StatusMisdirectedRequest, "the Host header names another machine"
		case foreign(r):
			status, why = http.StatusForbidden, "a page of another origin asks"
		case token != "" && !knows(r, token):
			w.Header().Set("WWW-Authenticate", `Basic realm="ocfsim"`)
			status, why = http.StatusUnauthorized, "the token is missing or wrong"
		case r.ContentLength != 0 && !isJSON(r.Header.Get("Content-Type")):
			status, why = http.StatusUnsupportedMediaType, "expected Content-Type: application/json"
		}
		if status != 0 {
			w.Header().Set("Connection", "close")
			http.Error(w, why, status)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// here reports whether a Host header names the loopback listener at local: by an
// address of loopback or by the name localhost, and by its port. A page that had its
// own name resolve to loopback (DNS rebinding) sends that name.
func here(host string, local net.Addr) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "80"
	}
	_, own, err := net.SplitHostPort(local.String())
	if err != nil || port != own {
		return false
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback() || strings.EqualFold(strings.TrimSuffix(name, "."), "localhost")
}

// foreign reports whether a browser says that a page of another origin asks. Programs
// send neither Sec-Fetch-Site nor Origin.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return true
	}
	if len(r.Header.Values("Origin")) == 0 {
		return false
	}
	o, err := url.Parse(r.Header.Get("Origin"))
	return err != nil || o.Host == "" || !strings.EqualFold(o.Host, r.Host)
}

// knows reports whether r carries the token: as Bearer (RFC 6750 section 2.1), or as
// the password of Basic (RFC 7617), which is what http://any:TOKEN@host/ becomes.
func knows(r *http.Request, token string) bool {
	_, got, ok := r.BasicAuth()
	if !ok {
		scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return false
		}
		got = strings.TrimSpace(rest)
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(token)) == 1
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}
