package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// credentialFlags say who the command is to a secured Device.
type credentialFlags struct {
	file       string
	key        string
	identity   string
	credential *target.Credential // nil on plain CoAP
}

func (f *credentialFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, "credential", "", "be who `FILE` says, as run and own write it")
	flags.StringVarP(&f.key, "key", "k", "", "the pre-shared key, as `HEX`; other users of this machine see it")
	flags.StringVarP(&f.identity, "user", "u", "", "the `UUID` that the key is for")
	cmd.MarkFlagsRequiredTogether("key", "user")
	cmd.MarkFlagsMutuallyExclusive("credential", "key")
}

// read makes the credential; secured says whether one is needed.
func (f *credentialFlags) read(secured bool) error {
	given := f.file != "" || f.key != ""
	switch {
	case !secured && given:
		return errors.New("a credential is for a coaps:// URI")
	case secured && !given:
		return errors.New("expected a credential for a secured Device: --credential FILE, or -u UUID and -k HEX")
	case !secured:
		return nil
	case f.file != "":
		c, err := target.LoadCredential(f.file)
		f.credential = &c
		return err
	}
	id, err := ocf.ParseUUID(f.identity)
	if err != nil {
		return fmt.Errorf("-u: %w", err)
	}
	if id.IsNil() {
		return errors.New("-u: the nil uuid is nobody's")
	}
	key, err := hex.DecodeString(strings.TrimPrefix(f.key, "0x"))
	if err != nil || len(key) != 16 && len(key) != 32 {
		return errors.New("-k: expected 32 or 64 hexadecimal digits") // without the key
	}
	f.credential = &target.Credential{ID: id, Key: key}
	return nil
}
