package judge

import (
	"testing"
)

func FuzzReadPayload(f *testing.F) {
	f.Add([]byte{0xa1, 0x62, 't', 'm', 0x18, 0x40})
	f.Add([]byte{0xbf, 0x62, 't', 'm', 0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0, 0xff})
	f.Add([]byte{0x9f, 0x9f, 0x9f})
	f.Fuzz(func(_ *testing.T, b []byte) {
		v, _ := readPayload(b)
		_ = write{body: v, ok: true}.says()
	})
}
