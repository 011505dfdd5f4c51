package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

func newJudge() *cobra.Command {
	var names []string
	var waivers, schemas, page, by string
	cmd := &cobra.Command{
		Use:   "judge RUN",
		Short: "Judge a recorded run again, with no Device",
		Long: `Judge the recorded timelines of a run again. Where the verdict of a requirement
or a scenario differs from the one in results.json, say so and why. RUN is the
folder that a test wrote (--out), or the folder of one of its targets; the run
may be of an older version.

With --page, RUN is the folder of one target, and the page of what was recorded is
written anew, with a picture of every scenario: the page of one target among many
draws only what did not pass.

The waivers that the run was judged with apply again, as of the day on which the
run began. With --waivers those in a file apply instead.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			formats, err := formatsNamed(names)
			if err != nil {
				return usage(err)
			}
			if err := sparesRun(page, args[0], waivers); err != nil {
				return usage(err)
			}
			how := suite.Judging{Version: version, Commit: commit(cmd.Context()), Edition: by}
			if waivers != "" {
				list, err := loadWaivers(waivers)
				if err != nil {
					return usage(err)
				}
				how.Waivers, how.Review = list, true
			}
			published, err := readSchemas(schemas, cmd.ErrOrStderr())
			if err != nil {
				return usage(err)
			}
			how.Remark = remarking(published)
			results, err := suite.Rejudge(args[0], how)
			if err != nil {
				return usage(err)
			}
			for _, r := range results {
				for _, change := range r.Changes {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", r.Report.Target.Name, change)
				}
			}
			if err := writePage(page, results); err != nil {
				return err
			}
			if err := show(formats, cmd.OutOrStdout(), args[0], results); err != nil {
				return harness(err)
			}
			return exitWith(suite.ExitCode(results))
		},
	}
	showIn(cmd, &names)
	schemasIn(cmd, &schemas)
	cmd.Flags().StringVar(&page, "page", "", "write the page of all that was recorded to `FILE`")
	cmd.Flags().StringVar(&by, "edition", "", "judge by this `EDITION` (default: the one that the run was judged by)")
	cmd.Flags().StringVar(&waivers, "waivers", "", "judge with the waivers of `FILE`, or of a built-in list")
	return cmd
}

// sparesRun says which file of the run, or of the waivers, the page would replace.
func sparesRun(page, run, waivers string) error {
	if page == "" {
		return nil
	}
	read, err := recordedIn("RUN", run)
	return errors.Join(err, spares([]named{{"--page", page}}, append(read, named{"--waivers", waivers})))
}

// writePage writes the page of a run that was judged again to a file; to none where name
// is "".
func writePage(name string, results []suite.Result) error {
	if name == "" {
		return nil
	}
	if len(results) > 1 {
		return usage(fmt.Errorf("--page: the run has %d targets; give the folder of one", len(results)))
	}
	r := results[0]
	err := durable.WriteFile(name, durable.Readable, func(w io.Writer) error {
		return reports.HTML(w, r.Report, r.Timelines(), r.Rerun)
	})
	if err != nil {
		return harness(err)
	}
	return nil
}
