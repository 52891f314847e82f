// Command storectl asks a store for a value.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: storectl KEY")
	}
	if os.Args[1] == "--version" {
		fmt.Println("storectl 1")
		return
	}
	answer, err := http.Get(cmp.Or(os.Getenv("STORE"), "http://127.0.0.1:8080") + "/" + os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		log.Fatal(err)
	}
}
