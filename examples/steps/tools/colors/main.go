// Writes the package internal/colors from colors.txt.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	list, err := os.Open("colors.txt")
	if err != nil {
		log.Fatal(err)
	}
	defer list.Close()
	var code bytes.Buffer
	code.WriteString("// Code generated from colors.txt. DO NOT EDIT.\n\npackage colors\n\n")
	code.WriteString("// Color has a name.\ntype Color struct{ Name, Hex string }\n\n// All colors, in their order.\nvar All = []Color{\n")
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		name, hex, _ := strings.Cut(lines.Text(), " ")
		fmt.Fprintf(&code, "\t{%q, %q},\n", name, hex)
	}
	code.WriteString("}\n")
	if err := os.MkdirAll("internal/colors", 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("internal/colors/colors.go", code.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
