package ocf_test

import (
	"fmt"

	"github.com/ocfsim/ocfsim/ocf"
)

// A Client that requests software version validation writes tm=V.
func ExamplePstatUpdate() {
	payload := ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.SVV}.AppendCBOR(nil)
	fmt.Printf("%x\n", payload)
	u, err := ocf.DecodePstatUpdate(payload)
	fmt.Println(u.TM, err)
	// Output:
	// a162746d1840
	// V <nil>
}

// Masks have one notation, in text and in feature files.
func ExampleParseDPM() {
	both, err := ocf.ParseDPM("V+U")
	fmt.Println(uint16(both), both.Has(ocf.SSU), both.Without(ocf.SSU), err)
	// Output: 192 true V <nil>
}
