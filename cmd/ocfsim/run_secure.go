package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// The files in which run keeps what others need to get into its Devices, unless
// flags name others.
const (
	credentialsFile = "ocfsim-credentials.yaml"
	trustFile       = "ocfsim-manufacturer.pem"
)

// securityFlags are the flags of `ocfsim run` that say how its Devices are secured.
type securityFlags struct {
	unsecured   bool
	unowned     bool
	otm         []string
	pin         string
	credentials string
	trust       string
	edition     string
}

func (f *securityFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.unsecured, "unsecured", false, "speak plain CoAP only; everyone may write")
	flags.BoolVar(&f.unowned, "unowned", false, "let the Devices wait for an onboarding tool to own them")
	flags.StringSliceVar(&f.otm, "otm", nil, "owner transfer `METHODS` on offer: justworks, pin, certificate; all of them if absent")
	flags.StringVar(&f.pin, "pin", "", "the `PIN` of every transfer by PIN; if absent, a new one is drawn and shown for each")
	flags.StringVar(&f.credentials, "credentials", credentialsFile, "the owner's credential: read from `FILE` if it exists, else made and written there")
	flags.StringVar(&f.trust, "trust", trustFile, "write the root of the Devices' manufacturer certificate to `FILE`")
	flags.StringVar(&f.edition, "edition", "", "the edition that the Devices are of: ocf-1.0 (default) or ocf-2.2")
	for _, name := range []string{"unowned", "otm", "pin", "credentials", "trust"} {
		cmd.MarkFlagsMutuallyExclusive("unsecured", name)
	}
	cmd.MarkFlagsMutuallyExclusive("unowned", "credentials")
}

// secured says how the Devices are secured, as the flags ask; the zero value is
// plain CoAP.
type secured struct {
	sim         *sim.Security
	fleet       *fleet.Secure
	credentials string // file of the owner's credential, "" if the Devices have no owner
	trust       string // file of the manufacturer's root, "" if nobody needs it
}

// check finds what is wrong with the flags, and with a file of credentials that is there,
// before anything is written.
func (f *securityFlags) check() error {
	if f.edition != "" {
		if err := knownEdition(f.edition); err != nil {
			return err
		}
	}
	if f.unsecured {
		return nil
	}
	if _, err := f.methods(); err != nil || f.unowned {
		return err
	}
	_, err := loadOwner(f.credentials)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is made
	}
	return err
}

// secure makes the Devices' security and writes the files that go with it. state is
// the directory that keeps the manufacturer, or "" to keep none.
func (f *securityFlags) secure(state string) (secured, error) {
	if f.unsecured {
		return secured{}, nil
	}
	methods, err := f.methods()
	if err != nil {
		return secured{}, usage(err)
	}
	maker, err := makerIn(state)
	if err != nil {
		return secured{}, err
	}
	s := secured{sim: maker.Security(methods...), fleet: maker.Secure(nil)}
	s.sim.Edition, s.sim.PIN, s.sim.Epoch = f.edition, f.pin, time.Now().UTC()
	if !f.unowned {
		owner, err := ownerOf(f.credentials)
		if err != nil {
			return secured{}, err
		}
		s.sim.Owner, s.credentials = owner.ID, f.credentials
		copy(s.sim.OwnerKey[:], owner.Key)
	}
	if len(methods) == 0 || slices.Contains(methods, ocf.OXMCertificate) {
		s.trust = f.trust
		if err := writeWhole(s.trust, durable.Readable, maker.PEM()); err != nil {
			return secured{}, harness(fmt.Errorf("manufacturer's root: %w", err))
		}
	}
	return s, nil
}

// methods reads --otm, and checks the flags that go with it.
func (f *securityFlags) methods() ([]uint16, error) {
	if strings.Trim(f.pin, "0123456789") != "" {
		return nil, errors.New("--pin: expected digits")
	}
	var methods []uint16
	for _, name := range f.otm {
		m, err := secure.ParseOTM(name)
		if err != nil {
			return nil, fmt.Errorf("--otm: %w", err)
		}
		methods = append(methods, uint16(m))
	}
	return methods, nil
}

// loadOwner reads the owner's credential from a file.
func loadOwner(name string) (target.Credential, error) {
	owner, err := target.LoadCredential(name)
	if err == nil && len(owner.Key) != 16 {
		return owner, fmt.Errorf("%s: expected a key of 16 bytes", name)
	}
	return owner, err
}

// ownerOf reads the owner's credential from a file. If there is no such file it
// makes a credential and writes it there.
func ownerOf(name string) (target.Credential, error) {
	owner, err := loadOwner(name)
	switch {
	case err == nil:
		return owner, nil
	case !errors.Is(err, fs.ErrNotExist):
		return owner, usage(err)
	}
	owner = target.Credential{Key: make([]byte, 16)}
	for bytes.IndexByte(owner.Key, 0) >= 0 { // some tools read keys as C strings
		_, _ = rand.Read(owner.Key) // never fails
	}
	_, _ = rand.Read(owner.ID[:])
	owner.ID[6] = owner.ID[6]&0x0f | 0x40 // RFC 9562, version 4
	owner.ID[8] = owner.ID[8]&0x3f | 0x80
	if err := owner.Save(name); err != nil {
		return owner, harness(err)
	}
	return owner, nil
}
