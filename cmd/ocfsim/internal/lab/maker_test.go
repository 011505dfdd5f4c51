package lab_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// TestDevicesAskForAnIdentityCertificate checks that a Device asks for an identity
// certificate for its present uuid and for the key that the fleet has. Without that
// plgd's client gives up.
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

// TestKeptMaker checks that a manufacturer which was kept and read again still has the
// key that an installed identity certificate is for.
func TestKeptMaker(t *testing.T) {
	id := ocf.UUID{1}
	maker, kept := made(t)
	again, err := lab.ParseMaker(kept)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := secure.NewCA("owner")
	if err != nil {
		t.Fatal(err)
	}
	installed, err := owner.SignCSR(maker.Security().CSR(id).Data, id)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(installed)
	identity, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if key := again.Secure(nil).Certificate.PrivateKey.(*ecdsa.PrivateKey); !key.PublicKey.Equal(identity.PublicKey) {
		t.Error("the Devices have another key")
	}
	if !bytes.Equal(maker.PEM(), again.PEM()) {
		t.Error("the manufacturer has another root")
	}
}

func TestDamagedMaker(t *testing.T) {
	_, one := made(t)
	_, other := made(t)
	half := bytes.Index(one, []byte("-----END PRIVATE KEY-----\n")) + len("-----END PRIVATE KEY-----\n")
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("lamp"), "cut": one[:len(one)-40], "no Devices": one[:half], "no authority": one[half:],
		"another's Devices": append(one[:half:half], other[half:]...),
	} {
		if _, err := lab.ParseMaker(data); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func made(t *testing.T) (*lab.Maker, []byte) {
	t.Helper()
	maker, err := lab.NewMaker()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := maker.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return maker, kept
}
