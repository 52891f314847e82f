// Command git-server serves bare git repositories below a folder to the end-to-end tests of private
// modules: over https with basic authentication, and over ssh with one accepted key. It is a real
// server: git's own http-backend and upload-pack do the work. A module proxy in a folder is served beside them.
//
//	git-server serve -root DIR -modules DIR -https ADDR -ssh ADDR -host NAME -password SECRET -state DIR
//	git-server sum DIR MODULE VERSION
//
// serve writes ca.pem, id_ed25519 (the client's key) and known_hosts into the state folder, prints
// "ready" and runs until its standard input ends. sum prints the go.sum lines of a module folder.
package main

import (
	"fmt"
	"os"
)

func main() {
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == "serve":
		err = serve(os.Args[2:])
	case len(os.Args) == 5 && os.Args[1] == "sum":
		err = sum(os.Args[2], os.Args[3], os.Args[4])
	default:
		err = fmt.Errorf("usage: git-server serve [flags] | sum DIR MODULE VERSION")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "git-server:", err)
		os.Exit(1)
	}
}
