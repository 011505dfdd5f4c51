package main

import (
	_ "embed"
	"io"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/ocf"
)

// dissectorText is a plugin for Wireshark in Lua, without the words of the standard.
//
//go:embed wireshark/ocf.lua.tmpl
var dissectorText string

func newDissector() *cobra.Command {
	return &cobra.Command{
		Use:   "dissector [FILE]",
		Short: "Write a Wireshark plugin that shows tm, cm and dos as words",
		Long: `Write a plugin in Lua for Wireshark and tshark to FILE, or to stdout. It shows
tm, cm and dos of /oic/sec/pstat as words, and knows CoAP and DTLS at any port.

  ocfsim dissector ocf.lua
  tshark -X lua_script:ocf.lua -r reports/out/RUN/capture.pcapng

In Wireshark's folder of personal Lua plugins (Help, About, Folders) it is loaded by
itself.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return writeDissector(cmd.OutOrStdout())
			}
			if err := durable.WriteFile(args[0], durable.Readable, writeDissector); err != nil {
				return harness(err)
			}
			return nil
		},
	}
}

// writeDissector fills in the words of package ocf.
func writeDissector(w io.Writer) error {
	type mode struct {
		Bit  int
		Name string
	}
	words := struct {
		Modes  []mode
		States []string
	}{}
	for _, m := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		words.Modes = append(words.Modes, mode{int(m), m.String()})
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
