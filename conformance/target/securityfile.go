package target

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/strictyaml"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// securityFile is the security of a target file as it is written.
type securityFile struct {
	Unsecured   bool           `yaml:"unsecured"`
	Own         Method         `yaml:"own"`
	PIN         string         `yaml:"pin"`
	Trust       string         `yaml:"trust"`
	Certificate string         `yaml:"certificate"`
	Key         string         `yaml:"key"`
	PSK         *pskFile       `yaml:"psk"`
	Identity    *identityFiles `yaml:"identity"`

	AcceptExpired *bool `yaml:"accept_expired"`
}

// pskFile is a shared key in a target file, or the file that has it.
type pskFile struct {
	credentialFile `yaml:",inline"`
	File           string `yaml:"file"`
}

// identityFiles are an identity certificate in a target file.
type identityFiles struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	Trust       string `yaml:"trust"`

	AcceptExpired bool `yaml:"accept_expired"`
}

// credentialFile is a shared key as it is written.
type credentialFile struct {
	Identity string `yaml:"identity"`
	Key      string `yaml:"key"`
}

// read is what f declares; files are relative to dir.
func (f *securityFile) read(r *reader, dir string) Security {
	switch {
	case f == nil || f.Unsecured:
		if f != nil {
			f.only(r, "unsecured: true")
		}
		return Security{}
	case f.PSK != nil:
		f.only(r, "psk")
		return Security{Owner: f.PSK.read(r, dir)}
	case f.Identity != nil:
		f.only(r, "identity")
		return Security{Owner: f.Identity.read(r, dir), AcceptExpired: f.Identity.AcceptExpired}
	}
	s := Security{Own: f.Own, AcceptExpired: f.AcceptExpired != nil && *f.AcceptExpired}
	if f.Own == RandomPIN {
		s.PIN, s.ReadPIN = f.PIN, readPIN
	} else if f.PIN != "" {
		r.fail("a pin is of own: pin alone", "security", "pin")
	}
	if f.Own != ManufacturerCertificate {
		for _, other := range []struct{ name, value string }{{"trust", f.Trust}, {"certificate", f.Certificate}, {"key", f.Key}} {
			if other.value != "" {
				r.fail("trust, certificate and key are of own: certificate alone", "security", other.name)
			}
		}
		if f.AcceptExpired != nil {
			r.fail("accept_expired is of own: certificate and of identity", "security", "accept_expired")
		}
		return s
	}
	if f.Trust == "" {
		r.fail("own: certificate also needs trust, the file of who vouches for the Device", "security", "own")
		return s
	}
	s.Roots = r.roots(dir, f.Trust, "security", "trust")
	if (f.Certificate == "") != (f.Key == "") {
		r.fail("certificate and key, expected both or neither", "security")
	} else if f.Key != "" {
		s.Certificate = r.certificate(dir, f.Certificate, f.Key, "security", "certificate")
	}
	return s
}

// only refuses what belongs to own if another way was chosen.
func (f *securityFile) only(r *reader, way string) {
	for _, other := range []struct{ name, value string }{
		{"pin", f.PIN}, {"trust", f.Trust}, {"certificate", f.Certificate}, {"key", f.Key},
	} {
		if other.value != "" {
			r.fail(fmt.Sprintf("%s belongs to own, not to %s", other.name, way), "security", other.name)
		}
	}
	if f.AcceptExpired != nil {
		r.fail("accept_expired belongs to own, or stands within identity, and not beside "+way, "security", "accept_expired")
	}
}

func (f *pskFile) read(r *reader, dir string) *Credential {
	at := []string{"security", "psk"}
	switch {
	case f.File != "" && (f.Identity != "" || f.Key != ""):
		r.fail("file, or identity and key: expected one of them", append(at, "file")...)
	case f.File != "":
		c, err := LoadCredential(within(dir, f.File))
		r.check(err, append(at, "file")...)
		return &c
	default:
		c := f.credential(r, at...)
		return &c
	}
	return nil // r has the mistake
}

