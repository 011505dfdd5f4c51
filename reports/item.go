package reports

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Limits on what is read from one payload.
const (
	deepestItem = 12
	mostItems   = 4096
)

// item is one CBOR data item for display. Text is a scalar in diagnostic notation.
// Of holds the members of an array, or the alternating keys and values of a map.
type item struct {
	Kind byte // the major type
	N    uint64
	Text string
	Of   []item
}

// reader takes items from in. left limits how many more it may take.
type reader struct {
	in   []byte
	left int
}

// head takes the head of an item.
func (r *reader) head() (ocf.Head, error) {
	h, rest, err := ocf.ReadHead(r.in)
	if err == nil {
		r.in = rest
	}
	return h, err
}

func (r *reader) item(depth int) (item, error) {
	r.left--
	if depth > deepestItem || r.left < 0 {
		return item{}, ocf.ErrItem
	}
	h, err := r.head()
	if err != nil {
		return item{}, err
	}
	it := item{Kind: h.Major, N: h.Arg}
	switch h.Major {
	case ocf.MajorUint:
		it.Text = strconv.FormatUint(h.Arg, 10)
	case ocf.MajorNegative:
		n := new(big.Int).SetUint64(h.Arg)
		it.Text = n.Not(n).String()
	case ocf.MajorBytes, ocf.MajorText:
		it.Text, err = r.text(h)
	case ocf.MajorArray, ocf.MajorMap:
		per := uint64(h.Major - 3)
		if h.Arg > mostItems {
			return item{}, ocf.ErrItem
		}
		it.Of, err = r.members(h.Info, h.Arg*per, depth+1)
		if err == nil && len(it.Of)%int(per) != 0 {
			err = ocf.ErrItem
		}
	case ocf.MajorTag:
		it.Of, err = r.members(0, 1, depth+1)
	default:
		it.Text = simple(h.Info, h.Arg)
	}
	return it, err
}

// members reads n items, or those before the break.
func (r *reader) members(info byte, n uint64, depth int) ([]item, error) {
	var of []item
	for i := uint64(0); !r.ends(info, n, i); i++ {
		it, err := r.item(depth)
		if err != nil {
			return nil, err
		}
		of = append(of, it)
	}
	return of, nil
}

// ends reports whether a list or a string has ended. It takes the break that ends
// one of indefinite length.
func (r *reader) ends(info byte, n, done uint64) bool {
	if info != ocf.Indefinite {
		return done >= n
	}
	if len(r.in) > 0 && r.in[0] == ocf.Break {
		r.in = r.in[1:]
		return true
	}
	return false
}

func (r *reader) text(h ocf.Head) (string, error) {
	var content []byte
	if h.Info != ocf.Indefinite {
		if h.Arg > uint64(len(r.in)) {
			return "", ocf.ErrCut
		}
		content, r.in = r.in[:h.Arg], r.in[h.Arg:]
	} else {
		for !r.ends(h.Info, 0, 0) {
			part, err := r.head()
			if err != nil {
				return "", err
			}
			if part.Major != h.Major || part.Info == ocf.Indefinite || part.Arg > uint64(len(r.in)) {
				return "", ocf.ErrItem
			}
			content = append(content, r.in[:part.Arg]...)
			r.in = r.in[part.Arg:]
		}
	}
	if h.Major == ocf.MajorBytes {
		return "h'" + hex.EncodeToString(content) + "'", nil
	}
	return strconv.Quote(string(content)), nil
}

func simple(info byte, arg uint64) string {
	switch info {
	case 20:
		return "false"
	case 21:
		return "true"
	case 22:
		return "null"
	case 23:
		return "undefined"
	case 25:
		return float(half(uint16(arg)))
	case 26:
		return float(float64(math.Float32frombits(uint32(arg))))
	case 27:
		return float(math.Float64frombits(arg))
	}
	return fmt.Sprintf("simple(%d)", arg)
}

// float formats x so that it cannot be mistaken for an integer.
func float(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(s, ".eIN") {
		s += ".0"
	}
	return s
}

// half returns the value of an IEEE 754 binary16 number.
func half(b uint16) float64 {
	exp, mant := int(b>>10&31), float64(b&1023)
	var x float64
	switch exp {
	case 0:
		x = math.Ldexp(mant, -24)
	case 31:
		x = math.Inf(1)
		if mant != 0 {
			x = math.NaN()
		}
	default:
		x = math.Ldexp(mant+1024, exp-25)
	}
	if b&0x8000 != 0 {
		return -x
	}
	return x
}
