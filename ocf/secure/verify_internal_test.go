package secure

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"
)

// A chain is checked once. It is checked a second time only where it has expired and an
// expired one may pass, and then as of the time when it was issued.
func TestHowOftenAChainIsChecked(t *testing.T) {
	ca, err := NewCA("root")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ca.Manufacturer("lamp")
	if err != nil {
		t.Fatal(err)
	}
	wrong := errors.New("it is another's")
	for _, c := range []struct {
		name    string
		lenient bool
		now     error // what the check says as of now
		checks  int
	}{
		{"good", false, nil, 1},
		{"good, the verifier lenient", true, nil, 1},
		{"wrong", false, wrong, 1},
		{"wrong, the verifier lenient", true, wrong, 1},
		{"expired", false, x509.CertificateInvalidError{Reason: x509.Expired}, 1},
		{"expired, the verifier lenient", true, x509.CertificateInvalidError{Reason: x509.Expired}, 2},
	} {
		t.Run(c.name, func(t *testing.T) { checked(t, leaf, c.lenient, c.now, c.checks) })
	}
}

func checked(t *testing.T, leaf *tls.Certificate, lenient bool, now error, checks int) {
	t.Helper()
	var out outcome
	var at []time.Time
	err := out.judge(leaf.Certificate, lenient, func(when time.Time) error {
		if at = append(at, when); len(at) == 1 {
			return now
		}
		return nil
	})
	if len(at) != checks {
		t.Fatalf("checked %d times, want %d", len(at), checks)
	}
	if passes := now == nil || checks == 2; (err == nil) != passes {
		t.Errorf("the chain's check ends in %v", err)
	}
	if again := checks == 2; out.expired.IsZero() == again {
		t.Errorf("the chain expired at %v", out.expired)
	}
	if checks == 2 && at[1].Year() != 1999 { // when the certificate was issued
		t.Errorf("checked as of %v", at[1])
	}
}
