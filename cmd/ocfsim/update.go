package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/ocf"
)

// updateFlags are the flags of `ocfsim update`.
type updateFlags struct {
	talkFlags
	editionFlag
	json       bool
	validation time.Duration
	update     time.Duration
	version    string
}

func newUpdate() *cobra.Command {
	var flags updateFlags
	cmd := &cobra.Command{
		Use:   "update URI",
		Short: "Update a Device's software, and watch it",
		Long: `Ask a Device for a software version validation and, where it finds something
newer, for a secure software update. Each change of pstat is shown on a line, with
the seconds since the beginning; the last line says how the update ended.

URI is coap://host[:port] or coaps://host[:port].

A Device that says it was updated, and shows the software version of before, has
proven nothing: UNPROVEN. --version says where the version is, or that it is
undeclared: then tm, cm and dos of pstat decide alone.

Exit codes: 0 updated; 1 nothing newer, refused, failed or unproven; 2 usage; 4 no
answer; 130 interrupted (the Device may go on updating).`,
		Example: "  ocfsim update coaps://127.1.0.1 --credential ocfsim-credentials.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			uri, err := talk.ParseURI(args[0])
			switch {
			case err != nil:
				return usage(err)
			case uri.Path != ocf.PathPstat || uri.Query != "":
				return usage(fmt.Errorf("URI %q: expected coap://host[:port] without path and query", args[0]))
			case flags.validation <= 0 || flags.update <= 0:
				return usage(fmt.Errorf("--validation %v --update %v: expected more than 0", flags.validation, flags.update))
			}
			if versions := campaign.Versions(); !slices.Contains(versions, flags.version) {
				return usage(fmt.Errorf("--version %s: expected one of %s", flags.version, strings.Join(versions, ", ")))
			}
			if err := errors.Join(flags.talkFlags.check(uri), flags.editionFlag.check()); err != nil {
				return usage(err)
			}
			return flags.run(cmd, uri)
		},
	}
	flags.talkFlags.register(cmd)
	flags.editionFlag.register(cmd)
	f := cmd.Flags()
	f.BoolVar(&flags.json, "json", false, "write a JSON object for each line")
	f.DurationVar(&flags.validation, "validation", 30*time.Second, "give up if the validation takes longer than this")
	f.DurationVar(&flags.update, "update", 5*time.Minute, "give up if the update takes longer than this")
	f.StringVar(&flags.version, "version", campaign.VersionOfDevice, "`WHERE` the software version is read: "+alternatives(campaign.Versions()))
	return cmd
}

// run watches the update of the Device at uri.
func (f *updateFlags) run(cmd *cobra.Command, uri talk.URI) error {
	inbox := talk.NewFullInbox()
	ctx, cancel := f.limit(cmd.Context())
	defer cancel()
	client, err := f.connect(ctx, cmd, uri, inbox)
	if err != nil {
		return err
	}
	defer client.Close()
	var broken error
	verdict, err := update.Run(cmd.Context(), update.Config{
		Client: client, Inbox: inbox, Answer: f.answer(),
		Validation: f.validation, Update: f.update, Version: f.version,
		Tell: func(e update.Line) {
			if err := f.line(cmd.OutOrStdout(), e); err != nil && broken == nil {
				broken = err
			}
		},
	})
	switch {
	case cmd.Context().Err() != nil:
		return &exitError{suite.ExitInterrupted, errors.New("interrupted; the Device may go on updating")}
	case errors.Is(err, update.ErrNoPstat):
		return &exitError{suite.ExitFail, fmt.Errorf("%s: %w", uri.Endpoint, err)}
	case err != nil:
		return harness(fmt.Errorf("%s: %w", uri.Endpoint, err))
	case broken != nil:
		return harness(broken)
	}
	_ = deregister(cmd.Context(), client)
	if verdict != update.Updated {
		return exitWith(suite.ExitFail)
	}
	return nil
}

// line shows one event.
func (f *updateFlags) line(w io.Writer, e update.Line) error {
	e.Pstat, e.Reason, e.Note = f.by().Letters(e.Pstat), f.by().Letters(e.Reason), f.by().Letters(e.Note)
	if f.json {
		return json.NewEncoder(w).Encode(e)
	}
	text := e.Pstat
	switch {
	case e.Write == "tm=V":
		text = "> tm=V  software version validation"
	case e.Write != "":
		text = "> " + e.Write + "  secure software update"
	case e.Code != "":
		text = "< " + talk.CodeText(e.Code)
	case e.Note != "":
		text = "# " + e.Note
	case e.Verdict != "":
		_, err := fmt.Fprintln(w, ocf.Visible(ocf.Short(conclusion(e), 1000)))
		return err
	}
	_, err := fmt.Fprintf(w, "%9.3fs  %s\n", e.AtS, ocf.Visible(ocf.Short(text, 1000)))
	return err
}

// conclusion is the last line.
func conclusion(e update.Line) string {
	parts := []string{strings.ToUpper(strings.ReplaceAll(e.Verdict, "-", " "))}
	switch {
	case e.From != "" && e.To != "":
		parts = append(parts, e.From+" -> "+e.To)
	case e.From != "":
		parts = append(parts, "from "+e.From)
	}
	if e.Reason != "" {
		parts = append(parts, e.Reason)
	}
	return strings.Join(append(parts, fmt.Sprintf("after %.3f s", e.AtS)), "  ")
}
