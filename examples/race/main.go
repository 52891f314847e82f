// Command words counts words, those of each argument at the same time. All of them add to one variable without a lock:
// that is wrong on purpose, and words-race says so.
package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

func main() {
	var counting sync.WaitGroup
	words := 0
	for _, text := range os.Args[1:] {
		counting.Go(func() { words += len(strings.Fields(text)) })
	}
	counting.Wait()
	fmt.Println(words, "words")
}
