package secure

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// EncodeChain is a chain of certificates in DER as PEM, in the same order.
func EncodeChain(chain [][]byte) []byte {
	var out []byte
	for _, der := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return out
}

// ParseCertificates reads the certificates of a credential's public data, leaf first:
// any number in PEM, or one in DER. What stands between and behind PEM blocks
// is passed over, such as the NUL of a C string, and so are blocks of another
// type. There is at least one certificate if there is no error.
func ParseCertificates(data []byte) ([]*x509.Certificate, error) {
	if !bytes.Contains(data, []byte("-----BEGIN")) {
		cert, err := x509.ParseCertificate(data)
		if err != nil {
			return nil, fmt.Errorf("certificate chain is neither PEM nor DER: %w", err)
		}
		return []*x509.Certificate{cert}, nil
	}
	var chain []*x509.Certificate
	rest := data
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of the chain: %w", len(chain), err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, errors.New("certificate chain holds no certificate")
	}
	return chain, nil
}

// Pool is a pool of the certificates that ParseCertificates reads, to be used as Roots.
func Pool(data []byte) (*x509.CertPool, error) {
	chain, err := ParseCertificates(data)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, cert := range chain {
		pool.AddCert(cert)
	}
	return pool, nil
}
