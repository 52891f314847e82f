// Command hello answers every request with a greeting and the local time of the asked zone.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("hello 1")
		return
	}
	http.HandleFunc("GET /{name}", func(w http.ResponseWriter, req *http.Request) {
		zone, err := time.LoadLocation(req.URL.Query().Get("zone"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "Hello, %s! It is %s.\n", req.PathValue("name"), time.Now().In(zone).Format(time.RFC1123))
	})
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8080"), nil))
}
