package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf/capture"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// packets are the numbers of datagrams in a capture, by timeline and observation.
type packets map[place]int

// place is an observation of a timeline.
type place struct {
	file string
	n    int
}

// number sets the Packet of each observation of a timeline.
func (p packets) number(file string, tl conformance.Timeline) {
	for i := range tl.Observations {
		tl.Observations[i].Packet = p[place{file, i}]
	}
}

// said is what a datagram says during the scenario of a timeline, decrypted.
type said struct{ file, words string }

// identify finds out which datagram of a capture each observation is: the one with the
// same bytes during the same scenario. Of several alike, the first is the first.
func identify(name string, runs []conformance.ScenarioRun) (packets, error) {
	passed := map[said][]int{}
	var onlooker secure.Onlooker
	err := readCapture(name, func(b capture.Block) error {
		onlooker.Learn(b.Secrets)
		p := b.Packet
		if b.Number == 0 {
			return nil
		}
		words := onlooker.Hear(p.From, p.To, p.Data) // also of what is no session: it may be one's handshake
		if len(p.Comments) == 0 || !strings.HasPrefix(p.Comments[0], during) {
			return nil
		}
		file := strings.TrimPrefix(p.Comments[0], during)
		for _, w := range append(words, p.Data) {
			key := said{file, string(w)}
			passed[key] = append(passed[key], b.Number)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := packets{}
	for _, run := range runs {
		for i, o := range run.Timeline.Observations {
			if o.Frame == nil || len(o.Frame.Raw) == 0 {
				continue
			}
			key := said{run.File, string(o.Frame.Raw)}
			alike := passed[key]
			if len(alike) == 0 {
				continue
			}
			found[place{run.File, i}] = alike[0]
			if len(alike) > 1 { // the last one stands for what is told of it twice
				passed[key] = alike[1:]
			}
		}
	}
	return found, nil
}

// observed is the comment of a datagram that is an observation; packetsIn reads it.
func observed(p place) string { return fmt.Sprintf("observation %d of %s", p.n, p.file) }

// packetsIn reads from the comments of the capture in dir which datagram each
// observation is. There are none without a capture, or with one that can't be read.
func packetsIn(dir string) packets {
	found := packets{}
	_ = readCapture(filepath.Join(dir, CaptureFile), func(b capture.Block) error {
		for _, text := range b.Packet.Comments {
			var p place
			if n, _ := fmt.Sscanf(text, "observation %d of %s", &p.n, &p.file); n == 2 {
				found[p] = b.Number
			}
		}
		return nil
	})
	return found
}

// readCapture reads a capture, if it is there.
func readCapture(name string, f func(capture.Block) error) error {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer file.Close()
	return capture.Read(file, f)
}
