// Command worker says one line and ends.
package main

import (
	"fmt"

	"example.com/bake/internal/greet"
)

func main() { fmt.Println(greet.Line("worker")) }
