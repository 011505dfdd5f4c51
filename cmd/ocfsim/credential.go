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

// credentialFlags say as whom the command talks to a secured Device.
type credentialFlags struct {
	file       string
	key        string
	identity   string
	credential *target.Credential // nil on plain CoAP
}

func (f *credentialFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, "credential", "", "talk to the Device as the owner or Client in `FILE`, which run and own write")
	flags.StringVarP(&f.key, "key", "k", "", "the pre-shared key in `HEX` digits; other users of this machine can see it")
	flags.StringVarP(&f.identity, "user", "u", "", "the `UUID` that the key is for")
	cmd.MarkFlagsRequiredTogether("key", "user")
	cmd.MarkFlagsMutuallyExclusive("credential", "key")
}

// read makes the credential from the flags; secured says whether one is needed.
func (f *credentialFlags) read(secured bool) error {
	given := f.file != "" || f.key != ""
	switch {
	case !secured && given:
		return errors.New("a credential is only used with a coaps:// URI")
	case secured && !given:
		return errors.New("a coaps:// URI needs a credential: give --credential FILE, or -u UUID and -k HEX")
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
		return errors.New("-u: the nil uuid identifies nobody; give the uuid that the key is for")
	}
	key, err := hex.DecodeString(strings.TrimPrefix(f.key, "0x"))
	if err != nil || len(key) != 16 && len(key) != 32 {
		return errors.New("-k: expected 32 or 64 hexadecimal digits") // the message does not repeat the key
	}
	f.credential = &target.Credential{ID: id, Key: key}
	return nil
}
