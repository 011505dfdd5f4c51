package suite

import (
	"runtime"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// benchOf is what a run against t is made with.
func benchOf(t target.Config) *assess.Bench {
	b := &assess.Bench{Host: assess.Host{OS: runtime.GOOS, Arch: runtime.GOARCH}}
	h := target.HookOf(t.Conditions)
	if h.Kind == "" {
		return b
	}
	b.Hook = &assess.Hook{Kind: h.Kind, Name: h.Name}
	for _, f := range h.Files {
		b.Hook.Files = append(b.Hook.Files, assess.HookFile(f))
	}
	return b
}
