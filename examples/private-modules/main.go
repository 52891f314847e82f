// Command private-modules prints an id made by a module that the description treats as private.
package main

import (
	"fmt"

	"github.com/google/uuid"
)

func main() { fmt.Println(uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://example.com/"))) }
