package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

// released is the version that the release program gave this program, through the linker.
// It is empty in every other build.
var released string

// version is released, or the version of the module that the Go tool recorded when it
// built this program, or "devel".
var version = buildVersion()

func buildVersion() string {
	if released != "" {
		return released
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, and what it was built from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from := cmp.Or(commit(cmd.Context()), "unknown")
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "ocfsim   %s\ncommit   %s\nedition  %s\nbuilt    by %s for %s/%s\n",
				version, from, suite.Edition, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
