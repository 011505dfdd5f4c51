package waiver_test

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance/waiver"
)

func ExampleParse() {
	all, err := waiver.Parse("waivers.yaml", []byte(`
- requirement: SVV-8
  device: "Acme*"
  edition: ocf-1.0
  reason: The bootloader keeps cm.
  reference: ACME-123
  expires: 2027-03-31
  approved-by: J. Doe
`))
	for _, w := range all {
		fmt.Println(w.At, w.Requirement, w.Expires)
	}
	fmt.Println(err)
	// Output:
	// waivers.yaml:2:3 SVV-8 2027-03-31
	// <nil>
}
