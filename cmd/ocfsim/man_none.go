//go:build !man

package main

import "github.com/spf13/cobra"

// extra is empty: only a program with the tag man can write its man pages.
func extra() []*cobra.Command { return nil }
