// Package clients records what Clients do with the Devices of a fleet, and reports on each
// Client: package fleet, which sees them, and package client, which judges them, know
// nothing of one another.
package clients
