package talk

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// decoder is tolerant: text that is not UTF-8 and duplicate keys are shown
// rather than refused. Its bounds are those of a payload of some kilobytes.
var decoder = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		UTF8: cbor.UTF8DecodeInvalid, DupMapKey: cbor.DupMapKeyQuiet, MaxNestedLevels: maxDepth,
		MaxArrayElements: 1 << 16, MaxMapPairs: 1 << 16,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}()

// ToJSON turns a CBOR payload into compact JSON for a reader: byte strings
// stand in hexadecimal as "h'0102'", keys that are no text in their CBOR
// notation, members in alphabetical order.
func ToJSON(payload []byte) (json.RawMessage, error) {
	var v any
	if err := decoder.Unmarshal(payload, &v); err != nil {
		return nil, fmt.Errorf("payload is no CBOR: %w", err)
	}
	return json.Marshal(readable(v))
}

// readable is v with all that JSON does not have replaced by text.
func readable(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			m[keyText(key)] = readable(value)
		}
		return m
	case []any:
		for i := range v {
			v[i] = readable(v[i])
		}
		return v
	case []byte:
		return "h'" + hex.EncodeToString(v) + "'"
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return v
	case cbor.Tag:
		return map[string]any{fmt.Sprintf("tag %d", v.Number): readable(v.Content)}
	case nil, bool, string, int64, uint64:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	default: // big integers, simple values
		return fmt.Sprint(v)
	}
}

func keyText(key any) string {
	if s, ok := key.(string); ok {
		return s
	}
	return fmt.Sprint(key)
}
