package reports

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ocfsim/ocfsim/ocf"
)

// payloadText formats a payload for people: a CBOR map in the notation of pstat
// ("tm=V cm=- dos=RFNOP isop=true"), other CBOR in diagnostic notation, text as it
// is, and anything else in hexadecimal.
func payloadText(payload []byte) string {
	if len(payload) == 0 {
		return ""
	}
	r := reader{in: payload, left: mostItems}
	it, err := r.item(0)
	switch {
	case err == nil && len(r.in) == 0 && it.Kind == 5:
		return clean(properties(it.Of))
	case err == nil && len(r.in) == 0:
		return clean(it.String())
	case printable(payload):
		return clean(string(payload))
	}
	return "h'" + hex.EncodeToString(payload) + "'"
}

func printable(b []byte) bool {
	return utf8.Valid(b) && strings.IndexFunc(string(b), hidden) < 0
}

// String returns the item in CBOR's diagnostic notation.
func (it item) String() string {
	var b strings.Builder
	it.write(&b)
	return b.String()
}

func (it item) write(b *strings.Builder) {
	switch it.Kind {
	case 4:
		b.WriteByte('[')
		for i, member := range it.Of {
			if i > 0 {
				b.WriteString(", ")
			}
			member.write(b)
		}
		b.WriteByte(']')
	case 5:
		b.WriteByte('{')
		for i := 0; i+1 < len(it.Of); i += 2 {
			if i > 0 {
				b.WriteString(", ")
			}
			it.Of[i].write(b)
			b.WriteString(": ")
			it.Of[i+1].write(b)
		}
		b.WriteByte('}')
	case 6:
		fmt.Fprintf(b, "%d(", it.N)
		for _, member := range it.Of {
			member.write(b)
		}
		b.WriteByte(')')
	default:
		b.WriteString(it.Text)
	}
}

// properties formats the pairs of a map as the properties of a representation.
func properties(pairs []item) string {
	if len(pairs) == 0 {
		return "{}"
	}
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i].name(), pairs[i+1]
		if name == "dos" && value.Kind == 5 {
			words = append(words, dosWords(value.Of)...)
			continue
		}
		words = append(words, name+"="+value.property(name))
	}
	return strings.Join(words, " ")
}

// dosWords formats the object dos as samples do: first its state, then the rest. It
// leaves out a p that is false, which the raw bytes show.
func dosWords(pairs []item) []string {
	var words, rest []string
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i].name(), pairs[i+1]
		switch {
		case name == "s" && value.Kind == 0 && value.N <= math.MaxUint8:
			words = append(words, "dos="+ocf.DOS(value.N).String())
		case name == "p" && value.Text == "false" && value.Kind == 7:
		default:
			rest = append(rest, "dos."+name+"="+value.String())
		}
	}
	return append(words, rest...)
}

// name returns a key, without its quotes if it can be read without them.
func (it item) name() string {
	if it.Kind != 3 {
		return it.String()
	}
	if s, err := strconv.Unquote(it.Text); err == nil && s != "" && !strings.ContainsAny(s, " =\"") && printable([]byte(s)) {
		return s
	}
	return it.Text
}

// property formats a value, with tm and cm in the notation of masks.
func (it item) property(name string) string {
	if (name == "tm" || name == "cm") && it.Kind == 0 && it.N <= math.MaxUint16 {
		return ocf.DPM(it.N).String()
	}
	return it.String()
}
