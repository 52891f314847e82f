// Command api answers HTTP requests.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/bake/internal/greet"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println(greet.Line("api"))
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, greet.Line("api")) })
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8080"), nil))
}
