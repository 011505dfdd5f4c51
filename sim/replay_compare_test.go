package sim_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// comparison compares what one Device says with what was recorded from another.
type comparison struct {
	*stage
	at  string // path of the resource
	say func(difference string)
}

// free are the properties for which each Device has values of its own.
var free = []string{"n", "piid", "icv", "dmv", "aceid", "credid", "csr"}

// identities are the properties that contain the Device's own uuid.
var identities = []string{"anchor", "di", "deviceuuid"}

// compareAnswer compares the last answer with the recorded one: the code must be the
// same, and each recorded property must be there with the same type and value.
func (s *stage) compareAnswer(request, recorded *line, differs func(string)) {
	said, payload := "no answer", []byte(nil)
	if s.response != nil {
		said = code(s.response.Code)
		if s.response.Rep.Path != "" {
			payload = s.device.Encode(nil, s.response.Rep, s.endpoints())
		}
	}
	if said != recorded.Code {
		differs(fmt.Sprintf("%s %s: %s, here %s", request.Code, request.Path, recorded.Code, said))
		return
	}
	if recorded.Observe != nil && !s.response.Observable {
		differs(fmt.Sprintf("%s %s: observable, here not", request.Code, request.Path))
	}
	c := comparison{stage: s, at: request.Path, say: differs}
	c.payloads(recorded, payload)
}

// compareSilence checks that the Device gives no answer, as the recorded one did.
func (s *stage) compareSilence(request *line, differs func(string)) {
	if s.response != nil {
		differs(fmt.Sprintf("%s %s: no answer, here %s", request.Code, request.Path, code(s.response.Code)))
	}
}

// compareNotifications compares each notification with a recorded one. Other tests
// check how many there are and what tm and cm they carry.
func (s *stage) compareNotifications(recorded, request *line, differs func(string)) {
	s.rest()
	of := "notifications of " + request.Path
	told := slices.DeleteFunc(slices.Clone(s.told), func(r sim.Rep) bool { return r.Path != request.Path })
	if len(told) == 0 {
		differs(of + ": there, here none")
	}
	for _, rep := range told {
		c := comparison{stage: s, at: of, say: func(difference string) {
			if !strings.HasPrefix(difference, of+" tm: ") && !strings.HasPrefix(difference, of+" cm: ") {
				differs(difference)
			}
		}}
		c.payloads(recorded, s.device.Encode(nil, rep, s.endpoints()))
	}
}

func (c *comparison) payloads(recorded *line, here []byte) {
	there, err := recorded.bytes()
	if err != nil {
		c.say(err.Error())
		return
	}
	if len(there) == 0 || len(here) == 0 {
		if len(there) != len(here) {
			c.differ("", "payload of %d bytes, here %d", len(there), len(here))
		}
		return
	}
	var a, b any
	if err := cbor.Unmarshal(there, &a); err != nil {
		c.say(err.Error())
	} else if err := cbor.Unmarshal(here, &b); err != nil {
		c.differ("", "CBOR, here %v", err)
	} else {
		c.values("", a, b)
	}
}

// values compares the values at name.
func (c *comparison) values(name string, there, here any) {
	property := name[strings.LastIndexByte(name, '.')+1:]
	if x, y := fmt.Sprintf("%T", there), fmt.Sprintf("%T", here); x != y {
		c.differ(name, "%s, here %s", x, y)
		return
	}
	switch there := there.(type) {
	case map[any]any:
		c.maps(name, there, here.(map[any]any))
	case []any:
		c.lists(name, there, here.([]any))
	case string:
		if slices.Contains(identities, property) && c.renamed {
			c.renamed = false
			c.uuids[strings.TrimPrefix(there, "ocf://")] = c.device.ID().String()
		}
		for old, now := range c.uuids {
			there = strings.ReplaceAll(there, old, now)
		}
		if there != here && !slices.Contains(free, property) {
			c.differ(name, "%q, here %q", there, here)
		}
	default:
		if x, y := fmt.Sprint(there), fmt.Sprint(here); x != y && !slices.Contains(free, property) {
			c.differ(name, "%s, here %s", x, y)
		}
	}
}

func (c *comparison) maps(name string, there, here map[any]any) {
	for _, key := range slices.SortedFunc(maps.Keys(there), func(a, b any) int { return strings.Compare(a.(string), b.(string)) }) {
		inner := strings.TrimPrefix(name+"."+key.(string), ".")
		if v, ok := here[key]; ok {
			c.values(inner, there[key], v)
		} else {
			c.differ(inner, "there, here missing")
		}
	}
}

func (c *comparison) lists(name string, there, here []any) {
	switch {
	case c.at == ocf.PathRes && name == "":
		c.links(there, here)
	case strings.HasSuffix(name, "eps"):
		if x, y := schemes(there), schemes(here); x != y {
			c.differ(name, "%s, here %s", x, y)
		}
	case strings.HasSuffix(name, "rt"), strings.HasSuffix(name, "if"):
		for _, word := range there {
			if !slices.Contains(here, word) && !strings.HasPrefix(word.(string), "oic.d.") {
				c.differ(name, "%s, here missing", word)
			}
		}
	case len(there) != len(here):
		c.differ(name, "%v, here %v", there, here)
	default:
		for i := range there {
			c.values(fmt.Sprintf("%s.%d", name, i), there[i], here[i])
		}
	}
}

// links compares the links that have the same href.
func (c *comparison) links(there, here []any) {
	href := func(link any) any { return link.(map[any]any)["href"] }
	for _, link := range there {
		i := slices.IndexFunc(here, func(l any) bool { return href(l) == href(link) })
		if i < 0 {
			c.differ(fmt.Sprint(href(link)), "there, here missing")
			continue
		}
		c.values(fmt.Sprint(href(link)), link, here[i])
	}
}

// schemes lists the schemes of endpoints, in order.
func schemes(eps []any) string {
	var list []string
	for _, ep := range eps {
		scheme, _, _ := strings.Cut(ep.(map[any]any)["ep"].(string), ":")
		list = append(list, scheme)
	}
	return strings.Join(list, "+")
}

func (c *comparison) differ(name, format string, args ...any) {
	c.say(strings.TrimSpace(c.at+" "+name) + ": " + fmt.Sprintf(format, args...))
}
