package talk

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Text and JSON are the CoAP content formats that are sent as they are typed.
const (
	FormatText = 0
	FormatJSON = 50
)

// formatNames are the names that -A and -t take.
var formatNames = []struct {
	name   string
	format uint16
}{
	{"ocf", ocf.FormatOCFCBOR},
	{"application/vnd.ocf+cbor", ocf.FormatOCFCBOR},
	{"cbor", ocf.FormatCBOR},
	{"application/cbor", ocf.FormatCBOR},
	{"link", ocf.FormatLinks},
	{"application/link-format", ocf.FormatLinks},
	{"text", FormatText},
	{"text/plain", FormatText},
	{"json", FormatJSON},
	{"application/json", FormatJSON},
}

// ParseFormat reads a CoAP content format: a number from 0 to 65535 or one of
// ocf, cbor, link, text and json.
func ParseFormat(s string) (uint16, error) {
	for _, f := range formatNames {
		if f.name == s {
			return f.format, nil
		}
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("unknown content format %q, expected a number from 0 to 65535, ocf, cbor, link, text or json", s)
	}
	return uint16(n), nil
}

// IsCBOR reports whether a payload of the format is CBOR.
func IsCBOR(format uint16) bool { return format == ocf.FormatOCFCBOR || format == ocf.FormatCBOR }

// IsText reports whether a payload of the format can be shown as it is.
func IsText(format uint16) bool {
	return format == FormatText || format == FormatJSON || format == ocf.FormatLinks
}

// reasons are the names of CoAP's response codes (RFC 7252 section 12.1.2).
var reasons = map[string]string{
	"2.01": "Created", "2.02": "Deleted", "2.03": "Valid", "2.04": "Changed", "2.05": "Content", "2.31": "Continue",
	"4.00": "Bad Request", "4.01": "Unauthorized", "4.02": "Bad Option", "4.03": "Forbidden", "4.04": "Not Found",
	"4.05": "Method Not Allowed", "4.06": "Not Acceptable", "4.08": "Request Entity Incomplete",
	"4.12": "Precondition Failed", "4.13": "Request Entity Too Large", "4.15": "Unsupported Content-Format",
	"5.00": "Internal Server Error", "5.01": "Not Implemented", "5.02": "Bad Gateway", "5.03": "Service Unavailable",
	"5.04": "Gateway Timeout", "5.05": "Proxying Not Supported",
}

// CodeText is a response code with its name: "2.05 Content".
func CodeText(code string) string { return strings.TrimSpace(code + " " + reasons[code]) }

// Success reports whether a response code is of class 2.
func Success(code string) bool { return strings.HasPrefix(code, "2.") }
