// Package certs makes the certificates of a trusted source on a bench: a CA of its own,
// an intermediate one, and the source's certificate, right or wrong in one way.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Wrong is what is wrong with a certificate. The zero value is nothing.
type Wrong string

// What may be wrong with a certificate.
const (
	OtherCA        Wrong = "other-ca"        // it leads to a root that nobody trusts
	Expired        Wrong = "expired"         // it was valid until an hour ago
	NotYetValid    Wrong = "not-yet-valid"   // it will be valid in an hour
	OtherName      Wrong = "other-name"      // it names another host
	NoIntermediate Wrong = "no-intermediate" // the certificate between it and the root is missing
	SelfSigned     Wrong = "self-signed"     // nobody else vouches for it
)

// otherHost is whom a certificate with another name is for.
const otherHost = "someone-else.invalid"

// issuer is a certificate with its key.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Authority is a CA with an intermediate one below it. Its methods may be called from
// any goroutine.
type Authority struct{ root, between issuer }

// New makes an Authority with fresh keys.
func New() (*Authority, error) {
	root, err := ca("ocfsim source root", nil)
	if err != nil {
		return nil, err
	}
	between, err := ca("ocfsim source intermediate", &root)
	return &Authority{root, between}, err
}

// keptIn is the file of an Authority in a folder.
const keptIn = "source-ca.pem"

// Keep reads the Authority that is kept in a folder, or makes one and keeps it there,
// readable for its owner alone.
func Keep(dir string) (*Authority, error) {
	name := filepath.Join(dir, keptIn)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		a, err := New()
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		return a, os.WriteFile(name, a.marshal(), 0o600)
	}
	if err != nil {
		return nil, err
	}
	a, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// PEM is the root's certificate, which Devices are to trust.
func (a *Authority) PEM() []byte { return block("CERTIFICATE", a.root.cert.Raw) }

// Roots is a pool with the root alone.
func (a *Authority) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root.cert)
	return pool
}

// Hosts are the names and addresses of a source that listens at ip: names, the address
// itself, or where that is none the addresses of this machine, and localhost where a
// program on this machine reaches it so.
func Hosts(ip net.IP, names []string) []string {
	all := append([]string(nil), names...)
	if !ip.IsUnspecified() {
		all = append([]string{ip.String()}, all...)
	} else if addrs, err := net.InterfaceAddrs(); err == nil {
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				all = append(all, n.IP.String())
			}
		}
	}
	if ip.IsUnspecified() || ip.IsLoopback() {
		all = append(all, "localhost")
	}
	return all
}

// Certificate makes a certificate for hosts, names or addresses, with its chain, that is
// wrong in one way.
func (a *Authority) Certificate(wrong Wrong, hosts ...string) (*tls.Certificate, error) {
	now := time.Now()
	template := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"ocfsim"}, CommonName: "ocfsim source"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	by := &a.between
	chain := [][]byte{a.between.cert.Raw}
	switch wrong {
	case OtherCA:
		other, err := New()
		if err != nil {
			return nil, err
		}
		by, chain = &other.between, [][]byte{other.between.cert.Raw}
	case Expired:
		template.NotAfter = now.Add(-time.Hour)
	case NotYetValid:
		template.NotBefore = now.Add(time.Hour)
	case OtherName:
		hosts = []string{otherHost}
	case NoIntermediate:
		chain = nil
	case SelfSigned:
		by, chain = nil, nil
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	leaf, err := issue(template, by)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: append([][]byte{leaf.cert.Raw}, chain...), PrivateKey: leaf.key, Leaf: leaf.cert}, nil
}

// ca makes a CA's certificate, signed by parent or by itself.
func ca(name string, parent *issuer) (issuer, error) {
	now := time.Now()
	return issue(&x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"ocfsim"}, CommonName: name},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true,
	}, parent)
}

// issue makes a key and the certificate of a template for it, signed by parent or by itself.
func issue(template *x509.Certificate, parent *issuer) (issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return issuer{}, err
	}
	if parent == nil {
		parent = &issuer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		return issuer{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return issuer{cert, key}, err
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// marshal is the Authority with its keys in PEM: certificate and key of the root, then
// of the intermediate CA.
func (a *Authority) marshal() []byte {
	var out []byte
	for _, i := range []issuer{a.root, a.between} {
		key, _ := x509.MarshalPKCS8PrivateKey(i.key) // it is a key of ours
		out = append(append(out, block("CERTIFICATE", i.cert.Raw)...), block("PRIVATE KEY", key)...)
	}
	return out
}

// parse reads what marshal wrote. No error quotes a key.
func parse(text []byte) (*Authority, error) {
	var all [2]issuer
	for i := range all {
		var ders [2][]byte
		for j := range ders {
			var p *pem.Block
			if p, text = pem.Decode(text); p == nil {
				return nil, errors.New("expected two certificates in PEM, each before its key")
			}
			ders[j] = p.Bytes
		}
		cert, err := x509.ParseCertificate(ders[0])
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKCS8PrivateKey(ders[1])
		if err != nil {
			return nil, errors.New("a key that can't be read")
		}
		own, ok := key.(*ecdsa.PrivateKey)
		if !ok || !own.PublicKey.Equal(cert.PublicKey) {
			return nil, errors.New("a key is not that of its certificate")
		}
		all[i] = issuer{cert, own}
	}
	return &Authority{all[0], all[1]}, nil
}