func (f *identityFiles) read(r *reader, dir string) *Credential {
	cert := r.certificate(dir, f.Certificate, f.Key, "security", "identity", "certificate")
	c := &Credential{Certificate: cert, Roots: r.roots(dir, f.Trust, "security", "identity", "trust")}
	if cert != nil {
		id, err := secure.CertificateUUID(cert.Leaf)
		r.check(err, "security", "identity", "certificate")
		c.ID = id
	}
	return c
}

// credential is a shared key; at is where it stands. No error quotes the key.
func (f *credentialFile) credential(r *reader, at ...string) Credential {
	if f.Identity == "" || f.Key == "" {
		r.fail("expected both identity and key", at...)
		return Credential{}
	}
	id, err := ocf.ParseUUID(f.Identity)
	if err == nil && id.IsNil() {
		err = errors.New("the nil uuid is nobody's")
	}
	r.check(err, append(at, "identity")...)
	key, err := hex.DecodeString(f.Key)
	switch {
	case err != nil:
		r.fail("expected a key of 32 or 64 hexadecimal digits, got something else", append(at, "key")...)
	case len(key) != 16 && len(key) != 32:
		r.fail(fmt.Sprintf("expected a key of 32 or 64 hexadecimal digits, got %d", len(f.Key)), append(at, "key")...)
	}
	return Credential{ID: id, Key: key}
}

// credentialSchema is the JSON Schema of credential files.
const credentialSchema = `{
  "title": "a credential file", "type": "object", "additionalProperties": false, "required": ["identity", "key"],
  "properties": {
    "identity": {"title": "a UUID", "type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
    "key": {"description": "32 or 64 hexadecimal digits."}
  }
}`

// LoadCredential reads what Save has written. A mistake in it is an error that
// reads "file:line:column: what was expected", and never shows the key.
func LoadCredential(path string) (Credential, error) {
	data, err := bounded.ReadFile(path, bounded.Text)
	if err != nil {
		return Credential{}, fmt.Errorf("read credential: %w", err)
	}
	var f credentialFile
	if err := strictyaml.Decode(path, data, []byte(credentialSchema), &f); err != nil {
		return Credential{}, err
	}
	r := reader{name: path, data: data}
	c := f.credential(&r)
	if r.err != nil {
		return Credential{}, r.err
	}
	return c, nil
}

// Save writes the identity and the key to a new file that only its owner may
// read. It does not touch a file that exists.
func (c Credential) Save(path string) error {
	if len(c.Key) == 0 {
		return errors.New("save credential: it has no key to share")
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save credential: %w", err)
	}
	_, err = fmt.Fprintf(f, "# The owner of an OCF Device. Whoever can read this can do with it what they want.\nidentity: %q\nkey: \"%x\"\n",
		c.ID.String(), c.Key)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("save credential: %w", err), os.Remove(path))
	}
	return nil
}

// within is path as a file in dir means it: relative to dir.
func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// roots reads a file of certificates that vouch for others.
func (r *reader) roots(dir, path string, at ...string) *x509.CertPool {
	data, err := bounded.ReadText(within(dir, path))
	if err != nil {
		r.fail(err.Error(), at...)
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		r.fail(fmt.Sprintf("expected certificates in PEM, %s has none", path), at...)
	}
	return pool
}

// certificate reads a certificate with its private key.
func (r *reader) certificate(dir, path, key string, at ...string) *tls.Certificate {
	cert, err := bounded.KeyPair(within(dir, path), within(dir, key))
	if err != nil {
		r.fail(err.Error(), at...)
		return nil
	}
	return &cert
}

// readPIN asks on the terminal.
func readPIN() (string, error) {
	if _, err := fmt.Fprint(os.Stderr, "PIN that the Device shows: "); err != nil {
		return "", err
	}
	text, err := bufio.NewReader(io.LimitReader(os.Stdin, 1024)).ReadString('\n')
	if text != "" {
		err = nil
	}
	return strings.TrimSpace(text), err
}
