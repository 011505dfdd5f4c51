package target

import "fmt"

// Distinct is an error where two targets declare the same Device, by its endpoint
// or by the di to discover: two runs on one Device disturb each other.
func Distinct(targets []Config) error {
	names := map[string]string{}
	for _, t := range targets {
		for _, key := range t.declared() {
			if other, ok := names[key]; ok {
				return fmt.Errorf("targets %s and %s are the same Device, %s: run them one after another", other, t.Profile.Name, key)
			}
			names[key] = t.Profile.Name
		}
	}
	return nil
}

// declared is what tells the Device from others, as far as the target says.
func (c Config) declared() []string {
	var keys []string
	if address, _, err := parseEndpoint(c.Profile.Endpoint); err == nil {
		keys = append(keys, "at "+address)
	}
	if !c.Find.IsNil() {
		keys = append(keys, "with di "+c.Find.String())
	}
	return keys
}
