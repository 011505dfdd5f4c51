package target_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
)

const lampFile = `
name: Acme lamp
endpoint: coap://192.0.2.7:5683
security: {unsecured: true}
supports: {validation: true, update: true, autonomous: false}
timing: {validation: 2s, update: 3s, settle: 100ms, reboot: 3s}
update: {dos: unchanged, reboots: false, version: /oic/d#sv}
`

// bench brings a lamp into a state by what a vendor has on the bench.
type bench struct{}

func (bench) Apply(_ context.Context, name string) (*conformance.SourceReport, error) {
	switch name {
	case conformance.UpdateAvailable, conformance.NoUpdate: // tell the update server
		return nil, nil
	}
	return nil, fmt.Errorf("%w: %s", target.ErrUnsupported, name)
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "lamp.yaml")
	if err := os.WriteFile(name, []byte(lampFile), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	lamp, err := target.Load(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	lamp.Conditions = bench{} // instead of those in the file
	fmt.Println(lamp.Profile.Name, lamp.Profile.Endpoint, lamp.Profile.Timing.Settle)
	// Output: Acme lamp coap://192.0.2.7:5683 100ms
}

func ExampleFromURI() {
	lamp, err := target.FromURI("coap://192.0.2.7")
	fmt.Println(lamp.Profile.Endpoint, lamp.Profile.Secured, err)
	_, err = target.FromURI("http://192.0.2.7")
	fmt.Println(err != nil)
	// Output:
	// coap://192.0.2.7 false <nil>
	// true
}
