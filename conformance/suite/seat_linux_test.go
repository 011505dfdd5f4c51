package suite

import "testing"

// TestOneSeat wants a Device to be tested by one process at a time, and the seat to be
// free again afterwards.
func TestOneSeat(t *testing.T) {
	const endpoint = "coap://127.99.0.1:5683"
	leave, err := sit(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sit(endpoint); err == nil {
		t.Error("a second one sits down")
	}
	other, err := sit(endpoint + "4")
	if err != nil {
		t.Error(err)
	}
	other()
	leave()
	again, err := sit(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
