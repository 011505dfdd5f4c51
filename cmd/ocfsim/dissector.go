package main

import (
	_ "embed"
	"io"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/ocf"
)

// dissectorText is a plugin for Wireshark in Lua, without the words of the standard.
//
//go:embed wireshark/ocf.lua.tmpl
var dissectorText string

func newDissector() *cobra.Command {
	id := ""
	cmd := &cobra.Command{
		Use:   "dissector [FILE]",
		Short: "Write a Wireshark plugin that shows tm, cm and dos as words",
		Long: `Write a plugin in Lua for Wireshark and tshark to FILE, or to stdout. It shows
tm, cm and dos of /oic/sec/pstat as words, and knows CoAP and DTLS at any port.

  ocfsim dissector ocf.lua
  tshark -X lua_script:ocf.lua -r reports/out/RUN/capture.pcapng

--edition ocf-2.2 has N for the bit 256, which that edition defines.

In Wireshark's folder of personal Lua plugins (Help, About, Folders) it is loaded by
itself.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			of, err := suite.EditionOf(id, nil)
			if err != nil {
				return usage(err)
			}
			write := func(w io.Writer) error { return writeDissector(w, edition.Of(of)) }
			if len(args) == 0 {
				return write(cmd.OutOrStdout())
			}
			if err := durable.WriteFile(args[0], durable.Readable, write); err != nil {
				return harness(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "edition", "", "show tm and cm in the words of this `EDITION` (default: ocf-1.0)")
	return cmd
}

// writeDissector fills in the words of package ocf, with a letter for each process of e.
func writeDissector(w io.Writer, e *edition.Edition) error {
	type mode struct {
		Bit  int
		Name string
	}
	words := struct {
		Modes  []mode
		States []string
	}{}
	for _, m := range []ocf.DPM{ocf.SVV, ocf.SSU, ocf.NSA} {
		if e.Processes().Has(m) {
			words.Modes = append(words.Modes, mode{int(m), e.Letters(m.String())})
		}
	}
	for s := ocf.DOS(0); s.Valid(); s++ {
		words.States = append(words.States, s.String())
	}
	t, err := template.New("ocf.lua").Parse(dissectorText)
	if err != nil {
		return err
	}
	return t.Execute(w, words)
}
