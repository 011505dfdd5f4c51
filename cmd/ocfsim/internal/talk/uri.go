package talk

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// URI is a CoAP URI in the parts that a request needs.
type URI struct {
	Endpoint string // coap://host:port
	Path     string // "/oic/sec/pstat" where the URI had none
	Query    string // "if=oic.if.baseline&x=y", "" for none
}

// ParseURI reads coap://host[:port][/path][?query]; the port is 5683 where it
// is absent.
func ParseURI(s string) (URI, error) {
	u, err := url.Parse(s)
	if err != nil {
		return URI{}, fmt.Errorf("URI %q: expected coap://host[:port][/path][?query]", s)
	}
	switch u.Scheme {
	case "coap":
	case "coaps", "coap+tcp", "coaps+tcp":
		return URI{}, fmt.Errorf("URI %q: %s is not available yet, expected coap", s, u.Scheme)
	default:
		return URI{}, fmt.Errorf("URI %q: expected coap://host[:port][/path][?query]", s)
	}
	if u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return URI{}, fmt.Errorf("URI %q: expected coap://host[:port][/path][?query]", s)
	}
	port := u.Port()
	if port == "" {
		port = "5683"
	}
	query, err := url.PathUnescape(u.RawQuery)
	if err != nil {
		return URI{}, fmt.Errorf("URI %q: %w", s, err)
	}
	path := u.Path
	if strings.Trim(path, "/") == "" {
		path = ocf.PathPstat
	}
	return URI{Endpoint: "coap://" + net.JoinHostPort(u.Hostname(), port), Path: path, Query: query}, nil
}
