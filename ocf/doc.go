// Package ocf holds the standard's words: device provisioning modes (dpmtype),
// device onboarding states (dos), the resources that carry them, their CBOR
// form and one text notation. It has no behaviour and no judgement: simulator
// and harness share these names and this wire form, and nothing else.
package ocf
