package ocf

import "testing"

// N stands for bit 256 in every mask of a text, whatever stands around it, and nothing
// else of the text changes.
func TestLettered(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"tm=V cm=- dos=RFNOP":            "tm=V cm=- dos=RFNOP",
		"tm=0x100 cm=V+0x100 dos=RFNOP":  "tm=N cm=V+N dos=RFNOP",
		"tm=V+U+0x4100":                  "tm=V+U+N+0x4000",
		"0x100? and 0x102":               "N? and N+0x2",
		"cm=0x4000, tm=0x2":              "cm=0x4000, tm=0x2",
		"the bytes 0x10000 and 0xa0x100": "the bytes 0x10000 and 0xa0x100",
		"the number 100x100, and 0x":     "the number 100x100, and 0x",
	} {
		if got := Lettered(text); got != want {
			t.Errorf("Lettered(%q) = %q, want %q", text, got, want)
		}
	}
}

// A mask is read as it is shown.
func TestParseDPMTakesN(t *testing.T) {
	for text, want := range map[string]DPM{"N": NSA, "N+V": NSA | SVV, "V+U+N+0x4000": NSA | SVV | SSU | 0x4000} {
		if got, err := ParseDPM(text); got != want || err != nil {
			t.Errorf("ParseDPM(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}
