package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// exchangeFlags are the flags that get, post and observe share.
type exchangeFlags struct {
	talkFlags
	editionFlag
	accept string
	non    bool
	raw    bool
	json   bool
}

func (f *exchangeFlags) register(cmd *cobra.Command) {
	f.talkFlags.register(cmd)
	f.editionFlag.register(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.accept, "accept", "A", "ocf", "the content `FORMAT` to ask for: a number, ocf, cbor, link, text, json, or none")
	flags.BoolVarP(&f.non, "non", "N", false, "send NON requests instead of CON")
	flags.BoolVar(&f.raw, "raw", false, "write the bytes of the payload as they came")
	flags.BoolVar(&f.json, "json", false, "write one JSON object")
	cmd.MarkFlagsMutuallyExclusive("raw", "json")
}

// call is the request that the flags and uri ask for.
func (f *exchangeFlags) call(method string, uri talk.URI) (conformance.Call, error) {
	if err := errors.Join(f.talkFlags.check(uri), f.editionFlag.check()); err != nil {
		return conformance.Call{}, err
	}
	call := conformance.Call{Method: method, Path: uri.Path, Query: uri.Query, NON: f.non}
	if f.accept == "none" {
		return call, nil
	}
	format, err := talk.ParseFormat(f.accept)
	if err != nil {
		return call, fmt.Errorf("-A: %w", err)
	}
	call.Accept = &format
	if format == ocf.FormatOCFCBOR {
		version := uint16(ocf.Version100)
		call.Version = &version
	}
	return call, nil
}

// exchange sends call and shows the answer.
func (f *exchangeFlags) exchange(cmd *cobra.Command, uri talk.URI, call conformance.Call) error {
	ctx, cancel := f.limit(cmd.Context())
	defer cancel()
	client, err := f.connect(ctx, cmd, uri, &silent{})
	if err != nil {
		return err
	}
	defer client.Close()
	reply, err := client.Exchange(ctx, call)
	if err := f.answered(cmd.Context(), uri, reply, err); err != nil {
		return err
	}
	if err := f.show(cmd.OutOrStdout(), reply.Frame); err != nil {
		return harness(err)
	}
	if err := whole(uri, reply); err != nil {
		return err
	}
	return refused(reply.Frame.Code)
}

// whole is the exit of an answer whose blocks do not make up a representation.
func whole(uri talk.URI, reply target.Reply) error {
	if reply.Incomplete == "" {
		return nil
	}
	return &exitError{suite.ExitFail, fmt.Errorf("%s%s: the representation is %s", uri.Endpoint, uri.Path, reply.Incomplete)}
}

// refused turns a response code into the exit code for it.
func refused(code string) error {
	if talk.Success(code) {
		return nil
	}
	return exitWith(suite.ExitFail)
}

// show writes an answer in the form that the flags ask for.
func (f *exchangeFlags) show(w io.Writer, frame conformance.Frame) error {
	if f.raw {
		_, err := bytesTo(w).Write(frame.Payload)
		return err
	}
	answer := talk.NewAnswer(frame, f.by())
	if f.json {
		return json.NewEncoder(w).Encode(answer)
	}
	return answer.Write(w)
}
