package published

import (
	"encoding/base64"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// mode is strict about what would hide something from a schema: a key that stands twice.
var mode = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, UTF8: cbor.UTF8DecodeInvalid, MaxNestedLevels: 32,
		MaxArrayElements: 1 << 16, MaxMapPairs: 1 << 16,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return m
}()

// decode is a CBOR payload as the JSON that the schemas speak of.
func decode(payload []byte) (any, error) {
	var v any
	if err := mode.Unmarshal(payload, &v); err != nil {
		return nil, fmt.Errorf("expected CBOR: %w", err)
	}
	return asJSON(v), nil
}

// asJSON is v as RFC 8949, 6.1 turns CBOR into JSON: bytes become their base64url.
func asJSON(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			m[fmt.Sprint(key)] = asJSON(value)
		}
		return m
	case []any:
		for i := range v {
			v[i] = asJSON(v[i])
		}
		return v
	case []byte:
		return base64.RawURLEncoding.EncodeToString(v)
	case cbor.Tag:
		return asJSON(v.Content)
	case nil, bool, string, int64, uint64, float64:
		return v
	}
	return fmt.Sprint(v) // big integers and simple values, which no schema of OCF's takes
}
