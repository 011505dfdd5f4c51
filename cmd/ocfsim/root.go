package main

import (
	"github.com/spf13/cobra"
)

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
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddGroup(
		&cobra.Group{ID: groupSuite, Title: "Conformance:"},
		&cobra.Group{ID: groupDevices, Title: "Devices:"},
	)
	add(root, groupSuite, newTest(), newInit(), newCheck(), newExplore(), newJudge(), newDiff(), newBundle(), newVerify(), newMatrix(), newDeviants(), newList(), newDissector(), newVersion())
	add(root, groupDevices, newRun(), newSource(), newPackage(), newDiscover(), newOwn(), newDisown(), newRecover(), newUpdate(), newDrive(), newGet(), newPost(), newObserve())
	root.AddCommand(extra()...)
	completeAll(root)
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
