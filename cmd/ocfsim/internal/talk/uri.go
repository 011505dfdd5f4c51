package talk

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// URI is a CoAP URI, split into the parts that a request needs.
type URI struct {
	Endpoint string // coap://host:port or coaps://host:port
	Path     string // "/oic/sec/pstat" if the URI has none
	Query    string // "if=oic.if.baseline&x=y", or "" if the URI has none
}

// Secured reports whether the URI asks for a session.
func (u URI) Secured() bool { return strings.HasPrefix(u.Endpoint, "coaps:") }

// ParseURI reads coap://host[:port][/path][?query], or the same with coaps://. Without
// a port it is 5683, or 5684 for coaps. The zone of an address may stand behind % as it
// is written everywhere else, or behind %25 as in RFC 6874. A group is refused: such a
// request goes to one Device.
func ParseURI(s string) (URI, error) {
	u, err := url.Parse(zoned(s))
	if err != nil {
		return URI{}, fmt.Errorf("URI %q: expected coap[s]://host[:port][/path][?query]", s)
	}
	port := "5683"
	switch u.Scheme {
	case "coap":
	case "coaps":
		port = "5684"
	case "coap+tcp", "coaps+tcp":
		return URI{}, fmt.Errorf("URI %q: %s is not supported, expected coap or coaps", s, u.Scheme)
	default:
		return URI{}, fmt.Errorf("URI %q: expected coap[s]://host[:port][/path][?query]", s)
	}
	if u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return URI{}, fmt.Errorf("URI %q: expected coap[s]://host[:port][/path][?query]", s)
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if a.IsMulticast() {
			return URI{}, fmt.Errorf("URI %q: %v is a group, expected the address of one Device; ocfsim discover asks groups", s, a)
		}
		if err := ocf.CheckAddress(a); err != nil {
			return URI{}, fmt.Errorf("URI %q: %w", s, err)
		}
	}
	if u.Port() != "" {
		port = u.Port()
	}
	if err := ocf.CheckPort(port); err != nil {
		return URI{}, fmt.Errorf("URI %q: %w", s, err)
	}
	query, err := url.PathUnescape(u.RawQuery)
	if err != nil {
		return URI{}, fmt.Errorf("URI %q: %w", s, err)
	}
	path := u.Path
	if strings.Trim(path, "/") == "" {
		path = ocf.PathPstat
	}
	return URI{Endpoint: u.Scheme + "://" + net.JoinHostPort(u.Hostname(), port), Path: path, Query: query}, nil
}

// zoned is s with the zone of its address, if it has one, behind %25.
func zoned(s string) string {
	open, shut := strings.IndexByte(s, '['), strings.IndexByte(s, ']')
	if open < 0 || shut < open {
		return s
	}
	return s[:open] + strings.Replace(strings.ReplaceAll(s[open:shut], "%25", "%"), "%", "%25", 1) + s[shut:]
}
