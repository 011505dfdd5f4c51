// Systems reads the module as a compiler on another system would, and says what does not
// compile there. It generates no code and compiles no library: it checks the types in all
// sources, also in those of the standard library and of other modules.
//
//	go run -C .ci/tools ./systems darwin windows
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	bad := 0
	for _, system := range os.Args[1:] {
		n, err := check("../..", system)
		if err != nil {
			fmt.Fprintln(os.Stderr, "systems:", system+":", err)
			os.Exit(2)
		}
		bad += n
	}
	if bad > 0 {
		os.Exit(1)
	}
}

// check prints the errors in the packages of module on a system and returns how many
// there are.
func check(module, system string) (errors int, err error) {
	all, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesSizes,
		Dir: module, Env: append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
	}, "./...")
	if err != nil {
		return 0, err
	}
	if len(all) == 0 {
		return 0, fmt.Errorf("no packages in %s", module)
	}
	return packages.PrintErrors(all), nil
}
