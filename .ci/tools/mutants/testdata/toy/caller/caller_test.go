package caller

import (
	"testing"

	"toy"
)

func TestOdd(t *testing.T) {
	if !Odd(1) || toy.Elsewhere(4) || !toy.Elsewhere(3) {
		t.Error("odd")
	}
}
