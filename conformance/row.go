package conformance

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Row is a pattern of one state. A cell is "*" (any), "-" (neither V nor U) or
// bits joined by "+"; "?" after a bit means it may be either: "U+V?". An empty
// cell is "*". Bits that edition 1.0 does not define, those of the high byte, may
// be either where they are not named: what they mean is for DPM-1 and DPM-10.
type Row struct {
	TM  string `json:"tm"`
	CM  string `json:"cm"`
	DOS string `json:"dos"`
}

// maskPattern is a compiled cell: value and care say what the bits have to be.
type maskPattern struct{ value, care ocf.DPM }

func (p maskPattern) matches(m ocf.DPM) bool { return m&p.care == p.value }

// defined are the bits that seed.txt 86-106 defines: the low byte.
const defined ocf.DPM = 0xff

// parseMask reads a cell of Row: "*", "-", or bits joined by "+", each with an
// optional "?". Bits of the low byte that are not named have to be 0.
func parseMask(cell string) (maskPattern, error) {
	cell = strings.TrimSpace(cell)
	if cell == "*" || cell == "" {
		return maskPattern{}, nil
	}
	p, free := maskPattern{care: defined}, ocf.DPM(0)
	for part := range strings.SplitSeq(cell, "+") {
		name, either := strings.CutSuffix(part, "?")
		bits, err := ocf.ParseDPM(name)
		if err != nil {
			return p, err
		}
		if either {
			free = free.With(bits)
		} else {
			p.value, p.care = p.value.With(bits), p.care.With(bits)
		}
	}
	p.care = p.care.Without(free)
	p.value &= p.care
	return p, nil
}

// Validate says what is wrong with a cell of r.
func (r Row) Validate() error {
	if _, err := parseMask(r.TM); err != nil {
		return fmt.Errorf("tm: %w", err)
	}
	if _, err := parseMask(r.CM); err != nil {
		return fmt.Errorf("cm: %w", err)
	}
	if r.anyDOS() {
		return nil
	}
	_, err := ocf.ParseDOS(r.DOS)
	return err
}

// Matches reports whether p is in the state that r describes.
func (r Row) Matches(p ocf.Pstat) bool {
	tm, errTM := parseMask(r.TM)
	cm, errCM := parseMask(r.CM)
	if errTM != nil || errCM != nil || !tm.matches(p.TM) || !cm.matches(p.CM) {
		return false
	}
	if r.anyDOS() {
		return true
	}
	dos, err := ocf.ParseDOS(r.DOS)
	return err == nil && p.Present.Has(ocf.PropDOS) && dos == p.DOS
}

// String is r in the notation of samples: "tm=V cm=- dos=RFNOP".
func (r Row) String() string {
	cell := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	return "tm=" + cell(r.TM) + " cm=" + cell(r.CM) + " dos=" + cell(r.DOS)
}

func (r Row) anyDOS() bool { return r.DOS == "" || r.DOS == "*" }
