package script

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// pstat is the representation that text describes.
func (s *script) pstat(text string) []byte {
	p := ocf.Pstat{DOS: ocf.RFNOP, OM: 4, SM: 4}
	lacks, isop, iface := ocf.Properties(0), "", ocf.InterfaceDefault
	for _, w := range strings.Fields(text) {
		name, v, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "tm":
			p.TM, err = ocf.ParseDPM(v)
		case "cm":
			p.CM, err = ocf.ParseDPM(v)
		case "dos":
			p.DOS, err = ocf.ParseDOS(v)
		case "p":
			p.Pending = v == "true"
		case "isop":
			isop = v
		case "common":
			iface = ocf.InterfaceBaseline
		case "owner":
			p.Rowner, err = ocf.ParseUUID(v)
		case "sm", "om":
			var n uint64
			n, err = strconv.ParseUint(v, 10, 8)
			*map[string]*uint8{"sm": &p.SM, "om": &p.OM}[name] = uint8(n)
		case "lacks":
			lacks = map[string]ocf.Properties{"cm": ocf.PropCM, "tm": ocf.PropTM, "om": ocf.PropOM, "p": ocf.PropP, "dos": ocf.PropDOS | ocf.PropP}[v]
		default:
			err = fmt.Errorf("state %q", w)
		}
		s.check(err)
	}
	p.ISOP = p.DOS == ocf.RFNOP
	if isop != "" {
		p.ISOP = isop == "true"
	}
	all := ocf.PropDOS | ocf.PropP | ocf.PropISOP | ocf.PropCM | ocf.PropTM | ocf.PropOM | ocf.PropSM | ocf.PropRowner
	p.Present = all &^ lacks
	return p.AppendCBOR(nil, iface)
}

// payload is what text writes to pstat: properties, or bytes in hexadecimal.
func (s *script) payload(text string) []byte {
	if h, ok := strings.CutPrefix(text, "hex:"); ok {
		b, err := hex.DecodeString(h)
		s.check(err)
		return b
	}
	var u ocf.PstatUpdate
	for _, w := range strings.Fields(text) {
		name, v, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "tm":
			u.Set |= ocf.PropTM
			u.TM, err = ocf.ParseDPM(v)
		case "cm":
			u.Set |= ocf.PropCM
			u.CM, err = ocf.ParseDPM(v)
		case "dos":
			u.Set |= ocf.PropDOS
			u.DOS, err = ocf.ParseDOS(v)
		case "isop":
			u.Set |= ocf.PropISOP
			u.ISOP = v == "true"
		case "p":
			u.Set |= ocf.PropP
			u.P = v == "true"
		default:
			err = fmt.Errorf("update %q", w)
		}
		s.check(err)
	}
	return u.AppendCBOR(nil)
}
