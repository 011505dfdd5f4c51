package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// trusted starts `ocfsim source` beside the script and sets $NAME_HTTPS, $NAME_HTTP,
// $NAME_COAPS, $NAME_COAP, $NAME_CONTROL, $NAME_TRUST and $NAME_PSK. What it tells is in
// the file NAME.log once it is halted.
func trusted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: trusted NAME ARG...")
	}
	name := args[0]
	flags := append([]string{"source", "--json", "--trust", ts.MkAbs(name + ".pem"), "--psk", ts.MkAbs(name + ".psk")}, args[1:]...)
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, flags, nil, in, in)
		_ = in.Close()
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadBytes('\n')
	told := make(chan []byte, 1)
	go func() {
		rest, _ := io.ReadAll(lines) // up to the end of the source
		told <- rest
	}()
	end := sync.OnceFunc(func() {
		stop()
		ts.Check(os.WriteFile(ts.MkAbs(name+".log"), <-told, 0o644))
		if code := <-ended; code != 0 {
			ts.Logf("source %s: exit code %d", name, code)
		}
	})
	ts.Defer(end)
	ts.Value(haltKey{}).(map[string]func())[name] = end
	var r sourceReady
	if err != nil || json.Unmarshal(line, &r) != nil {
		ts.Fatalf("source %s: %s%v", name, line, err)
	}
	for suffix, value := range map[string]string{
		"_HTTPS": r.HTTPS, "_HTTP": r.HTTP, "_COAPS": r.CoAPS, "_COAP": r.CoAP, "_CONTROL": r.Control, "_TRUST": r.Trust, "_PSK": r.PSK,
	} {
		ts.Setenv(name+suffix, value)
	}
}
