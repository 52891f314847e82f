// Package greet is what both programs share.
package greet

// Line greets by name.
func Line(name string) string { return "Hello from " + name }
