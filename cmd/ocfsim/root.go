package main

import (
	"errors"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the version of the module that the Go tool recorded when it built this
// program, or "devel".
var version = buildVersion()

func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// newRoot makes `ocfsim` with all its commands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "ocfsim",
		Short: "Virtual OCF Devices, and a conformance harness for their software update",
		Long: `ocfsim is two things that meet only on the wire: virtual OCF Devices that
play scripted software updates over /oic/sec/pstat, and a harness that drives
any Device through scenarios, records what it sees and judges the record.

  ocfsim run --devices 10                 virtual Devices until interrupted
  ocfsim test                             the suite against embedded Devices
  ocfsim test --target lamp.yaml          the suite against your Device`,
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("expected a command"))
		},
	}
	root.AddGroup(
		&cobra.Group{ID: groupSuite, Title: "Conformance:"},
		&cobra.Group{ID: groupDevices, Title: "Devices:"},
	)
	add(root, groupSuite, newTest(), newInit(), newCheck(), newExplore(), newJudge(), newDiff(), newBundle(), newVerify(), newMatrix(), newDeviants(), newList())
	add(root, groupDevices, newRun(), newDiscover(), newOwn(), newDisown(), newRecover(), newUpdate(), newGet(), newPost(), newObserve())
	guard(root)
	return root
}

// The groups of `ocfsim --help`.
const (
	groupSuite   = "suite"
	groupDevices = "devices"
)

func add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
}
