package reports

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// The bounds of what is read out of one payload.
const (
	deepestItem = 12
	mostItems   = 4096
)

var (
	errCut  = errors.New("the payload ends inside an item")
	errItem = errors.New("no CBOR item")
)

// item is one CBOR data item for display. Text is how a scalar is written in
// diagnostic notation; Of are the members of an array, or keys and values of a
// map in turn.
type item struct {
	Kind byte // the major type
	N    uint64
	Text string
	Of   []item
}

// reader takes items off in; left bounds how many.
type reader struct {
	in   []byte
	left int
}

// head reads an item's major type, the 5 bits after it, and its argument.
func (r *reader) head() (major, info byte, arg uint64, err error) {
	if len(r.in) == 0 {
		return 0, 0, 0, errCut
	}
	major, info = r.in[0]>>5, r.in[0]&31
	r.in = r.in[1:]
	switch {
	case info < 24:
		return major, info, uint64(info), nil
	case info == 31:
		return major, info, 0, nil
	case info > 27:
		return 0, 0, 0, errItem
	}
	n := 1 << (info - 24)
	if len(r.in) < n {
		return 0, 0, 0, errCut
	}
	var b [8]byte
	copy(b[8-n:], r.in[:n])
	r.in = r.in[n:]
	return major, info, binary.BigEndian.Uint64(b[:]), nil
}

func (r *reader) item(depth int) (item, error) {
	r.left--
	if depth > deepestItem || r.left < 0 {
		return item{}, errItem
	}
	major, info, arg, err := r.head()
	if err != nil {
		return item{}, err
	}
	it := item{Kind: major, N: arg}
	switch major {
	case 0:
		it.Text = strconv.FormatUint(arg, 10)
	case 1:
		n := new(big.Int).SetUint64(arg)
		it.Text = n.Not(n).String()
	case 2, 3:
		it.Text, err = r.text(major, info, arg)
	case 4, 5:
		per := uint64(major - 3)
		if arg > mostItems {
			return item{}, errItem
		}
		it.Of, err = r.members(info, arg*per, depth+1)
		if err == nil && len(it.Of)%int(per) != 0 {
			err = errItem
		}
	case 6:
		it.Of, err = r.members(0, 1, depth+1)
	default:
		it.Text = simple(info, arg)
	}
	return it, err
}

// members reads n items, or as many as stand before the break.
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

// ends reports whether nothing follows in a list or a string, and takes the
// break off that ends one of indefinite length.
func (r *reader) ends(info byte, n, done uint64) bool {
	if info != 31 {
		return done >= n
	}
	if len(r.in) > 0 && r.in[0] == 0xff {
		r.in = r.in[1:]
		return true
	}
	return false
}

func (r *reader) text(major, info byte, arg uint64) (string, error) {
	var content []byte
	if info != 31 {
		if arg > uint64(len(r.in)) {
			return "", errCut
		}
		content, r.in = r.in[:arg], r.in[arg:]
	} else {
		for !r.ends(info, 0, 0) {
			m, i, n, err := r.head()
			if err != nil {
				return "", err
			}
			if m != major || i == 31 || n > uint64(len(r.in)) {
				return "", errItem
			}
			content = append(content, r.in[:n]...)
			r.in = r.in[n:]
		}
	}
	if major == 2 {
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

// float writes x so that it can't be taken for an integer.
func float(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(s, ".eIN") {
		s += ".0"
	}
	return s
}

// half is the value of an IEEE 754 binary16 number.
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
