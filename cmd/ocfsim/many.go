package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/sim"
)

// mostDevices is how many Devices can be embedded: so many addresses the network
// 127.2.0.0/16 has.
const mostDevices = 50_000

// many are so many Devices as --devices says: of the behaviours of --behaviour by their
// weights, else of list in turn. Each has the name of what it is, and a number. Without
// --devices it is list.
func many(flags testFlags, list []lab.Specimen) ([]lab.Specimen, error) {
	switch n := flags.devices; {
	case n == 0 && flags.mix != "":
		return nil, errors.New("--behaviour: say with --devices how many Devices")
	case n == 0:
		return list, nil
	case n < 0 || n > mostDevices:
		return nil, fmt.Errorf("--devices %d: expected from 1 to %d", n, mostDevices)
	}
	choose := func(i int) int { return i % len(list) }
	if flags.mix != "" {
		mix, err := sim.ParseMix(flags.mix)
		if err != nil {
			return nil, fmt.Errorf("--behaviour: %w", err)
		}
		var names []string
		for _, share := range mix {
			names = append(names, share.Name)
		}
		if list, err = lab.Specimens(names); err != nil {
			return nil, fmt.Errorf("--behaviour: %w", err)
		}
		choose = func(i int) int { return mix.Choose(flags.seed, uint64(i)) }
	}
	all := make([]lab.Specimen, flags.devices)
	for i := range all {
		all[i] = list[choose(i)]
		all[i].Name = fmt.Sprintf("%s-%0*d", all[i].Name, len(fmt.Sprint(flags.devices)), i+1)
	}
	lab.Own(all)
	return all, nil
}

// unnumbered is the name of what an embedded Device is, without the number that many has
// given it.
func unnumbered(flags testFlags, name string) string {
	if i := strings.LastIndexByte(name, '-'); flags.devices > 0 && i > 0 {
		return name[:i]
	}
	return name
}
