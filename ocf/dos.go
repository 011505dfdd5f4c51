package ocf

import "fmt"

// DOS is the device onboarding state, pstat.dos.s. Only 0 to 4 are defined.
type DOS uint8

// The device onboarding states.
const (
	RESET  DOS = 0
	RFOTM  DOS = 1
	RFPRO  DOS = 2
	RFNOP  DOS = 3
	SRESET DOS = 4
)

var dosNames = [...]string{"RESET", "RFOTM", "RFPRO", "RFNOP", "SRESET"}

// Valid reports whether s is one of the five defined states.
func (s DOS) Valid() bool { return int(s) < len(dosNames) }

// String is the state's name, or its number where it has none.
func (s DOS) String() string {
	if s.Valid() {
		return dosNames[s]
	}
	return fmt.Sprintf("%d", uint8(s))
}

// ParseDOS reads a state's name.
func ParseDOS(name string) (DOS, error) {
	for i, n := range dosNames {
		if n == name {
			return DOS(i), nil
		}
	}
	return 0, fmt.Errorf("unknown dos %q, expected RESET, RFOTM, RFPRO, RFNOP or SRESET", name)
}
