package sim

// Stage is how far a Device has come with a process. Two Stages that the Device is in one
// after the other differ, also where it does the same again: each question to the source
// and each step of an update is a Stage of its own.
type Stage struct {
	stage stage
	run   mode
	step  uint8
	ask   uint16
}

// Name is one of StageNames, or "" while no process runs, and between a power cut and the
// boot.
func (s Stage) Name() string {
	switch s.stage {
	case checking:
		return "checking"
	case fetching:
		return "fetching"
	case pausing:
		return "retrying"
	case working:
		if s.run == update {
			return "installing"
		}
		return "validating"
	case announcing:
		return "announcing"
	case idle, interrupted:
	}
	return ""
}

// StageNames are the names that a Stage may have, in the order in which an update goes
// through them.
func StageNames() []string {
	return []string{"checking", "fetching", "retrying", "validating", "installing", "announcing"}
}

// Stage is how far the Device has come with the process that runs.
func (d *Device) Stage() Stage {
	if d.run == 0 || d.stage == idle || d.stage == interrupted {
		return Stage{}
	}
	return Stage{stage: d.stage, run: d.run, step: d.step, ask: d.ask}
}
