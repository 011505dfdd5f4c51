package main

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// serves serves a folder over HTTPS until the script ends.
func serves(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serves NAME DIR")
	}
	server := httptest.NewUnstartedServer(http.FileServer(http.Dir(ts.MkAbs(args[1]))))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // Clients that do not trust it
	server.StartTLS()
	ts.Defer(server.Close)
	authority := ts.MkAbs(args[0] + "-ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	ts.Check(os.WriteFile(authority, pem.EncodeToMemory(block), 0o644))
	ts.Setenv(args[0], server.URL)
	ts.Setenv(args[0]+"_CA", authority)
}
