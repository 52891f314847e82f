// Command store keeps values in memory and serves them over HTTP.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	"example.com/store/internal/keys"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("store 1")
		return
	}
	var values sync.Map
	http.HandleFunc("PUT /{key}", func(w http.ResponseWriter, req *http.Request) {
		value, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
		if err != nil || !keys.Valid(req.PathValue("key")) {
			http.Error(w, "not a key and a value", http.StatusBadRequest)
			return
		}
		values.Store(req.PathValue("key"), value)
	})
	http.HandleFunc("GET /{key}", func(w http.ResponseWriter, req *http.Request) {
		value, ok := values.Load(req.PathValue("key"))
		if !ok {
			http.NotFound(w, req)
			return
		}
		_, _ = w.Write(value.([]byte))
	})
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8080"), nil))
}
