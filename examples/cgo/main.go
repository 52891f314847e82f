// Command visits counts requests in a SQLite database. Its driver is written in C, so the service is built with cgo.
package main

import (
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net/http"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	addr := flag.String("addr", ":8080", "address to listen on")
	file := flag.String("db", "file::memory:?cache=shared", "database")
	once := flag.Bool("once", false, "count one visit, print it, and exit")
	flag.Parse()

	db, err := open(*file)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if *once {
		count, err := visit(db)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(count)
		return
	}
	http.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		count, err := visit(db)
		if err != nil {
			http.Error(w, "the database does not answer", http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, count)
	})
	log.Fatal(http.ListenAndServe(*addr, nil))
}

func open(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY)")
	return db, err
}

// visit notes a visit, and tells what SQLite is asked and how many there were.
func visit(db *sql.DB) (string, error) {
	if _, err := db.Exec("INSERT INTO visits DEFAULT VALUES"); err != nil {
		return "", err
	}
	var count int
	var version string
	err := db.QueryRow("SELECT count(*), sqlite_version() FROM visits").Scan(&count, &version)
	return fmt.Sprintf("visit %d, SQLite %s", count, version), err
}
