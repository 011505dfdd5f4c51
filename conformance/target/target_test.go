package target

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// outer is what synctest bubbles inside a spec hang on.
var outer *testing.T

func TestTarget(t *testing.T) {
	outer = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "Device under test")
}
