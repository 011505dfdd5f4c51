//go:build !unix

package durable

// SyncDir does nothing, because a folder cannot be synced here.
func SyncDir(string) error { return nil }
