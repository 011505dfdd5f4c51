package sim

// Stage is how far a Device has come with a process. Two Stages that the Device is in one
// after the other differ, also where it does the same again: each question to the source
// and each step of an update is a Stage of its own.
type Stage struct {
	// Name is "checking", "fetching", "retrying", "validating", "installing" or
	// "announcing"; "" while no process runs, and between a power cut and the boot.
	Name  string
	entry uint32
}

// StageNames are the names that a Stage may have, in the order in which an update goes
// through them.
func StageNames() []string {
	return []string{"checking", "fetching", "retrying", "validating", "installing", "announcing"}
}

// Stage is how far the Device has come with the process that runs.
func (d *Device) Stage() Stage {
	if d.run == 0 {
		return Stage{}
	}
	s := Stage{entry: uint32(d.ask)<<16 | uint32(d.step)<<8 | uint32(d.run)}
	switch d.stage {
	case checking:
		s.Name = "checking"
	case fetching:
		s.Name = "fetching"
	case pausing:
		s.Name = "retrying"
	case working:
		s.Name = "validating"
		if d.run == update {
			s.Name = "installing"
		}
	case announcing:
		s.Name = "announcing"
	case idle, interrupted:
		return Stage{}
	}
	return s
}
