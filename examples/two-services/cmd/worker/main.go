// Command worker makes a job of its own at a steady pace.
package main

import (
	"flag"
	"fmt"
	"log"
	"time"

	"example.com/two-services/internal/job"
)

func main() {
	every := flag.Duration("every", time.Minute, "time between two jobs")
	version := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *version {
		fmt.Println("worker", job.Version)
		return
	}
	for range time.Tick(*every) {
		fresh, err := job.New("tick")
		if err != nil {
			log.Fatal(err)
		}
		log.Println("done", fresh.ID)
	}
}
