// Palette serves a page that Node has built, and colours of a package that another program has written.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/palette/internal/colors"
	"example.com/palette/web"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "list" {
		for _, color := range colors.All {
			fmt.Println(color.Name, color.Hex)
		}
		fmt.Println(web.Title())
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(web.Files))
	mux.HandleFunc("GET /colors", func(w http.ResponseWriter, _ *http.Request) {
		for _, color := range colors.All {
			fmt.Fprintln(w, color.Name, color.Hex)
		}
	})
	address := ":" + os.Getenv("PORT")
	if address == ":" {
		address = ":8080"
	}
	log.Fatal(http.ListenAndServe(address, mux))
}
