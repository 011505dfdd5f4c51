package talk

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// decoder is tolerant: it shows text that is not UTF-8 and duplicate keys instead of
// refusing them. Its limits suit payloads of some kilobytes.
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

// ToJSON turns a CBOR payload into compact JSON for a reader. Byte strings become
// "h'0102'" in hexadecimal, keys that are not text are written in CBOR's diagnostic
// notation, and members are in alphabetical order.
func ToJSON(payload []byte) (json.RawMessage, error) {
	var v any
	if err := decoder.Unmarshal(payload, &v); err != nil {
		return nil, fmt.Errorf("the payload is not CBOR: %w", err)
	}
	return json.Marshal(readable(v))
}

// readable is v with everything that JSON can not express replaced by text.
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
