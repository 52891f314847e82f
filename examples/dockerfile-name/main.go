// Command dockerfile-name shows that the description may be called Dockerfile, so that
// `docker build .` finds it without a flag.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	greeting := os.Getenv("GREETING")
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("dockerfile-name 1")
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, greeting) })
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8080"), nil))
}
