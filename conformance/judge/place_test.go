package judge

import "testing"

func TestPlace(t *testing.T) {
	for id, want := range map[string]string{
		"SVV-4":  "15.4.3 Software Version Validation",
		"SSU-4":  "15.4.4 Software Update",
		"USE-1":  "15.4.5 Recommended Usage",
		"OBS-5":  "15.4.3 Software Version Validation; 15.4.5 Recommended Usage",
		"SSU-15": "15.4.4 Software Update; 13.6 Provisioning Status Resource, Table 40",
		"USE-3":  "15.4.3 Software Version Validation; 15.4.4 Software Update",
		"DPM-1":  "13.6 Provisioning Status Resource, Table 39",
		"DPM-13": "13.6 Provisioning Status Resource, Table 39; Table 40",
		"DPM-9":  "13.6 Provisioning Status Resource, Table 40",
	} {
		found := false
		for _, r := range Requirements() {
			if r.ID != id {
				continue
			}
			found = true
			if got := r.Place().String(); got != want {
				t.Errorf("%s: %q, want %q", id, got, want)
			}
		}
		if !found {
			t.Errorf("no %s", id)
		}
	}
}

// TestEverySentenceHasAPlace wants each line of each requirement in exactly one section.
func TestEverySentenceHasAPlace(t *testing.T) {
	for _, r := range Requirements() {
		if r.Place().Section == "" {
			t.Errorf("%s: lines %q are in no section", r.ID, r.Lines)
		}
	}
	next := 1
	for _, s := range sections() {
		if s.from != next || s.to < s.from {
			t.Errorf("%s: from %d to %d, after %d", s.name, s.from, s.to, next-1)
		}
		next = s.to + 1
	}
}
