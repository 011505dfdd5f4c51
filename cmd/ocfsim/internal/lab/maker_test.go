package lab_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/ocf"
)

// A Device asks for an identity certificate of the uuid that it has now, and
// for the key that the fleet has: without that plgd's client gives up.
func TestDevicesAskForAnIdentityCertificate(t *testing.T) {
	maker, err := lab.NewMaker()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []ocf.UUID{{1}, {2}} {
		csr := maker.Security().CSR(id)
		block, _ := pem.Decode(csr.Data)
		if block == nil || csr.Encoding != ocf.EncodingPEM {
			t.Fatalf("csr: %q, %q", csr.Data, csr.Encoding)
		}
		request, err := x509.ParseCertificateRequest(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if want := "uuid:" + id.String(); request.Subject.CommonName != want {
			t.Errorf("common name %q, want %q", request.Subject.CommonName, want)
		}
		key := maker.Secure(nil).Certificate.PrivateKey.(*ecdsa.PrivateKey)
		if !key.PublicKey.Equal(request.PublicKey) {
			t.Error("it is not the Devices' key")
		}
	}
}
