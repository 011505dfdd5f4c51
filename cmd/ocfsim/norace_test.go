//go:build !race

package main

var spared []string
