package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/ocf"
)

// postFlags are the flags of `ocfsim post`: where the payload comes from.
type postFlags struct {
	exchangeFlags
	text       string
	file       string
	properties []string
	format     string
}

func newPost() *cobra.Command {
	var flags postFlags
	cmd := &cobra.Command{
		Use:   "post URI",
		Short: "Write a resource of a Device",
		Long: `Write a resource of a Device and show the answer.

The payload is one of
  -e '{"tm": 64}'   JSON, sent as CBOR exactly as written, zeros and duplicate
                    keys included. With -t text, json or another format that is
                    not CBOR, the text itself is sent.
  -p tm=V           properties of pstat in the text notation: tm, cm, dos, p,
                    isop, om, sm, rowneruuid; may be given several times
  -f FILE           the bytes of a file, - for standard input

URI is coap[s]://host[:port][/path][?query]; without a path it is /oic/sec/pstat.

Exit codes: 0 answered 2.xx; 1 answered 4.xx or 5.xx, or incompletely; 2 usage;
4 no answer; 130 interrupted.`,
		Example: "  ocfsim post coap://127.1.0.1/oic/sec/pstat -p tm=V\n  ocfsim post coap://127.1.0.1/oic/sec/pstat -e '{\"tm\": 0}'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			uri, err := talk.ParseURI(args[0])
			if err != nil {
				return usage(err)
			}
			call, err := flags.call(cmd, uri)
			if err != nil {
				return usage(err)
			}
			return flags.exchange(cmd, uri, call)
		},
	}
	flags.register(cmd)
	f := cmd.Flags()
	f.StringVarP(&flags.text, "text", "e", "", "send JSON `TEXT`")
	f.StringVarP(&flags.file, "file", "f", "", "send the bytes of `FILE`")
	f.StringArrayVarP(&flags.properties, "property", "p", nil, "send pstat's property `NAME=VALUE`; may be given several times")
	f.StringVarP(&flags.format, "type", "t", "ocf", "content `FORMAT` of the payload: a number, ocf, cbor, link, text, json, or none")
	cmd.MarkFlagsMutuallyExclusive("text", "file", "property")
	return cmd
}

// call is the request that the flags and uri ask for.
func (f *postFlags) call(cmd *cobra.Command, uri talk.URI) (conformance.Call, error) {
	call, err := f.exchangeFlags.call("POST", uri)
	if err != nil {
		return call, err
	}
	cbor := false
	if f.format != "none" {
		format, err := talk.ParseFormat(f.format)
		if err != nil {
			return call, fmt.Errorf("-t: %w", err)
		}
		call.Format, cbor = &format, talk.IsCBOR(format)
		if format != ocf.FormatOCFCBOR {
			call.Version = nil // the version option describes the payload too, which is not in OCF's format
		}
	}
	call.Payload, err = f.payload(cmd, cbor)
	return call, err
}

// payload is what -e, -p or -f asks to send; with none of them it is empty.
func (f *postFlags) payload(cmd *cobra.Command, cbor bool) ([]byte, error) {
	flags := cmd.Flags()
	switch {
	case flags.Changed("file"):
		if f.file == "-" {
			return bounded.Read("stdin", cmd.InOrStdin(), bounded.Text)
		}
		return bounded.ReadFile(f.file, bounded.Text)
	case flags.Changed("property") && !cbor:
		return nil, errors.New("-p sends CBOR: leave out -t, or give -t ocf or cbor")
	case flags.Changed("property"):
		return talk.FromNotation(f.properties)
	case cbor && flags.Changed("text"):
		payload, err := talk.FromJSON([]byte(f.text))
		if err != nil {
			return nil, fmt.Errorf("-e: %w; use -t text to send text as it is", err)
		}
		return payload, nil
	default:
		return []byte(f.text), nil
	}
}
