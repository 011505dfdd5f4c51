package ocf_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func TestCheckPort(t *testing.T) {
	for text, good := range map[string]bool{
		"1": true, "5683": true, "65535": true,
		"": false, "0": false, "65536": false, "99999": false, "-1": false, "+1": false, "coap": false,
	} {
		if err := ocf.CheckPort(text); (err == nil) != good {
			t.Errorf("CheckPort(%q) = %v", text, err)
		}
	}
}
