package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// resource writes what goes between a Client and any other resource.
func (s *script) resource(word, rest string) bool {
	switch word {
	case "see":
		path, what, ok := strings.Cut(rest, " ")
		if !ok {
			s.check(errors.New("expected a path, and the answer"))
			return true
		}
		n := s.request("GET", path, nil, nil)
		if strings.HasPrefix(what, "{") {
			what = fmt.Sprintf("hex:%x", s.json(what))
		}
		s.answer(n, path, what, nil)
	case "writes":
		path, code, ok := strings.Cut(rest, " ")
		if !ok {
			s.check(errors.New("expected a path, and the answer"))
			return true
		}
		s.answer(s.request("POST", path, s.json("{}"), nil), path, code, nil)
	case "lists":
		x := ocf.Res{Links: []ocf.Link{{Href: ocf.PathPstat, RT: []string{ocf.RTPstat}}}}
		for _, w := range strings.Fields(rest) {
			rt, path, _ := strings.Cut(w, "=")
			x.Links = append(x.Links, ocf.Link{Href: path, RT: []string{rt}})
		}
		s.read(ocf.PathRes, x.AppendCBOR(nil, ocf.InterfaceDefault))
	case "on":
		name, what, _ := strings.Cut(rest, " ")
		n := s.request("GET", ocf.PathPstat, nil, nil)
		s.tl.Observations[n].Frame.Query = "if=" + name
		s.answer(n, ocf.PathPstat, what, nil)
	default:
		return false
	}
	return true
}

// version reads the software version where the target declares it to be, or in /oic/d.
func (s *script) version(version string) {
	if strings.HasPrefix(s.tl.Header.Target.Update.Version, ocf.PathP) {
		p := ocf.P{MNFV: version}
		s.read(ocf.PathP, p.AppendCBOR(nil, ocf.InterfaceDefault))
		return
	}
	d := ocf.D{SV: version, DI: ocf.UUID{1}}
	s.read(ocf.PathD, d.AppendCBOR(nil, ocf.InterfaceDefault))
}

// json is text in CBOR, the names of maps in the order of the alphabet.
func (s *script) json(text string) []byte {
	var v any
	s.check(json.Unmarshal([]byte(text), &v))
	return s.item(nil, v)
}

func (s *script) item(dst []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		dst = ocf.AppendMap(dst, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			dst = s.item(ocf.AppendText(dst, name), v[name])
		}
	case []any:
		dst = ocf.AppendArray(dst, len(v))
		for _, element := range v {
			dst = s.item(dst, element)
		}
	case string:
		dst = ocf.AppendText(dst, v)
	case bool:
		dst = ocf.AppendBool(dst, v)
	case float64:
		dst = ocf.AppendUint(dst, uint64(v))
	default:
		s.check(fmt.Errorf("%v is nothing that a script writes", v))
	}
	return dst
}
