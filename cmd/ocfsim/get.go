package main

import (
	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
)

func newGet() *cobra.Command {
	var flags exchangeFlags
	cmd := &cobra.Command{
		Use:   "get URI",
		Short: "Read a resource of a Device",
		Long: `Read a resource of a Device and show its representation.

URI is coap[s]://host[:port][/path][?query]; without a path it is /oic/sec/pstat.

Exit codes: 0 answered 2.xx; 1 answered 4.xx or 5.xx, or incompletely; 2 usage;
4 no answer; 130 interrupted.`,
		Example: "  ocfsim get coap://127.1.0.1/oic/sec/pstat\n  ocfsim get -A cbor --json coap://127.1.0.1/oic/d",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			uri, err := talk.ParseURI(args[0])
			if err != nil {
				return usage(err)
			}
			call, err := flags.call("GET", uri)
			if err != nil {
				return usage(err)
			}
			return flags.exchange(cmd, uri, call)
		},
	}
	flags.register(cmd)
	return cmd
}
