package secure_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Every session ends with its test, and leaves no goroutine.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
