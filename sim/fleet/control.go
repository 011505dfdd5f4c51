package fleet

import (
	"net/http"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Control accepts conditions over HTTP, as source.Control describes.
func (f *Fleet) Control() http.Handler { return source.Control(f.Condition) }
