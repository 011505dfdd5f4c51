// Command update has the Device at HOST:PORT look for an update and install it. With
// `ocfsim run --judge-clients` one sees what kind of Client it is.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"example.com/controller"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: update HOST:PORT")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	outcome, err := controller.Update(ctx, os.Args[1])
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "update:", err)
		os.Exit(1)
	}
	fmt.Println(outcome)
}
