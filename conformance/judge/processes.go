package judge

import "github.com/ocfsim/ocfsim/ocf"

// bothBits are the processes of the first edition.
const bothBits = ocf.SVV | ocf.SSU

// processes are the bits that request a process in the edition of the record.
func (s *story) processes() ocf.DPM { return s.edition.Processes() }

// kinds are the same bits, one by one: V, U, and N where the edition has it.
func (s *story) kinds() []ocf.DPM {
	all := []ocf.DPM{ocf.SVV, ocf.SSU}
	if s.processes().Has(ocf.NSA) {
		all = append(all, ocf.NSA)
	}
	return all
}
